"""What all our dynamic providers and resources have in common.

A provider object is stateless when Pulumi pickles it: state then holds the class's module and name, nothing else.
Settings reach it through `configure`, which the provider's process calls once a run; what is set there is never
pickled. No verb that a preview calls (`check`, `diff`, `configure`) does any I/O, so a preview needs no token.
"""

import base64
import os
import pickle
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, ResourceProvider
from pulumi.dynamic import Resource as DynamicResource

from divio_provider.api.client import Divio
from divio_provider.api.errors import DivioError
from divio_provider.resources import engine
from divio_provider.resources.configuration import Configuration, explained
from divio_provider.resources.crashes import DEBUG, crash, token_of

Props = dict[str, Any]
"""A resource's properties as Pulumi hands them over: JSON-like, numbers as doubles, without `None`."""

_BLOB = "__provider"
_VERBS = ("check", "diff", "create", "read", "update", "delete")
_P = ParamSpec("_P")
_R = TypeVar("_R")


class Failed(Exception):
    """What a user reads when a resource could not do its work: one sentence or a line per site, never a secret."""


# The provider's process prints an exception as "module.Class: text", and the CLI puts "error: " before it. A class of
# builtins has no module to print; so users read "error: divio: …".
Failed.__module__ = "builtins"
Failed.__qualname__ = "divio"


def _spoken(verb: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn errors into what a user reads, without the chain of causes a traceback would print, and without secrets."""

    @wraps(verb)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return verb(*args, **kwargs)
        except Failed:
            raise
        except DivioError as error:
            raise Failed(explained(error)) from None
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold a secret
            raise Failed(crash(error, args, token_of(args[0]))) from None

    return wrapper


class DivioProvider(ResourceProvider):
    """Base of all our providers: no attributes before `configure`, a client shared by the whole process after it."""

    serialize_as_secret_always = False  # nothing secret inside: saves two encryptions for each resource

    configuration: Configuration

    def __init_subclass__(cls) -> None:
        """Let no verb tell a secret, whatever stops it."""
        for verb in _VERBS:
            if verb in vars(cls):
                setattr(cls, verb, _spoken(vars(cls)[verb]))

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack's configuration, and end this process with the engine that started it."""
        if not os.environ.get(DEBUG):
            sys.tracebacklimit = 0  # a failing verb then reads as one line
        try:
            self.configuration = Configuration.read(req.config.get, os.environ, engine.stack())
        except (ValueError, DivioError) as error:
            raise Failed(explained(error)) from None
        engine.end_with_the_engine()

    @property
    def divio(self) -> Divio:
        """The client for this stack's Divio; providers of one process share it, its rate limit and its cache."""
        return Divio.for_settings(self.configuration.settings)


class DivioResource(DynamicResource):
    """Base of all our resources: the provider's blob in state is the same on every Python."""

    def __init__(self, provider: DivioProvider, name: str, props: Props, opts: pulumi.ResourceOptions | None) -> None:
        """Register the resource; `props` are its inputs, and its outputs as None so that they resolve."""
        super().__init__(provider, name, _ConstantBlob(provider, props), opts)


class _ConstantBlob(dict[str, Any]):
    """Properties whose `__provider` does not depend on the default pickle protocol, which Python 3.14 raised to 5."""

    def __init__(self, provider: DivioProvider, props: Props) -> None:
        super().__init__(props)
        self._provider = provider

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, blob(type(self._provider)) if key == _BLOB else value)


def blob(provider: type[ResourceProvider]) -> str:
    """What state keeps of a provider: its class by module and name, pickled with protocol 4."""
    return base64.b64encode(pickle.dumps(provider(), protocol=4)).decode()


def type_chain(own: str, opts: pulumi.ResourceOptions | None) -> str:
    """A resource's type with those of its ancestors, as they stand in its URN: joined by `$`, the stack left out.

    Pulumi tells a resource no more than its parent, so a parent that has ancestors tells its own `type_chain`.
    """
    parent = opts.parent if opts is not None else None
    if parent is None or parent.pulumi_resource_type == "pulumi:pulumi:Stack":
        return own
    return f"{getattr(parent, 'type_chain', parent.pulumi_resource_type)}${own}"


def unknown(value: Any) -> bool:
    """Whether a value, or anything inside it, is not known yet; so it is in previews."""
    if isinstance(value, pulumi.output.Unknown):
        return True
    if isinstance(value, dict):
        return any(unknown(item) for item in value.values())
    return isinstance(value, list) and any(unknown(item) for item in value)


def same(before: Any, after: Any) -> bool:
    """Whether two values are equal; what is not known is equal to nothing."""
    return not unknown(before) and not unknown(after) and bool(before == after)


def differing(names: Sequence[str], before: Props, after: Props) -> list[str]:
    """Those of the properties that differ, or may differ because they are not known yet."""
    return [name for name in names if not same(before.get(name), after.get(name))]


def count_up(before: Props, after: Props, counter: str, listens_to: tuple[str, ...]) -> int:
    """The next value of a generation: one more than before when any of the properties it listens to differs.

    `before` are the old inputs, empty for a new resource, whose generation is 1.
    """
    if counter not in before:
        return 1
    changed = any(not same(before.get(name), after.get(name)) for name in listens_to)
    return int(before[counter]) + (1 if changed else 0)


def checked(inputs: Props, *problems: str) -> CheckResult:
    """The result of a check. Problems name no property: Pulumi would print its value, even if it is a secret."""
    return CheckResult(inputs, [CheckFailure("", problem) for problem in problems if problem])


def fixed(before: Props, after: Props, name: str, way_out: str) -> str:
    """A problem in words if a property that cannot change in place is about to; else an empty string."""
    old, new = before.get(name), after.get(name)
    if old is None or unknown(new) or unknown(old) or old == new:
        return ""
    return f'{name} cannot change from "{old}" to "{new}": {way_out}'
