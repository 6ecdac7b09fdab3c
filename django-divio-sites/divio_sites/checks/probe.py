"""Load the project's settings as two sites of an estate would: what must follow a variable is seen to follow it.

A fixed `SITE_ID = 1` and one that is read from the environment look alike where the variable is unset, as in CI. So three
processes, each this file as a program, load the settings and nothing else, with the variables of made-up sites. No address
in them exists. What the processes print may hold secrets; only `Probe` reads it.
"""

import json
import os
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

DATABASE_NAME, BUCKET, MIRROR_DOMAIN = "probe_database_url", "probe-default-storage-dsn", "mirror.probe.example"
ORIGINAL_ID, MIRROR_ID = 904101, 904102
_SECONDS = 30
_SERVICES = {
    "DATABASE_URL": f"postgres://probe:probe@database-url.invalid:5432/{DATABASE_NAME}",
    # Divio sets both on every application; on a mirror this one is the mirror's own database.
    "DEFAULT_DATABASE_DSN": "postgres://probe:probe@default-database-dsn.invalid:5432/own",
    "DEFAULT_STORAGE_DSN": f"s3://PROBE:probe@{BUCKET}.s3.amazonaws.com/?auth=s3v4&domain={BUCKET}.example",
    # Divio wires no other service. Where CI has none, the settings still show what they would do with one.
    **dict.fromkeys(("CACHE_URL", "REDIS_URL", "CELERY_BROKER_URL", "BROKER_URL"), "redis://services.invalid:6379/0"),
}
_CELERY = ("broker_url", "task_default_queue", "broker_transport_options", "task_always_eager", "beat_schedule")


class Probe:
    """What the settings `module` (dotted name) are on an original, on its mirror, and without SITE_ID.

    Attributes:
        original, mirror: Settings by name; `failure` alone, a sentence's end without a secret, where they do not load.
        without_site_id: The original's without SITE_ID and with another SECRET_KEY.
        unseen: "", or why they do not load with a database, a storage and other services in the environment. Then the
            others are those without.
    """

    def __init__(self, module: str) -> None:
        self.unseen = ""
        for services in (_SERVICES, {}):
            sites = [_site("original", ORIGINAL_ID) | services, _site("mirror", MIRROR_ID) | services]
            sites.append(sites[0] | {"SITE_ID": None, "SECRET_KEY": "probe-two-" * 6})
            with ThreadPoolExecutor() as threads:
                self.original, self.mirror, self.without_site_id = threads.map(partial(_load, module), sites)
            failure = self.original.get("failure") or self.mirror.get("failure", "")
            self.unseen = self.unseen or failure
            if not failure:
                break

    def same(self, *names: str) -> bool:
        """Whether original and mirror agree in all of these settings."""
        return all(self.original.get(name) == self.mirror.get(name) for name in names)

    def installed(self, *apps: str) -> list[str]:
        """Which of these applications the mirror has in INSTALLED_APPS, also by a class of their configuration."""
        entries = [f"{entry}." for entry in self.mirror["INSTALLED_APPS"]]
        return [app for app in apps if any(entry.startswith(f"{app}.") for entry in entries)]


def _site(role: str, site_id: int) -> dict[str, str | None]:
    slug, domain = f"probe-{role}", f"{role}.probe.example"  # two below one: a cookie of both would show
    divio = {"DOMAIN": domain, "DOMAIN_ALIASES": f"alias.{domain}", "DOMAIN_REDIRECTS": f"redirect.{domain}"}
    estate = {"SITE_ID": str(site_id), "SITE_NAME": slug, "ESTATE_SLUG": slug, "ESTATE_ROLE": role}
    # What an estate usually declares for each site, by "{slug}" and "{domain}" in its `variables`.
    declared = {"CACHE_PREFIX": slug, "DEFAULT_FROM_EMAIL": f"mail@{domain}", "SERVER_EMAIL": f"mail@{domain}"}
    return {"STAGE": "live", "DEBUG": None, "SECRET_KEY": "probe-one-" * 6, **divio, **estate, **declared}


def _load(module: str, site: dict[str, str | None]) -> dict[str, Any]:
    environ = {name: value for name, value in {**os.environ, **site}.items() if value is not None}
    command = [sys.executable, "-IB", __file__, module, *sys.path]
    try:
        ended = subprocess.run(command, env=environ, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
        return dict(json.loads(ended.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        return {"failure": f"the process that loads them gave no answer within {_SECONDS} seconds"}


def _settings(module: str) -> dict[str, Any]:
    """The settings by name, and beside them what only Django and Celery can tell.

    `DEFAULT_STORAGE` is what that storage, once made, has come to, and `CACHE_KEYS` how each cache writes one and the same
    key, where the backend can be made here. `CELERY_*` is what the project's Celery says, if the settings load it.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    if "DJANGO_CONFIGURATION" in os.environ:  # django-configurations: settings are a class
        import_module("configurations.importer").install()
    from django.conf import settings  # noqa: PLC0415 - only now is it known where they are
    from django.core.cache import caches  # noqa: PLC0415
    from django.core.files.storage import FileSystemStorage, storages  # noqa: PLC0415

    found = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    found |= {"STORAGES": storages.backends, "DEFAULT_STORAGE": None, "CACHE_KEYS": {}}  # 4.2: DEFAULT_FILE_STORAGE too
    with suppress(Exception):  # a backend may fail in any way; then its settings are compared instead
        storage = storages["default"]
        made = found["DEFAULT_STORAGE"] = {"options": vars(storage), "disk": isinstance(storage, FileSystemStorage)}
        made["url"] = storage.url("key")
    for alias in settings.CACHES:
        with suppress(Exception):
            found["CACHE_KEYS"][alias] = caches[alias].make_key("key")
    celery = sys.modules.get("celery")
    if celery and celery.current_app.main != "default":  # "default" is Celery's own, where a project made none
        found |= {f"CELERY_{name.upper()}": celery.current_app.conf.get(name) for name in _CELERY}
    return found


def _plain(value: object) -> object:
    """What JSON keeps of an object that it does not know: a set's items, a path, else the name of its class."""
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    named = value if hasattr(value, "__qualname__") else type(value)
    return os.fspath(value) if isinstance(value, os.PathLike) else f"{named.__module__}.{named.__qualname__}"


def _failure(error: BaseException) -> str:
    """The error's kind, what it names and its line in the project; never its text, which may quote a secret."""
    here, cause = Path.cwd(), error
    while not isinstance(cause, ImportError) and cause.__context__:
        cause = cause.__context__  # a message that asks for a package mostly stands in `except ImportError`
    name = getattr(cause if isinstance(cause, ImportError) else error, "name", None)
    lines = [f for f in traceback.extract_tb(error.__traceback__) if here in Path(f.filename).parents]
    where = [f"in {Path(line.filename).relative_to(here)}:{line.lineno}" for line in lines[-1:]]
    return " ".join(["they ended with", type(error).__name__, *([f"({name})"] if name else []), *where])


if __name__ == "__main__":
    answer = os.dup(1)
    os.dup2(2, 1)  # what the settings themselves print goes nowhere
    sys.path[:] = sys.argv[2:]
    try:
        said = json.dumps(_settings(sys.argv[1]), default=_plain, skipkeys=True)
    except BaseException as failure:  # noqa: BLE001 - settings may end in any way, sys.exit() included
        said = json.dumps({"failure": _failure(failure)})
    with os.fdopen(answer, "w") as out:
        out.write(said)
    os._exit(0)  # nothing that the settings started, such as an error reporter, says good-bye to anybody
