"""The traps: what each is called in docs/guides/django.md, what to write instead, and what it looks like in a project."""

import gc
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import import_module
from types import FunctionType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's own name
from django.core.management.base import CommandError
from django.http.request import validate_host
from django.utils.text import slugify

from divio_sites.checks.probe import BUCKET, DATABASE_NAME, MIRROR_DOMAIN, MIRROR_ID, Probe
from divio_sites.environment import SiteEnvironment

_SITE_ID = "Write `SITE_ID = int(os.environ.get('SITE_ID', 1))`"
_HOSTS = "Write `ALLOWED_HOSTS = [DOMAIN, *aliases, *redirects]`, from DOMAIN, DOMAIN_ALIASES and DOMAIN_REDIRECTS."
_ORIGINS = "Write `CSRF_TRUSTED_ORIGINS = [f'https://{host}' for host in ALLOWED_HOSTS]`"
_ONE_KEY = "Declare `SECRET_KEY: {secret: true}` under variables in estate.yaml, one for all sites; then silence this."
_ON_ORIGINAL = "Declare and install them only `if os.environ.get('ESTATE_ROLE') != 'mirror'`"
TRAPS = {
    "E001": ("The Sites framework is installed", "Write 'django.contrib.sites' into INSTALLED_APPS."),
    "E002": ("SITE_ID comes from the environment", f"{_SITE_ID}."),
    "E003": ("SITE_ID is 1 by default", f"{_SITE_ID}: the original's is 1, and a build has no variables."),
    "E004": ("Each site has a cache prefix", "Write `'KEY_PREFIX': f'site{SITE_ID}'` beside the cache's BACKEND."),
    "E005": ("ALLOWED_HOSTS follows the domains", _HOSTS),
    "E006": ("Cookies stay on their site", "Remove the setting: a cookie then belongs to the host that set it."),
    "E007": ("No site redirects to another", "Remove it, or write `SECURE_SSL_HOST = os.environ.get('DOMAIN')`."),
    "E008": ("SECRET_KEY is not made in the settings", "Write `SECRET_KEY = os.environ['SECRET_KEY']`."),
    "E009": ("Each site has its queue and its index", "Name it by site: `CELERY_TASK_DEFAULT_QUEUE = f'site{SITE_ID}'`."),
    "E010": ("The database follows DATABASE_URL", "Write `DATABASES = {'default': dj_database_url.config('DATABASE_URL')}`."),
    "E011": ("Media follow DEFAULT_STORAGE_DSN", "Use `django_storage_url.dsn_configured_storage`, one location for all."),
    "E012": ("Nothing deletes shared media", "Remove it; delete files by a command on the original, once all sites are level."),
    "E013": ("One program writes a site's row", "Remove ALDRYN_SITES_DOMAINS: `manage.py updatesite` writes the row."),
    "W001": ("The settings can be loaded", "Check where all packages of the project are, by --settings of the module for Divio."),
    "W002": ("ALLOWED_HOSTS is not a star", _HOSTS),
    "W003": ("CSRF_TRUSTED_ORIGINS follows the domain", f"{_ORIGINS} and SECURE_PROXY_SSL_HEADER."),
    "W004": ("Sites that share have one SECRET_KEY", _ONE_KEY),
    "W005": ("Jobs and queued mail run on the original", f"{_ON_ORIGINAL}; where a start command sees to it, silence this."),
    "W006": ("Addresses and senders follow the domain", "Make it of DOMAIN: `f\"web@{os.environ['DOMAIN']}\"`."),
    "W007": ("No cache keeps a Site", "Call `Site.objects.get_current()` where it is needed; Django keeps it meanwhile."),
    "W008": ("Each site knows its role", "Write `identity_variables: true` in estate.yaml."),
}  # fmt: skip
"""By id (E: wrong on every estate, W: on most): the heading in docs/guides/django.md, and a sentence with the code to write."""

