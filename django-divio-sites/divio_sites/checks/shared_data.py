"""Traps on the way to what all sites share: the database, the media storage, and what SECRET_KEY signs in them."""

from django.apps import apps

from divio_sites.checks.probe import BUCKET, DATABASE_NAME, OTHER_DATABASE_NAME, Probe, Settings
from divio_sites.checks.traps import Findings

_DELETING_APPS = ("django_cleanup", "django_unused_media", "unused_media", "orphaned")
# What django-storages reads beside a storage's OPTIONS.
_STORAGE_SETTINGS = ("AWS_", "AZURE_", "GS_")
# Fields of these packages encrypt with SECRET_KEY.
_ENCRYPTION = {"django_cryptography", "encrypted_fields", "fernet_fields", "mirage"}


def check_database(probe: Probe) -> Findings:
    """The default database is what DATABASE_URL names, in the same way on every site."""
    original, mirror = (settings["DATABASES"]["default"] for settings in (probe.original, probe.mirror))
    if mirror.get("NAME") == OTHER_DATABASE_NAME:
        yield "E010", "DATABASES['default'] follows DEFAULT_DATABASE_DSN, which on a mirror is a database of its own."
    elif mirror.get("NAME") != DATABASE_NAME:
        yield "E010", "DATABASES['default'] does not follow DATABASE_URL: sites do not share the original's database."
    elif any(
        (original.get("OPTIONS") or {}).get(name) != (mirror.get("OPTIONS") or {}).get(name) for name in ("options",)
    ):
        yield (
            "E010",
            "DATABASES['default'] names another schema on every site: they do not share the original's tables.",
        )


def check_storage(probe: Probe) -> Findings:
    """Media are in the storage that DEFAULT_STORAGE_DSN names, in one place, and no application deletes them."""
    made = probe.mirror["DEFAULT_STORAGE"]
    if made["disk"] if made else "FileSystemStorage" in probe.mirror["STORAGES"]["default"]["BACKEND"]:
        yield "E011", "Media are kept on the container's disk: no other site sees them, and a deployment loses them."
    elif BUCKET not in _storage(probe.mirror):
        yield (
            "E011",
            "The default storage does not follow DEFAULT_STORAGE_DSN: sites do not share the original's media.",
        )
    elif _storage(probe.mirror) != _storage(probe.original):
        yield "E011", "The default storage differs between sites: files that one stored are missing on the others."
    for app in probe.installed(*_DELETING_APPS):
        yield "E012", f"{app} deletes files that this site's code no longer uses; other sites may use them."


def check_secret_key(probe: Probe) -> Findings:
    """SECRET_KEY is one on all sites where they read what another one signed.

    Divio gives each environment of each application a SECRET_KEY of its own. That does no harm where cookies stay on their
    site: each then reads only sessions and links that it made itself.
    """
    if not probe.same("SECRET_KEY"):
        yield (
            "E008",
            "Each site or process makes a SECRET_KEY of its own, whatever the variable says: no other reads what it signs.",
        )
    elif (
        not isinstance(probe.without_site_id, str) and probe.without_site_id["SECRET_KEY"] != probe.mirror["SECRET_KEY"]
    ):
        shared = [f"{app} signs what it queues" for app in probe.installed("django_q")]
        if probe.mirror["SESSION_COOKIE_DOMAIN"] and probe.same("SESSION_COOKIE_DOMAIN"):
            shared.append("sites share sessions by SESSION_COOKIE_DOMAIN")
        shared += [f"{field} is encrypted in the shared database" for field in _encrypted_fields()]
        if shared:
            yield "W004", f"SECRET_KEY is Divio's, another one on each site, but {', '.join(shared)}."


def _storage(settings: Settings) -> str:
    made = settings["DEFAULT_STORAGE"]
    # A backend that cannot be made here may read any setting.
    read = [v for k, v in settings.items() if k.startswith(_STORAGE_SETTINGS) or (not made and BUCKET in str(v))]
    return str([settings["STORAGES"]["default"], made, read])


def _encrypted_fields() -> list[str]:
    return [
        f"{model._meta.label}.{field.name}"  # noqa: SLF001 - Django documents it
        for model in apps.get_models()
        for field in model._meta.local_fields  # noqa: SLF001
        if _ENCRYPTION & {base.__module__.partition(".")[0] for base in type(field).__mro__}
    ]
