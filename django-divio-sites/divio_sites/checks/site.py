"""Traps around `django.contrib.sites`: SITE_ID, the site's row and copies of it, and the site's place in its estate."""

import gc
import sys
import sysconfig
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from types import FunctionType

from django.conf import settings

from divio_sites import environment
from divio_sites.checks.probe import MIRROR_DOMAIN, MIRROR_ID, Probe
from divio_sites.checks.traps import Findings

# They keep rows, `Site` among them, in a cache that other processes read.
_ROW_CACHES = ("multisite", "cachalot", "cacheops", "caching", "johnny")
# Names that a function uses which puts a Site into a cache; one of the last is most likely in the key, which is right.
_SITE, _CACHE, _STORE = {"get_current", "get_current_site", "Site"}, {"cache", "caches"}, {"set", "add", "get_or_set"}
_KEY = {"id", "pk", "site_id", "SITE_ID"}
_LRU = type(lru_cache(repr))


def check(probe: Probe) -> Findings:
    """SITE_ID follows its variable and is 1 without it, and nothing else writes or keeps the site's row."""
    if not probe.installed("django.contrib.sites"):
        yield "E001", "INSTALLED_APPS lacks 'django.contrib.sites': no site finds its row in django_site."
    site_id, without = probe.mirror.get("SITE_ID"), probe.without_site_id
    if site_id != MIRROR_ID:
        text = " as a number" if site_id == str(MIRROR_ID) else ""
        yield "E002", f"SITE_ID does not follow the variable SITE_ID{text}."
    elif isinstance(without, str):
        yield "E003", f"The settings cannot be loaded without the variable SITE_ID: {without}."
    elif without["SITE_ID"] != 1:
        yield "E003", "SITE_ID is not 1 where the variable SITE_ID is unset."
    rows = probe.mirror.get("ALDRYN_SITES_DOMAINS")
    if rows and probe.installed("aldryn_sites") and rows.get(str(MIRROR_ID), {}).get("domain") != MIRROR_DOMAIN:
        yield "E013", "aldryn_sites writes ALDRYN_SITES_DOMAINS into django_site, and its domains do not follow DOMAIN."
    for app in probe.installed(*_ROW_CACHES):
        yield "W007", f"{app} keeps rows of django_site in a cache, where a change that another site makes is not seen."


def check_identity() -> Findings:
    """Where SITE_ID or DOMAIN says that this process runs on Divio, its slug and role are known too."""
    try:
        site = environment.read()
        if site.site_id or site.domain:
            site.require(*environment.IDENTITY_VARIABLES)
    except environment.EnvironmentProblem as problem:
        yield "W008", str(problem)


def check_code() -> Findings:
    """No function of the project keeps a `Site` in a cache: the names in compiled code tell.

    The functions are those of the modules that the settings name, and of all that these load.
    """
    named = [path.rpartition(".")[0] for path in settings.MIDDLEWARE]
    for engine in settings.TEMPLATES:
        named += [path.rpartition(".")[0] for path in engine.get("OPTIONS", {}).get("context_processors", ())]
    for module in {settings.ROOT_URLCONF, *named}:
        with suppress(Exception):  # what cannot be imported, Django itself says
            import_module(module)
    for function in gc.get_objects():
        if isinstance(function, (FunctionType, _LRU)) and _is_the_projects(function.__module__):
            names = _names(getattr(getattr(function, "__wrapped__", function), "__code__", None))
            stores = names & _CACHE and names & _STORE and not names & _KEY
            if names & _SITE and (stores or isinstance(function, _LRU)):
                yield "W007", f"{function.__module__}.{function.__qualname__} keeps what it reads of a Site in a cache."


def _is_the_projects(module: str | None) -> bool:
    file = getattr(sys.modules.get(module or ""), "__file__", None) or "-packages"
    return "-packages" not in file and not file.startswith(sysconfig.get_path("stdlib"))


def _names(code: object) -> set[str]:
    return {*getattr(code, "co_names", ())}.union(*map(_names, getattr(code, "co_consts", ())))
