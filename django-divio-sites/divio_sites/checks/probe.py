"""Load the project's settings as two sites of an estate would: what must follow a variable is seen to follow it.

A fixed `SITE_ID = 1` and one that is read from the environment look alike where the variable is unset, as in CI. So three
processes load the settings and nothing else, each with the variables of a made-up site: an original; a mirror, which has
the original's database and storage and everything else of its own; and the original once more without SITE_ID and with
another SECRET_KEY. None of the addresses exists, and nothing connects to any unless the settings do.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Settings = Mapping[str, Any]
"""Settings by name, as `settings_dump.dump` says."""

DATABASE_NAME, OTHER_DATABASE_NAME = "probe_database_url", "probe_default_database_dsn"
BUCKET = "probe-default-storage-dsn"
ORIGINAL_ID, MIRROR_ID = 904101, 904102
MIRROR_DOMAIN = "probe-mirror.example"

_SECONDS = 30
_ENVIRONMENT = {"STAGE": "live", "SECRET_KEY": "probe-one-" * 6}
_SHARED = {
    "DATABASE_URL": f"postgres://probe:probe@database-url.invalid:5432/{DATABASE_NAME}",
    # Divio sets both on every application; on a mirror this one is the mirror's own database.
    "DEFAULT_DATABASE_DSN": f"postgres://probe:probe@default-database-dsn.invalid:5432/{OTHER_DATABASE_NAME}",
    "DEFAULT_STORAGE_DSN": f"s3://PROBE:probe@{BUCKET}.s3.amazonaws.com/?auth=s3v4&domain={BUCKET}.example",
    # Divio wires no other service. Where CI has none, the settings still show what they would do with one.
    **dict.fromkeys(("CACHE_URL", "REDIS_URL", "CELERY_BROKER_URL", "BROKER_URL"), "redis://services.invalid:6379/0"),
    **{"MEMCACHED_URL": "memcached://services.invalid:11211", "ELASTICSEARCH_URL": "http://services.invalid:9200"},
}


def _site(role: str, site_id: int) -> dict[str, str]:
    slug, domain = f"probe-{role}", f"probe-{role}.example"
    return {
        **{"SITE_ID": str(site_id), "SITE_NAME": slug, "ESTATE_SLUG": slug, "ESTATE_ROLE": role, "DOMAIN": domain},
        **{"DOMAIN_ALIASES": f"alias.{domain}", "DOMAIN_REDIRECTS": f"redirect.{domain}"},
        # What an estate usually declares for each site, by "{slug}" and "{domain}" in its `variables`.
        **{"CACHE_PREFIX": slug, "DEFAULT_FROM_EMAIL": f"mail@{domain}", "SERVER_EMAIL": f"mail@{domain}"},
    }


@dataclass(frozen=True)
class Probe:
    """What the settings are on three made-up sites.

    Attributes:
        original: On an original.
        mirror: On its mirror.
        without_site_id: On the original without SITE_ID and with another SECRET_KEY, or why they do not load there.
        unseen: "", or why they load only where no database, storage or other service is given, as they were then.
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
        entries = self.mirror["INSTALLED_APPS"]
        return [app for app in apps if any(entry == app or entry.startswith(f"{app}.") for entry in entries)]


def probe(module: str) -> Probe | str:
    """Load the settings `module` (dotted name) on three sites at once, for half a minute at most.

    Returns:
        What the settings are, or why they cannot be seen: the end of a sentence without a secret.
    """
    unseen = ""
    for shared in (_SHARED, {}):
        original = {**_ENVIRONMENT, **shared, **_site("original", ORIGINAL_ID)}
        mirror = {**_ENVIRONMENT, **shared, **_site("mirror", MIRROR_ID)}
        without = {**original, "SITE_ID": None, "SECRET_KEY": "probe-two-" * 6}
        with ThreadPoolExecutor(3) as threads:
            said = list(threads.map(lambda site: _load(module, site), (original, mirror, without)))
        failure = next((settings for settings in said[:2] if isinstance(settings, str)), "")
        if not failure:
            return Probe(*said, unseen)  # type: ignore[arg-type]
        unseen = unseen or failure
    return unseen


def _load(module: str, site: Mapping[str, str | None]) -> Settings | str:
    environ = {**os.environ, **site, "DEBUG": None}  # Divio sets no DEBUG
    try:
        ended = subprocess.run(  # noqa: S603 - this Python, a file beside this one
            [sys.executable, str(Path(__file__).with_name("settings_dump.py"))],
            input=json.dumps({"path": sys.path, "module": module}),
            env={name: value for name, value in environ.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        said = json.loads(ended.stdout)
    except subprocess.TimeoutExpired:
        return f"they did not load within {_SECONDS} seconds"
    except (OSError, ValueError):
        return "the process that loads them ended without an answer"
    return said.get("settings") or said["failure"]
