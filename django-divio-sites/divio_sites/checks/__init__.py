"""The traps of an estate as Django's system checks: `manage.py check --tag divio`."""

import sys
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, register

from divio_sites.checks import hosts, services, shared_data, site
from divio_sites.checks.probe import probe
from divio_sites.checks.traps import Findings, message


@register("divio")
def check_traps(**_: Any) -> list[CheckMessage]:
    """Every trap that the environment, the settings and the project's code show.

    Django runs all checks before `runserver`, `migrate` and most other commands. There only the environment is looked at:
    the rest loads the settings in three processes of their own, which is work for `manage.py check`, in CI.
    """
    found = [site.check_identity()]
    if Path(sys.argv[0]).name not in ("manage.py", "django-admin") or sys.argv[1:2] == ["check"]:
        found += [_check_settings(), site.check_code()]
    return [message(trap, sentence) for trap, sentence in chain.from_iterable(found)]


def _check_settings() -> Findings:
    module = getattr(settings, "SETTINGS_MODULE", "")
    seen = probe(module) if module else "settings.configure() made them in this process"
    unseen = seen if isinstance(seen, str) else seen.unseen
    if unseen:
        yield "W001", f"The settings cannot be loaded with all that Divio gives a site: {unseen}."
    if not isinstance(seen, str):
        for theme in (site, hosts, services, shared_data):
            yield from theme.check(seen)
