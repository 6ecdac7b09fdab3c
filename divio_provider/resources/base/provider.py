"""What all our dynamic providers have in common.

A provider object is stateless when Pulumi pickles it: state then holds the class's module and name, nothing else.
Settings reach it through `configure`, which the provider's process calls once a run; what is set there is never
pickled. No verb that a preview calls (`check`, `diff`, `configure`) does any I/O, so a preview needs no token.
"""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ClassVar

from pulumi.dynamic import CheckResult, ConfigureRequest, DiffResult, ReadResult, ResourceProvider

from divio_provider.api.client import Divio
from divio_provider.api.errors import DivioError
from divio_provider.resources.base.deletion import Declared, site_of
from divio_provider.resources.base.properties import Props, check_result, differing
from divio_provider.resources.host import engine
from divio_provider.resources.host.configuration import ALLOW_DELETE, DEBUG, FORGET, Configuration, explained, includes
from divio_provider.resources.host.error_reporting import Failed, reported

_DECLARED = Declared()
"""What was declared in this run, as far as it was checked in this process."""

_VERBS = ("check", "diff", "create", "read", "update", "delete")


class DivioProvider(ResourceProvider):
    """Base of all our providers: no attributes before `configure`, a client shared by the whole process after it."""

    serialize_as_secret_always = False  # nothing secret inside: saves two encryptions for each resource

    configuration: Configuration
    inputs: ClassVar[tuple[str, ...]] = ()
    """The names of the resource's inputs."""
    defaults: ClassVar[Props] = {}
    """Inputs that are left out where they have this value, so that a new default changes no state."""
    passive_inputs: ClassVar[tuple[str, ...]] = ()
    """Inputs whose change alone updates nothing."""

    def __init_subclass__(cls) -> None:
        """Report every error of a verb without secrets, and let state know the class by a name that stays.

        State keeps a provider as module and class: were it the module that the class is defined in, a moved file would
        make every resource of every stack an update. `divio_provider.resources` finds the class wherever it stands.
        """
        cls.__module__ = "divio_provider.resources"
        if "check" in vars(cls):
            cls.check = _noted(cls.check)  # type: ignore[method-assign]
        for verb in _VERBS:
            if verb in vars(cls):
                setattr(cls, verb, reported(vars(cls)[verb]))

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack's configuration, and end this process with the engine that started it."""
        if not os.environ.get(DEBUG):
            sys.tracebacklimit = 0  # a failing verb then reads as one line
        try:
            self.configuration = Configuration.read(req.config.get, os.environ, engine.stack())
        except (ValueError, DivioError) as error:
            raise Failed(explained(error)) from None
        engine.end_with_the_engine()

    @reported
    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Let the engine compare; what is unfinished is always updated."""
        if _olds.get("unfinished"):
            return DiffResult(changes=True)
        changed = set(differing(self.inputs, _olds, _news))
        return DiffResult(changes=False if changed and changed <= {*self.passive_inputs} else None)

    @reported
    def delete(self, _id: str, _props: Props) -> None:
        """Delete it on Divio, unless this run only forgets it. The engine's hook has asked before (`deletion`)."""
        kind, configuration = _kind(type(self)), self.configuration
        site = site_of(kind, _props)
        if includes(configuration.forgotten, site) or _DECLARED.names("forgotten", site):
            return
        allowed = includes(configuration.may_delete, site) or _DECLARED.names("may_delete", site)
        if engine.is_there() and not allowed and not _DECLARED.may_go(kind, _props, site):
            raise Failed(
                f"{_id} is not deleted: {_DECLARED.why_kept(kind, _props, site)}; to delete it, run once with "
                f"{ALLOW_DELETE}={site}; to let the stack forget it, with {FORGET}={site}"
            )
        self.remove(_id, _props)

    def remove(self, _id: str, _props: Props) -> None:
        """Delete it on Divio. Nothing, where nothing exists outside of the state."""

    def inputs_of(self, props: Props) -> Props:
        """The inputs among a resource's properties, those at their default left out."""
        return {name: props[name] for name in self.inputs if props.get(name) not in (None, self.defaults.get(name))}

    def stored(self, id_: str, props: Props) -> ReadResult:
        """The resource as the state holds it, for a refresh that reads nothing."""
        return ReadResult(id_, dict(props), self.inputs_of(props))

    @property
    def divio(self) -> Divio:
        """The client for this stack's Divio; providers of one process share it, its rate limit and its cache."""
        return Divio.for_settings(self.configuration.settings)


def _kind(provider: type[DivioProvider]) -> str:
    return provider.__name__.removesuffix("Provider")


def _noted(check: Callable[..., CheckResult]) -> Callable[..., CheckResult]:
    """A check that takes note of what is declared, and of what the program lets go."""

    @wraps(check)
    def wrapper(provider: DivioProvider, olds: Props, news: Props) -> CheckResult:
        problem = _DECLARED.told(_kind(type(provider)), news)
        result = check(provider, olds, news)
        return CheckResult(result.inputs, [*result.failures, *check_result({}, problem).failures])

    return wrapper
