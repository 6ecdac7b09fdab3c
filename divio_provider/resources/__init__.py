"""Pulumi dynamic resources for Divio: inputs go to the estate's decisions, decisions become the client's calls.

A module or a package a noun, independent of each other; inside it the provider's verbs stand in one order: check, diff,
create, read, update, delete. They stand on `reader`, that on `base`, that on `host`. Pulumi's state names a provider as
a class of this package, so the class is never renamed, while the module that defines it may move.
"""

from importlib import import_module
from typing import Any

_MODULES = {
    "Application": "application",
    "Deployment": "deployment",
    "Domain": "domain",
    "EnvironmentVariables": "environment_variables",
    "Mirror": "mirror",
    "ServiceInstance": "service_instance",
    "SiteIds": "site_ids",
}
"""Where each resource is defined, and its provider."""


def __getattr__(name: str) -> Any:
    # Not before somebody asks: modules of this package import each other, and commands do without Pulumi.
    module = _MODULES.get(name.removesuffix("Provider"))
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
