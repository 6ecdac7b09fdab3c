"""Load the project's settings as two sites of an estate would: what must follow a variable is seen to follow it.

A fixed `SITE_ID = 1` and one that is read from the environment look alike where the variable is unset, as in CI. So three
processes load the settings and nothing else, with the variables of made-up sites: an original; a mirror on the original's
database and storage; the original without SITE_ID and with another SECRET_KEY. No address in them exists.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

Settings = Mapping[str, Any]
"""Settings by name, as `settings_dump.dump` says."""

DATABASE_NAME, OTHER_DATABASE_NAME = "probe_database_url", "probe_default_database_dsn"
BUCKET, MIRROR_DOMAIN = "probe-default-storage-dsn", "mirror.probe.example"
ORIGINAL_ID, MIRROR_ID = 904101, 904102

_SECONDS = 30
_SHARED = {
    "DATABASE_URL": f"postgres://probe:probe@database-url.invalid:5432/{DATABASE_NAME}",
    # Divio sets both on every application; on a mirror this one is the mirror's own database.
    "DEFAULT_DATABASE_DSN": f"postgres://probe:probe@default-database-dsn.invalid:5432/{OTHER_DATABASE_NAME}",
    "DEFAULT_STORAGE_DSN": f"s3://PROBE:probe@{BUCKET}.s3.amazonaws.com/?auth=s3v4&domain={BUCKET}.example",
    # Divio wires no other service. Where CI has none, the settings still show what they would do with one.
    **dict.fromkeys(("CACHE_URL", "REDIS_URL", "CELERY_BROKER_URL", "BROKER_URL"), "redis://services.invalid:6379/0"),
}


def _site(role: str, site_id: int) -> dict[str, str | None]:
    slug, domain = f"probe-{role}", f"{role}.probe.example"  # two below one: a cookie of both would show
    divio = {"DOMAIN": domain, "DOMAIN_ALIASES": f"alias.{domain}", "DOMAIN_REDIRECTS": f"redirect.{domain}"}
    estate = {"SITE_ID": str(site_id), "SITE_NAME": slug, "ESTATE_SLUG": slug, "ESTATE_ROLE": role}
    # What an estate usually declares for each site, by "{slug}" and "{domain}" in its `variables`.
    declared = {"CACHE_PREFIX": slug, "DEFAULT_FROM_EMAIL": f"mail@{domain}", "SERVER_EMAIL": f"mail@{domain}"}
    return {"STAGE": "live", "SECRET_KEY": "probe-one-" * 6, **divio, **estate, **declared}


@dataclass(frozen=True)
class Probe:
    """The settings on an original and on its mirror.

    Attributes:
        without_site_id: On the original without SITE_ID and with another SECRET_KEY, or why they do not load there.
        unseen: "", or why they load only where no database, storage or other service is added to this environment.
    """

    original: Settings
    mirror: Settings
    without_site_id: Settings | str
    unseen: str

    def same(self, *names: str) -> bool:
        """Whether original and mirror agree in all of these settings."""
        return all(self.original.get(name) == self.mirror.get(name) for name in names)

    def installed(self, *apps: str) -> list[str]:
        """Which of these applications the mirror has in INSTALLED_APPS, also by a class of their configuration."""
        entries = [f"{entry}." for entry in self.mirror["INSTALLED_APPS"]]
        return [app for app in apps if any(entry.startswith(f"{app}.") for entry in entries)]


def probe(module: str) -> Probe | str:
    """The settings `module` (dotted name) on these sites, or why they cannot be seen: a sentence's end, no secret in it."""
    unseen = ""
    for shared in (_SHARED, {}):
        sites = [_site("original", ORIGINAL_ID) | shared, _site("mirror", MIRROR_ID) | shared]
        sites.append(sites[0] | {"SITE_ID": None, "SECRET_KEY": "probe-two-" * 6})
        with ThreadPoolExecutor() as threads:
            original, mirror, without_site_id = threads.map(partial(_load, module), sites)
        if not isinstance(original, str) and not isinstance(mirror, str):
            return Probe(original, mirror, without_site_id, unseen)
        unseen = unseen or (original if isinstance(original, str) else str(mirror))
    return unseen


def _load(module: str, site: dict[str, str | None]) -> Settings | str:
    environ = {**os.environ, **site, "DEBUG": None}  # Divio sets no DEBUG
    given = {name: value for name, value in environ.items() if value is not None}
    command = [sys.executable, "-IB", str(Path(__file__).with_name("settings_dump.py")), module, *sys.path]
    try:
        ended = subprocess.run(command, env=given, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
        said = json.loads(ended.stdout)
    except subprocess.TimeoutExpired:
        return f"they did not load within {_SECONDS} seconds"
    except (OSError, ValueError):
        return "the process that loads them ended without an answer"
    return said.get("settings") or f"they ended with {said['failure']}"
