"""The traps of an estate as Django's system checks: `manage.py check --tag divio`."""

import sys
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, register

from divio_sites.checks import hosts, services, shared_data, site, site_cache
from divio_sites.checks.probe import probe
from divio_sites.checks.traps import TRAPS, Findings

_OF_SETTINGS = (
    *(site.check_site, hosts.check_hosts, services.check_caches, services.check_queues, services.check_jobs),
    shared_data.check_secret_key,
)
_OF_SHARED_DATA = (shared_data.check_database, shared_data.check_storage)


@register("divio")  # type: ignore[untyped-decorator]
def check_traps(**_: Any) -> list[CheckMessage]:  # noqa: ANN401 - Django's protocol
    """Every trap that the environment, the settings and the project's code show.

    Django runs all checks before `runserver`, `migrate` and most other commands. There only the environment is looked at:
    the rest loads the settings in three processes of their own, which is work for `manage.py check`, in CI.
    """
    found = [site.check_identity()]
    if not _is_before_another_command():
        found += [_check_settings(), site_cache.check_site_cache()]
    return [TRAPS[trap].message(sentence) for trap, sentence in chain.from_iterable(found)]


def _check_settings() -> Findings:
    module = getattr(settings, "SETTINGS_MODULE", "")
    seen = probe(module) if module else "settings.configure() made them in this process"
    unseen = seen if isinstance(seen, str) else seen.unseen
    if unseen:
        yield "W001", f"The settings cannot be loaded with all that Divio gives a site: {unseen}."
    if not isinstance(seen, str):
        for check in _OF_SETTINGS + (() if unseen else _OF_SHARED_DATA):
            yield from check(seen)


def _is_before_another_command() -> bool:
    program = Path(sys.argv[0])
    of_django = program.name in ("manage.py", "django-admin") or program.parts[-2:] == ("django", "__main__.py")
    return of_django and sys.argv[1:2] != ["check"]
