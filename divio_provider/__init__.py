"""A Pulumi dynamic provider for a Divio estate: one original application and its mirrors.

What a program imports: ``Estate``, the component, and ``run``, the whole of a ``__main__.py``; the seven resources, and
``retire``, for programs that declare them one by one; ``__version__``.

The subpackages, from the subject outwards:

* ``estate``: the subject itself, pure: data in, decisions with reasons out.
* ``api``: Divio's REST API, without any knowledge of Pulumi.
* ``resources``: Pulumi dynamic resources that join the two.
* ``program``: the component that turns a declaration into resources, and a stack's configuration and outputs.
* ``cli``: the command ``divio-estate``.
* ``emulator``: a local Divio for the demo and the tests.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from divio_provider._version import __version__

if TYPE_CHECKING:
    from divio_provider.program.component import Estate
    from divio_provider.program.run import run
    from divio_provider.resources.application import Application
    from divio_provider.resources.base.deletion import retire
    from divio_provider.resources.deployment import Deployment
    from divio_provider.resources.domain import Domain
    from divio_provider.resources.environment_variables import EnvironmentVariables
    from divio_provider.resources.mirror import Mirror
    from divio_provider.resources.service_instance import ServiceInstance
    from divio_provider.resources.site_ids import SiteIds

__all__ = [
    "Application",
    "Deployment",
    "Domain",
    "EnvironmentVariables",
    "Estate",
    "Mirror",
    "ServiceInstance",
    "SiteIds",
    "__version__",
    "retire",
    "run",
]

_MODULES = {"Estate": "program.component", "retire": "resources.base.deletion", "run": "program.run"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute may be anything
    # Not before somebody asks: Pulumi takes half a second to import, and commands and the local Divio do without it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'resources')}"), name)
