"""The parts of an OpenAPI document: references, types, and the fields of objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

DEEPEST = 8
"""Levels of references that are followed; a schema may refer to itself."""
_UNIONS = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body or of an answer.

    Attributes:
        types: JSON's names of what it may hold, without null; empty where the document does not say.
        nullable: whether it may be null.
        required: whether it must be there.
        values: the only texts that it may hold; empty where there is no such list.
    """

    types: frozenset[str]
    nullable: bool = False
    required: bool = False
    values: frozenset[str] = frozenset()


Fields = Mapping[str, Field]


class Document:
    """An OpenAPI document.

    Args:
        document: its JSON.
    """

    def __init__(self, document: Mapping[str, object]) -> None:
        self.document = document

    def fields(self, schema: object, hidden: str, depth: int = 0) -> Fields:
        """A schema's fields, and those of the objects in them as ``object.field``."""
        described = mapping(self.resolved(schema))
        required = set(self.required(described))
        fields: dict[str, Field] = {}
        for name, about in self.properties(described).items():
            resolved = mapping(self.resolved(about))
            if not (mapping(about).get(hidden) or resolved.get(hidden)):
                types = set(self.types(about))
                values = frozenset(self.values(about))
                fields[name] = Field(frozenset(types - {"null"}), "null" in types, name in required, values)
                if depth == 0:
                    inner = self.fields(self.inside(about), hidden, 1)
                    fields |= {f"{name}.{within}": field for within, field in inner.items()}
        return fields

    def properties(self, described: Mapping[str, object], depth: int = 0) -> dict[str, object]:
        """An object's fields as the document has them, its parts' included."""
        found: dict[str, object] = {}
        for part in listing(described.get("allOf")) if depth < DEEPEST else []:
            found |= self.properties(mapping(self.resolved(part)), depth + 1)
        return found | dict(mapping(described.get("properties")))

    def required(self, described: Mapping[str, object], depth: int = 0) -> Iterator[str]:
        """Names of the fields that an object must have."""
        yield from (str(one) for one in listing(described.get("required")))
        for part in listing(described.get("allOf")) if depth < DEEPEST else []:
            yield from self.required(mapping(self.resolved(part)), depth + 1)

    def types(self, node: object, depth: int = 0) -> Iterator[str]:
        """JSON's names of what a node may hold, ``null`` among them."""
        described = mapping(self.resolved(node))
        if mapping(node).get("nullable") or described.get("nullable") or described.get("x-nullable"):
            yield "null"
        stated = described.get("type")
        yield from [stated] if isinstance(stated, str) else (str(one) for one in listing(stated))
        if stated is None and "properties" in described:
            yield "object"
        if stated is None and "enum" in described:
            yield from (_JSON.get(type(one), "null") for one in listing(described["enum"]))
        for union in _UNIONS if depth < DEEPEST else ():
            for part in listing(described.get(union)):
                yield from self.types(part, depth + 1)

    def values(self, node: object, depth: int = 0) -> Iterator[str]:
        """The only texts that a node may hold."""
        described = mapping(self.resolved(node))
        yield from (one for one in listing(described.get("enum")) if isinstance(one, str))
        for union in _UNIONS if depth < DEEPEST else ():
            for part in listing(described.get(union)):
                yield from self.values(part, depth + 1)

    def inside(self, node: object) -> object:
        """The object that a field holds, or that its list holds; the first one where there are several."""
        described = mapping(self.resolved(node))
        parts = [one for union in _UNIONS for one in listing(described.get(union))]
        variants = [described, *(mapping(self.resolved(one)) for one in parts)]
        for variant in (*variants, *(mapping(self.resolved(one.get("items"))) for one in variants)):
            if "properties" in variant:
                return variant
        return None

    def resolved(self, node: object) -> object:
        """What a node refers to, itself where it is no reference; None where that is nowhere."""
        for _ in range(DEEPEST):
            reference = mapping(node).get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return node
            node = self.document
            for step in reference[2:].split("/"):
                node = mapping(node).get(step.replace("~1", "/").replace("~0", "~"))
        return None


_JSON: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def mapping(node: object) -> Mapping[str, object]:
    """The node where it is an object, else an empty one."""
    return node if isinstance(node, Mapping) else {}


def listing(node: object) -> list[object]:
    """The node where it is a list, else an empty one."""
    return node if isinstance(node, list) else []
