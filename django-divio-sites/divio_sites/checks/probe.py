"""Load the project's settings as two sites of an estate would: what must follow a variable is seen to follow it.

A fixed `SITE_ID = 1` and one that is read from the environment look alike where the variable is unset, as in CI. So three
processes, each this file as a program, load the settings and nothing else, with the variables of made-up sites. No address
in them exists. What these processes print may hold secrets; only the checks read it.
"""

import json
import os
import re
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

DATABASE_NAME, BUCKET, MIRROR_DOMAIN = "probe_database_url", "probe-default-storage-dsn", "mirror.probe.example"
MIRROR_ID, SECRET_KEY = 904102, "probe-one-" * 6
_SECONDS = 30
_SERVICES = {
    "DATABASE_URL": f"postgres://probe:probe@database-url.invalid:5432/{DATABASE_NAME}",
    # Divio sets both on every application; on a mirror this one is the mirror's own database.
    "DEFAULT_DATABASE_DSN": "postgres://probe:probe@default-database-dsn.invalid:5432/own",
    "DEFAULT_STORAGE_DSN": f"s3://PROBE:probe@{BUCKET}.s3.amazonaws.com/?auth=s3v4&domain={BUCKET}.example",
    # Divio wires no other service. Where CI has none, the settings still show what they would do with one.
    **dict.fromkeys(("CACHE_URL", "REDIS_URL", "CELERY_BROKER_URL", "BROKER_URL"), "redis://services.invalid:6379/0"),
}
_CELERY = ("broker_url", "broker_transport_options", "task_default_queue", "task_always_eager", "beat_schedule")
Settings = dict[str, Any]


def load(module: str) -> tuple[Any, ...]:
    """What the settings `module` are on an original, on its mirror, and on the original without SITE_ID.

    Each has settings by name, or `failure` alone: a sentence's end, without a secret. The first item is "", or why they do
    not load with a database, a storage and other services; then the others are without these.
    """
    unseen, found = "", list[Settings]()
    for services in (_SERVICES, {}):
        sites = [_site("original", MIRROR_ID - 1) | services, _site("mirror", MIRROR_ID) | services]
        with ThreadPoolExecutor() as threads:
            found = list(threads.map(lambda site: _load(module, site), [*sites, sites[0] | {"SITE_ID": None}]))
        if not (failure := found[0].get("failure") or found[1].get("failure")):
            break
        unseen = unseen or failure
    return unseen, *found


def _site(role: str, site_id: int) -> dict[str, str | None]:
    slug, domain = f"probe-{role}", f"{role}.probe.example"  # two below one: a cookie of both would show
    divio = {"DOMAIN": domain, "DOMAIN_ALIASES": f"alias.{domain}", "DOMAIN_REDIRECTS": f"redirect.{domain}"}
    estate = {"SITE_ID": str(site_id), "SITE_NAME": slug, "ESTATE_SLUG": slug, "ESTATE_ROLE": role}
    # What an estate usually declares for each site, by "{slug}" and "{domain}" in its `variables`.
    declared = {"CACHE_PREFIX": slug, "DEFAULT_FROM_EMAIL": f"mail@{domain}", "SERVER_EMAIL": f"mail@{domain}"}
    return {"STAGE": "live", "DEBUG": None, "SECRET_KEY": SECRET_KEY, **divio, **estate, **declared}


def _load(module: str, site: dict[str, str | None]) -> Settings:
    environ = {name: value for name, value in {**os.environ, **site}.items() if value is not None}
    command = [sys.executable, "-IB", __file__, module, *sys.path]
    try:
        ended = subprocess.run(command, env=environ, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
        return dict(json.loads(ended.stdout.rpartition(b"\n")[2]))
    except (subprocess.TimeoutExpired, ValueError):
        return {"failure": f"the process that loads them gave no answer within {_SECONDS} seconds"}


def _settings(module: str) -> Settings:
    """The settings by name; CACHES with how each writes one and the same key, MEDIA with what the default storage is."""
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    if "DJANGO_CONFIGURATION" in os.environ:  # django-configurations: settings are a class
        import_module("configurations.importer").install()
    from django.conf import settings  # noqa: PLC0415 - only now is it known where they are
    from django.core.cache import caches  # noqa: PLC0415
    from django.core.files.storage import FileSystemStorage, storages  # noqa: PLC0415

    found = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    found |= dict.fromkeys(settings.INSTALLED_APPS, "installed")
    default: Any = storages.backends.get("default", {})  # of DEFAULT_FILE_STORAGE in Django 4.2
    # A backend may fail in any way; then all settings that it may read are compared instead.
    found["MEDIA"] = [default, *(value for value in found.values() if BUCKET in str(value))]
    found["ON_DISK"] = "FileSystemStorage" in str(default)
    with suppress(Exception):
        found["MEDIA"] = [vars(storages["default"])]
        found["ON_DISK"] = isinstance(storages["default"], FileSystemStorage)
        found["MEDIA"].append(storages["default"].url("key"))
    for alias, entry in settings.CACHES.items():
        with suppress(Exception):  # the same key in the same place is what sites would share
            key, place = caches[alias].make_key("key"), [entry["BACKEND"], entry.get("LOCATION")]
            found["CACHES"] = found["CACHES"] | {alias: {"KEY": key, "PLACE": place}}
    with suppress(Exception):  # Celery may be configured in a module of its own, by convention this one
        import_module(f"{module.partition('.')[0]}.celery")
    celery = getattr(sys.modules.get("celery"), "current_app", None)
    if celery and celery.main != "default":  # what Celery calls an application that nobody made
        found |= {f"CELERY_{name.upper()}": getattr(celery.conf, name) for name in _CELERY}
    return found


def _plain(value: object) -> str:
    """An object that JSON does not know, as text that is the same in every process."""
    return re.sub(" at 0x[0-9a-f]+", "", str(sorted(value, key=str) if isinstance(value, (set, frozenset)) else value))


def _failure(error: BaseException) -> str:
    """The error's kind, the package that it lacks and its line in the project; never its text, which may quote a secret."""
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    lines = [f" in {path.relative_to(Path.cwd())}:{line}" for path, line in frames if Path.cwd() in path.parents]
    package = f" ({error.name})" if isinstance(error, ImportError) else ""
    return f"they ended with {type(error).__name__}{package}{''.join(lines[-1:])}"


if __name__ == "__main__":
    sys.path[:] = sys.argv[2:]
    try:
        said = json.dumps(_settings(sys.argv[1]), default=_plain, skipkeys=True)
    except BaseException as failure:  # noqa: BLE001 - settings may end in any way, sys.exit() included
        said = json.dumps({"failure": _failure(failure)})
    os.write(1, f"\n{said}".encode())  # on a line of its own: settings may print too
    os._exit(0)  # nothing that the settings started, such as an error reporter, says good-bye to anybody
