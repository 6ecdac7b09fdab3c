"""Load the project's settings as two sites of an estate would: what must follow a variable is seen to follow it.

A fixed `SITE_ID = 1` and one that is read from the environment look alike where the variable is unset, as in CI. So three
processes, each this file as a program, load the settings and nothing else, with the variables of made-up sites. No address
in them exists. What these processes print may hold secrets; only `Probe` reads it.
"""

import json
import os
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

DATABASE_NAME, BUCKET, MIRROR_DOMAIN = "probe_database_url", "probe-default-storage-dsn", "mirror.probe.example"
MIRROR_ID = 904102
_SECONDS = 30
_SERVICES = {
    "DATABASE_URL": f"postgres://probe:probe@database-url.invalid:5432/{DATABASE_NAME}",
    # Divio sets both on every application; on a mirror this one is the mirror's own database.
    "DEFAULT_DATABASE_DSN": "postgres://probe:probe@default-database-dsn.invalid:5432/own",
    "DEFAULT_STORAGE_DSN": f"s3://PROBE:probe@{BUCKET}.s3.amazonaws.com/?auth=s3v4&domain={BUCKET}.example",
    # Divio wires no other service. Where CI has none, the settings still show what they would do with one.
    **dict.fromkeys(("CACHE_URL", "REDIS_URL", "CELERY_BROKER_URL", "BROKER_URL"), "redis://services.invalid:6379/0"),
}


class Probe:
    """What the settings `module` are on an `original`, on its `mirror`, and on the original `without_site_id`.

    Each has settings by name, or `failure` alone: a sentence's end, without a secret. `unseen` is "", or why they do not
    load with a database, a storage and other services; then the others are without these, and `mirror` may be empty.
    """

    def __init__(self, module: str) -> None:
        self.unseen = ""
        for services in (_SERVICES, {}):
            sites = [_site("original", MIRROR_ID - 1) | services, _site("mirror", MIRROR_ID) | services]
            sites.append(sites[0] | {"SITE_ID": None, "SECRET_KEY": "probe-two-" * 6})
            with ThreadPoolExecutor() as threads:
                self.original, self.mirror, self.without_site_id = threads.map(lambda site: _load(module, site), sites)
            if not (failure := self.original.get("failure") or self.mirror.get("failure")):
                return
            self.unseen, self.mirror = self.unseen or failure, {}

    def same(self, *names: str) -> list[str]:
        """Which of these settings the mirror has with the same value as the original."""
        return [name for name in names if self.mirror.get(name) and self.mirror[name] == self.original.get(name)]

    def installed(self, *apps: str) -> list[str]:
        """Which of these applications the mirror has in INSTALLED_APPS, also by a class of their configuration."""
        return [
            app for app in apps if any(f"{entry}.".startswith(f"{app}.") for entry in self.mirror["INSTALLED_APPS"])
        ]


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
        return dict(json.loads(ended.stdout.rpartition(b"\n")[2]))
    except (subprocess.TimeoutExpired, ValueError):
        return {"failure": f"the process that loads them gave no answer within {_SECONDS} seconds"}


def _settings(module: str) -> dict[str, Any]:
    """The settings by name, what their default storage has come to, and how each cache writes one and the same key."""
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    if "DJANGO_CONFIGURATION" in os.environ:  # django-configurations: settings are a class
        import_module("configurations.importer").install()
    from django.conf import settings  # noqa: PLC0415 - only now is it known where they are
    from django.core.cache import caches  # noqa: PLC0415
    from django.core.files.storage import FileSystemStorage, storages  # noqa: PLC0415

    found = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    found |= {"STORAGES": storages.backends, "DEFAULT_STORAGE": {}, "CACHE_KEYS": {}}  # 4.2: DEFAULT_FILE_STORAGE too
    with suppress(Exception):  # a backend may fail in any way; then its settings are compared instead
        storage = storages["default"]
        found["DEFAULT_STORAGE"] |= {"options": vars(storage), "disk": isinstance(storage, FileSystemStorage)}
        found["DEFAULT_STORAGE"]["url"] = storage.url("key")
    for alias in settings.CACHES:
        with suppress(Exception):
            found["CACHE_KEYS"][alias] = caches[alias].make_key("key")
    return found


def _plain(value: object) -> object:
    """What JSON keeps of an object that it does not know: a set's items, a path, else the name of its class."""
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    named = value if hasattr(value, "__qualname__") else type(value)
    return os.fspath(value) if isinstance(value, os.PathLike) else f"{named.__module__}.{named.__qualname__}"


def _failure(error: BaseException) -> str:
    """The error's kind, the package that it lacks and its line in the project; never its text, which may quote a secret."""
    here, lack, where = Path.cwd(), error, ""
    for frame in traceback.extract_tb(error.__traceback__):
        if here in (path := Path(frame.filename)).parents:
            where = f" in {path.relative_to(here)}:{frame.lineno}"
    while not isinstance(lack, ImportError) and lack.__context__:
        lack = lack.__context__  # what asks for a package in words mostly stands below `except ImportError`
    package = f" ({lack.name})" if isinstance(lack, ImportError) else ""
    return f"they ended with {type(error).__name__}{package}{where}"


if __name__ == "__main__":
    sys.path[:] = sys.argv[2:]
    try:
        said = json.dumps(_settings(sys.argv[1]), default=_plain, skipkeys=True)
    except BaseException as failure:  # noqa: BLE001 - settings may end in any way, sys.exit() included
        said = json.dumps({"failure": _failure(failure)})
    os.write(1, f"\n{said}".encode())  # on a line of its own: settings may print too
    os._exit(0)  # nothing that the settings started, such as an error reporter, says good-bye to anybody
