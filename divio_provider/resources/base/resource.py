"""The base of our resource classes, and the provider's blob that Pulumi's state keeps of each."""

import base64
import pickle
import pickletools
from collections.abc import Mapping
from inspect import get_annotations
from typing import Any

import pulumi

from divio_provider.resources.base.deletion import guarded
from divio_provider.resources.base.provider import DivioProvider

Options = pulumi.ResourceOptions | None

TYPE = "pulumi-python:dynamic/divio:{}"
"""The type token of a resource of ours. State names resources by it, so it never changes."""


class DivioResource(pulumi.CustomResource):
    """Base of all our resources.

    Not a `pulumi.dynamic.Resource`, which the engine could not tell from one: that pickles its provider anew for every
    resource, with the protocol of the Python that runs, so a newer Python would make every resource an update.
    """

    def __init__(self, provider: type[DivioProvider], name: str, inputs: Mapping[str, Any], opts: Options) -> None:
        """Register the resource. What is None is left out; what the class annotates are its outputs.

        An output resolves only if it is a property too, and the SDK waits for every property: the fewer, the faster.
        """
        # Of a user's subclass, the resource of ours: state and the guards know that one.
        ours = next(cls for cls in type(self).__mro__ if DivioResource in cls.__bases__)
        kind, given = ours.__name__, {key: _plain(value) for key, value in inputs.items() if value is not None}
        props = {**dict.fromkeys(get_annotations(ours)), **given, "__provider": blob(provider)}
        props, opts = guarded(kind, props, name, opts)
        super().__init__(TYPE.format(kind), name, props, opts)


def _plain(value: Any) -> Any:
    """Mappings and sequences of any kind as the ones that Pulumi's SDK takes."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    return list(value) if isinstance(value, tuple) else value


def blob(provider: type[DivioProvider]) -> str:
    """What state keeps of a provider: its class by module and name, pickled with protocol 4, at most 100 characters."""
    return base64.b64encode(pickletools.optimize(pickle.dumps(provider(), protocol=4))).decode()


def type_chain(own: str, opts: Options) -> str:
    """A resource's type with those of its ancestors, as they stand in its URN: joined by `$`, the stack left out.

    Pulumi tells a resource no more than its parent, so a parent that has ancestors tells its own `type_chain`.
    """
    parent = opts.parent if opts is not None else None
    if parent is None or parent.pulumi_resource_type == "pulumi:pulumi:Stack":
        return own
    return f"{getattr(parent, 'type_chain', parent.pulumi_resource_type)}${own}"