# No other site reaches what is in the process or its container, or (Wagtail's index) beside rows that are shared anyway.
_OWN = re.compile("(?i)locmem|dummy|memory(:|ch|huey)|immediate|stub|simple_backend|whoosh|search.backends.database")
_INDEXES = ("HAYSTACK_CONNECTIONS", "WAGTAILSEARCH_BACKENDS", "ELASTICSEARCH_DSL", "OPENSEARCH_DSL")
_PARTS = ("CELERY_TASK_DEFAULT_QUEUE", "CELERY_DEFAULT_QUEUE", "TASK_DEFAULT_QUEUE", "CELERY_BROKER_TRANSPORT_OPTIONS")
# They keep schedules, jobs or mail in the shared database, for whoever comes first.
_SCHEDULERS = ("django_celery_beat", "django_apscheduler", "django_crontab", "django_cron", "django_q", "kronos")
_DATABASE_QUEUES = ("background_task", "procrastinate.contrib.django", "mailer", "post_office", "django_yubin")
_ADDRESSES = ("WAGTAILADMIN_BASE_URL", "META_SITE_DOMAIN", "SITE_DOMAIN", "SITE_URL", "BASE_URL", "CANONICAL_HOST")
_CRYPTO = ("django_cryptography", "encrypted_fields", "fernet_fields", "mirage")  # they encrypt with SECRET_KEY
# A function that uses one name of each of these keeps a Site, unless the cache's key most likely tells it.
_USES = {"get_current", "get_current_site", "Site"}, {"cache", "caches"}, {"set", "add", "get_or_set"}
_KEYS, _LRU = {"id", "pk", "site_id", "SITE_ID"}, type(lru_cache(repr))
_Findings = Iterator[tuple[str, str]]  # a trap's id, and a sentence without a secret that says what is so


@register("divio")
def check_traps(**_: Any) -> list[CheckMessage]:
    """Every trap that the environment, the settings and the project's code show.

    Django runs all checks before `runserver`, `migrate` and most other commands. There only the environment is looked at:
    the rest loads the settings in three processes of their own, which is work for `manage.py check`, in CI.
    """
    messages: list[CheckMessage] = []
    for trap, sentence in (*_check_identity(), *(_check_project() if sys.argv[1:2] == ["check"] else ())):
        title, remedy = TRAPS[trap]
        hint = f"{remedy} See docs/guides/django.md#{slugify(title)}."
        messages.append((Error if trap < "W" else Warning)(sentence, hint=hint, id=f"divio_sites.{trap}"))
    return messages


def _check_identity() -> _Findings:
    try:
        here = SiteEnvironment()
        SiteEnvironment(*(("ESTATE_SLUG", "ESTATE_ROLE") if here.site_id or here.domain else ()))  # set: this is Divio
    except CommandError as problem:
        yield "W008", str(problem)


def _check_project() -> _Findings:
    probe = Probe(settings.SETTINGS_MODULE)
    if probe.unseen:
        yield "W001", f"The settings cannot be loaded with all that Divio gives a site: {probe.unseen}."
    else:
        yield from _check_database_and_media(probe)
    if probe.mirror:
        yield from (*_check_site(probe), *_check_hosts(probe), *_check_services(probe), *_check_secret_key(probe))
    yield from _check_code()


