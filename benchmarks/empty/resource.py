"""A dynamic resource that does nothing, in a module so that its provider is pickled by its name."""

from __future__ import annotations

from pulumi.dynamic import Resource, ResourceProvider


class EmptyProvider(ResourceProvider):
    """Does nothing; its check and its diff are Pulumi's own."""

    serialize_as_secret_always = False


class Empty(Resource, module="benchmarks", name="Empty"):
    """One resource with properties that nobody reads: `given` have a value, `awaited` come from the provider."""

    def __init__(self, name: str, given: list[str], awaited: list[str]) -> None:
        super().__init__(EmptyProvider(), name, {**dict.fromkeys(awaited), **dict.fromkeys(given, "x")})
