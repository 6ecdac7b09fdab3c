"""Traps on the way to what all sites share: the database, the media, and what SECRET_KEY signs."""

from django.apps import apps

from divio_sites.checks.probe import BUCKET, DATABASE_NAME, OTHER_DATABASE_NAME, Probe, Settings
from divio_sites.checks.traps import Findings

_DELETING_APPS = ("django_cleanup", "django_unused_media", "unused_media", "orphaned")
_STORAGE_SETTINGS = ("AWS_", "AZURE_", "GS_")  # what django-storages reads beside a storage's OPTIONS
_CRYPTO = ("django_cryptography", "encrypted_fields", "fernet_fields", "mirage")  # with SECRET_KEY


def check(probe: Probe) -> Findings:
    """Every site has the original's database and media, nothing deletes these, and one SECRET_KEY signs what is shared."""
    if not probe.unseen:
        name = probe.mirror["DATABASES"].get("default", {}).get("NAME")
        if name == OTHER_DATABASE_NAME:
            yield "E010", "DATABASES['default'] follows DEFAULT_DATABASE_DSN, which is a mirror's own database."
        elif name != DATABASE_NAME:
            yield "E010", "DATABASES['default'] does not follow DATABASE_URL: sites have no database in common."
        yield from _check_storage(probe)
    for app in probe.installed(*_DELETING_APPS):
        yield "E012", f"{app} deletes files that this site's code no longer uses; other sites may use them."
    yield from _check_secret_key(probe)


def _check_storage(probe: Probe) -> Findings:
    made = probe.mirror["DEFAULT_STORAGE"]
    if made["disk"] if made else "FileSystemStorage" in str(probe.mirror["STORAGES"].get("default")):
        yield "E011", "Media are kept on the container's disk: no other site sees them, and a deployment loses them."
    elif BUCKET not in _storage(probe.mirror):
        yield "E011", "The default storage does not follow DEFAULT_STORAGE_DSN: sites have no media in common."
    elif _storage(probe.mirror) != _storage(probe.original):
        yield "E011", "The default storage differs between sites: files that one stored are missing on the others."


def _storage(settings: Settings) -> str:
    # All that tells where the default storage is; of a backend that could not be made here, any setting may.
    default, made = settings["STORAGES"].get("default", {}), settings["DEFAULT_STORAGE"]
    opaque = not (made and made.get("url")) and not default.get("BACKEND", "").startswith("storages.")
    read = [v for name, v in settings.items() if name.startswith(_STORAGE_SETTINGS) or (opaque and BUCKET in str(v))]
    return str([default, made, read])


def _check_secret_key(probe: Probe) -> Findings:
    # Divio gives each environment of each application a SECRET_KEY of its own. That does no harm where cookies stay on
    # their site: each then reads only sessions and links that it made itself.
    without = probe.without_site_id
    if not probe.same("SECRET_KEY"):
        yield "E008", "Each site or process makes a SECRET_KEY of its own: no other reads the sessions that it signs."
    elif not isinstance(without, str) and without["SECRET_KEY"] != probe.mirror["SECRET_KEY"]:
        shared = [f"{app} signs what it queues" for app in probe.installed("django_q")]
        if probe.mirror["SESSION_COOKIE_DOMAIN"] and probe.same("SESSION_COOKIE_DOMAIN"):
            shared.append("sites share sessions by SESSION_COOKIE_DOMAIN")
        fields = [field for model in apps.get_models() for field in model._meta.local_fields]
        shared += [
            f"{f} is encrypted" for f in fields if any(c.__module__.startswith(_CRYPTO) for c in type(f).__mro__)
        ]
        if shared:
            yield "W004", f"SECRET_KEY follows Divio's variable, another one on each site, but {', '.join(shared)}."