def _check_site(probe: Probe) -> _Findings:
    mirror, without = probe.mirror, probe.without_site_id
    if not probe.installed("django.contrib.sites"):
        yield "E001", "INSTALLED_APPS lacks 'django.contrib.sites': no site finds its row in django_site."
    if mirror.get("SITE_ID") != MIRROR_ID:
        text = " as a number" if mirror.get("SITE_ID") == str(MIRROR_ID) else ""
        yield "E002", f"SITE_ID does not follow the variable SITE_ID{text}."
    elif "failure" in without:
        yield "E003", f"The settings cannot be loaded without the variable SITE_ID: {without['failure']}."
    elif without["SITE_ID"] != 1:
        yield "E003", "SITE_ID is not 1 where the variable SITE_ID is unset."
    rows = mirror.get("ALDRYN_SITES_DOMAINS") if probe.installed("aldryn_sites") else None
    if rows and rows.get(str(MIRROR_ID), {}).get("domain") != MIRROR_DOMAIN:
        yield "E013", "aldryn_sites writes ALDRYN_SITES_DOMAINS into django_site, and its domains do not follow DOMAIN."
    for app in probe.installed("multisite", "cachalot", "cacheops", "caching", "johnny"):
        yield "W007", f"{app} keeps rows of django_site in a cache, where a change that another site makes is not seen."
    for app in probe.installed("django_cleanup", "django_unused_media", "unused_media", "orphaned"):
        yield "E012", f"{app} deletes files that this site's code no longer uses; other sites may use them."


def _check_hosts(probe: Probe) -> _Findings:
    allowed, origins = list(probe.mirror["ALLOWED_HOSTS"]), probe.mirror["CSRF_TRUSTED_ORIGINS"]
    hosts = {"DOMAIN": "", "DOMAIN_ALIASES": "alias.", "DOMAIN_REDIRECTS": "redirect."}
    if lacking := [name for name, part in hosts.items() if not validate_host(part + MIRROR_DOMAIN, allowed)]:
        yield "E005", f"ALLOWED_HOSTS does not follow {', '.join(lacking)}: visitors of these domains get a 400."
    if "*" in allowed:  # Divio's router sends a site only its own domains; but no setting should rest on that alone
        yield "W002", "ALLOWED_HOSTS takes every host, not the domains of the site."
    if origins and not any(fnmatchcase(f"https://{MIRROR_DOMAIN}", origin) for origin in origins):
        yield "W003", "CSRF_TRUSTED_ORIGINS names other origins than the site's own: it does not follow DOMAIN."
    checked = any("Csrf" in name for name in probe.mirror["MIDDLEWARE"])
    if checked and not origins and not probe.mirror["SECURE_PROXY_SSL_HEADER"]:
        yield "W003", "Nothing tells Django of the https in front of it, so the CSRF check refuses every form."
    for name in probe.same("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN"):
        yield "E006", f"{name} is the same on every site: sites share a cookie, or browsers refuse it."
    for name in probe.same("SECURE_SSL_HOST", "PREPEND_WWW"):
        yield "E007", f"{name} is the same on every site: visitors are sent to a host that is not the site's."
    for name in probe.same("DEFAULT_FROM_EMAIL", "SERVER_EMAIL", *_ADDRESSES):
        if probe.mirror[name] not in ("webmaster@localhost", "root@localhost"):  # Django's defaults
            yield "W006", f"{name} is the same on every site: mail and links of each bear the name of one."


def _check_services(probe: Probe) -> _Findings:
    original, mirror = probe.original, probe.mirror
    for name in ("CACHES", "RQ_QUEUES", "CHANNEL_LAYERS", "TASKS", *_INDEXES):
        entries = mirror.get(name)
        for alias, entry in entries.items() if isinstance(entries, dict) else ():
            same = entry == (original.get(name) or {}).get(alias) and not _OWN.search(str(entry))
            if same and name != "CACHES":
                yield "E009", f"{name}[{alias!r}] is the same on every site: each takes what is the others'."
            elif same and mirror["CACHE_KEYS"].get(alias) == original["CACHE_KEYS"].get(alias):
                yield "E004", f"CACHES[{alias!r}] writes a key alike on every site: each reads what others stored."
    brokers = ["DRAMATIQ_BROKER", "HUEY", "Q_CLUSTER"]
    if not mirror.get("CELERY_TASK_ALWAYS_EAGER") and all(mirror.get(x) == original.get(x) for x in _PARTS):
        brokers += ["CELERY_BROKER_URL", "BROKER_URL"]
    for name in probe.same(*brokers):
        if not _OWN.search(str(mirror[name])):
            yield "E009", f"{name} leads to one queue for every site: each runs the others' tasks."
    for name in filter(mirror.get, ("CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE", "CRONJOBS", "CRON_CLASSES")):
        yield "W005", f"{name} has jobs on a mirror too: on a shared database every site runs each of them."
    for app in probe.installed(*_SCHEDULERS, *_DATABASE_QUEUES):
        yield "W005", f"{app} is installed on a mirror too: every site may run or send what is in the shared database."


