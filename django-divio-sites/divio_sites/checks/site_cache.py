"""Traps in the project's own code that keep a `Site` where other processes, or the next domain, do not reach it."""

import gc
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from types import CodeType, FunctionType

from django.conf import settings

from divio_sites.checks.traps import Findings

_SITE, _CACHE = {"get_current", "get_current_site", "Site"}, {"cache", "caches"}
_STORE = {"set", "add", "get_or_set", "set_many"}
# A function that uses one of these beside the Site most likely puts it into the key, which is right.
_KEY = {"id", "pk", "site_id", "SITE_ID"}


def check_site_cache() -> Findings:
    """No module of the project holds a `Site`, and no function of it stores one in a cache.

    The modules are those that the settings name and all that these load; of functions, the names in compiled code tell.
    """
    for module_name in (settings.ROOT_URLCONF, *(path.rpartition(".")[0] for path in settings.MIDDLEWARE)):
        with suppress(Exception):  # what cannot be imported, Django itself says
            import_module(module_name)
    own = {name: module for name, module in sys.modules.items() if _is_the_projects(getattr(module, "__file__", None))}
    for name, module in own.items():
        for variable, value in vars(module).items():
            if f"{type(value).__module__}.{type(value).__name__}" == "django.contrib.sites.models.Site":
                yield "W007", f"{name}.{variable} is a Site that was read when the module was loaded."
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and function.__module__ in own:
            names = set(_names(function.__code__))
            if names & _SITE and names & _CACHE and names & _STORE and not names & _KEY:
                where = f"{function.__module__}.{function.__qualname__}"
                yield "W007", f"{where} stores what it reads of a Site in a cache, under one key for every site."


def _is_the_projects(file: str | None) -> bool:
    return bool(file) and "-packages" not in str(file) and not str(file).startswith(sysconfig.get_path("stdlib"))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
