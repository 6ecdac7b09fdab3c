"""The base of our resource classes, and the provider's blob that Pulumi's state keeps of each."""

import base64
import pickle
from inspect import get_annotations
from typing import Any

import pulumi
from pulumi.dynamic import Resource as DynamicResource
from pulumi.dynamic import ResourceProvider

from divio_provider.resources.base.properties import Props
from divio_provider.resources.base.provider import DivioProvider

_BLOB = "__provider"


class DivioResource(DynamicResource):
    """Base of all our resources: the provider's blob in state is the same on every Python."""

    def __init__(self, provider: DivioProvider, name: str, inputs: Props, opts: pulumi.ResourceOptions | None) -> None:
        """Register the resource. An output resolves only if it is a property too: what the class annotates is None until then."""
        super().__init__(
            provider, name, _ConstantBlob(provider, dict.fromkeys(get_annotations(type(self))) | inputs), opts
        )


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