def _check_database_and_media(probe: Probe) -> _Findings:
    if probe.mirror["DATABASES"].get("default", {}).get("NAME") != DATABASE_NAME:
        yield "E010", "DATABASES['default'] does not follow DATABASE_URL: a mirror has another database, or none."
    here, there, made = _storage(probe.mirror), _storage(probe.original), probe.mirror["DEFAULT_STORAGE"]
    if made.get("disk", "FileSystemStorage" in here):
        yield "E011", "Media are kept on the container's disk: no other site sees them, and a deployment loses them."
    elif BUCKET not in here:
        yield "E011", "The default storage does not follow DEFAULT_STORAGE_DSN: sites have no media in common."
    elif here != there:
        yield "E011", "The default storage differs between sites: files that one stored are missing on the others."


def _storage(site: dict[str, Any]) -> str:
    """All that tells where the default storage is; of a backend that could not be made here, any setting may."""
    default, made = site["STORAGES"].get("default", {}), site["DEFAULT_STORAGE"]
    opaque = not made.get("url") and not default.get("BACKEND", "").startswith("storages.")
    read = ("AWS_", "AZURE_", "GS_")  # what django-storages reads beside a storage's OPTIONS
    return str([default, made, *(v for k, v in site.items() if k.startswith(read) or (opaque and BUCKET in str(v)))])


def _check_secret_key(probe: Probe) -> _Findings:
    # Divio gives each environment of each application a SECRET_KEY of its own. That does no harm where cookies stay on
    # their site: each then reads only sessions and links that it made itself.
    shared = [f"{app} signs what it queues" for app in probe.installed("django_q")]
    shared += [f"sites share sessions by {name}" for name in probe.same("SESSION_COOKIE_DOMAIN")]
    fields = [field for model in apps.get_models() for field in model._meta.local_fields]
    shared += [f"{f} is encrypted" for f in fields if any(c.__module__.startswith(_CRYPTO) for c in type(f).__mro__)]
    if not probe.same("SECRET_KEY"):
        yield "E008", "Each site or process makes a SECRET_KEY of its own: no other reads the sessions that it signs."
    elif shared and probe.without_site_id.get("SECRET_KEY") not in (None, probe.mirror["SECRET_KEY"]):
        yield "W004", f"SECRET_KEY follows Divio's variable, another one on each site, but {', '.join(shared)}."


def _check_code() -> _Findings:
    """No function of the project keeps a `Site` in a cache: the names in compiled code tell.

    The functions are those of the modules that the settings name, and of all that these load.
    """
    paths = [f"{settings.ROOT_URLCONF}.", *settings.MIDDLEWARE]
    for engine in settings.TEMPLATES:
        paths += engine.get("OPTIONS", {}).get("context_processors", ())
    for path in paths:
        with suppress(Exception):  # what cannot be imported, Django itself says
            import_module(path.rpartition(".")[0])
    for function in gc.get_objects():
        if isinstance(function, (FunctionType, _LRU)):
            file = getattr(sys.modules.get(function.__module__ or ""), "__file__", None) or "-packages"
            names = _names(getattr(getattr(function, "__wrapped__", function), "__code__", None))
            if isinstance(function, _LRU):
                names = names - _KEYS | {"cache", "set"}
            if "-packages" not in file and not names & _KEYS and all(names & use for use in _USES):
                yield "W007", f"{function.__module__}.{function.__qualname__} keeps what it reads of a Site in a cache."


def _names(code: object) -> set[str]:
    return {*getattr(code, "co_names", ())}.union(*map(_names, getattr(code, "co_consts", ())))
