"""An OpenAPI document, and the questions we put to it: which calls there are, what they take and what they answer.

Pure: it is given the document. Reads OpenAPI 3 and, where it differs, its forerunner Swagger 2: which of them Divio
serves is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from divio_provider.api.contract.types import PLACEHOLDER

FAMILIES = ("apps", "iam", "billing")
"""First segments of the API's paths, each described by a document of its own."""
DEEPEST = 8
"""Levels of references that are followed; a schema may refer to itself."""
_UNIONS = ("allOf", "anyOf", "oneOf")
_JSON: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}

Node = Mapping[str, object]


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
"""By name; those of the objects in a field as ``object.field``."""


class OpenApi:
    """What an OpenAPI document says.

    Its methods take an HTTP verb in any case, and a path from the root of the host whose placeholders may have any name.

    Args:
        document: its JSON.

    >>> schema = OpenApi({"paths": {"/apps/v3/applications/{id}/mirror/": {"post": {}}}})
    >>> schema.offers("POST", "/apps/v3/applications/{uuid}/mirror/")
    True
    """

    def __init__(self, document: Node) -> None:
        self.document = document
        self._operations = {_shape(path): operations for path, operations in self._paths()}

    def covers(self, path: str) -> bool:
        """Whether the document is about the part of the API that a path belongs to."""
        family = path.split("/", 2)[1]
        return any(one.split("/", 2)[1] == family for one in self._operations)

    def has(self, path: str) -> bool:
        """Whether the API has a path, with whatever verbs."""
        return _shape(path) in self._operations

    def offers(self, method: str, path: str) -> bool:
        """Whether the API has an operation."""
        return isinstance(self._operations.get(_shape(path), {}).get(method.lower()), Mapping)

    def body_fields(self, method: str, path: str) -> frozenset[str]:
        """Names of the fields that an operation takes in its JSON body; empty where it takes none."""
        return frozenset(name for name in self.body(method, path) or () if "." not in name)

    def body(self, method: str, path: str) -> Fields | None:
        """The fields that an operation takes in its JSON body; None where the document does not tell."""
        schema = self._content(self._operation(method, path).get("requestBody"))
        if schema is None:  # Swagger 2
            parameters = self._parameters(method, path)
            schema = next((one.get("schema") for one in parameters if one.get("in") == "body"), None)
        return None if schema is None else self._fields(schema, "readOnly")

    def answer(self, method: str, path: str) -> Fields | None:
        """The fields of an operation's answer, of a list's items; None where the document does not tell."""
        schema = self._answered(method, path)
        return None if schema is None else self._fields(self._item(schema), "writeOnly") or None

    def envelope(self, method: str, path: str) -> Fields | None:
        """The fields around a list's items, ``results`` among them; None where the document shows no object there."""
        schema = self._answered(method, path)
        return None if schema is None else self._fields(schema, "writeOnly") or None

    def filters(self, method: str, path: str) -> frozenset[str]:
        """Names of an operation's query parameters."""
        return frozenset(str(one.get("name")) for one in self._parameters(method, path) if one.get("in") == "query")

    # -- operations --

    def _paths(self) -> Iterator[tuple[str, Node]]:
        servers = _listing(self.document.get("servers"))
        server = _mapping(servers[0]).get("url") if servers else None
        base = urlsplit(str(server or "")).path or str(self.document.get("basePath") or "")
        for path, operations in _mapping(self.document.get("paths")).items():
            from_the_root = path.split("/", 2)[1:2] in ([family] for family in FAMILIES)
            yield (path if from_the_root else f"{base.rstrip('/')}/{path.lstrip('/')}"), _mapping(operations)

    def _operation(self, method: str, path: str) -> Node:
        return _mapping(self._operations.get(_shape(path), {}).get(method.lower()))

    def _parameters(self, method: str, path: str) -> list[Node]:
        shared = _listing(self._operations.get(_shape(path), {}).get("parameters"))
        own = _listing(self._operation(method, path).get("parameters"))
        return [self._resolved(one) for one in (*shared, *own)]

    def _answered(self, method: str, path: str) -> object:
        responses = _mapping(self._operation(method, path).get("responses"))
        for status in sorted(str(one) for one in responses):
            response = self._resolved(responses.get(status))
            schema = self._content(response) or response.get("schema")
            if status.startswith("2") and schema is not None:
                return schema
        return None

    def _content(self, node: object) -> object:
        content = _mapping(self._resolved(node).get("content"))
        return _mapping(content.get("application/json")).get("schema")

    def _item(self, schema: object) -> object:
        """A list's item: Divio's envelope holds them under ``results``."""
        results = self._resolved(self._properties(schema).get("results"))
        for listed in (results, self._resolved(schema)):
            if listed.get("type") == "array":
                return listed.get("items")
        return schema

    # -- schemas --

    def _fields(self, schema: object, hidden: str, *, nested: bool = True) -> Fields:
        required = {name for one in self._variants(schema, ("allOf",)) for name in _listing(one.get("required"))
                    if isinstance(name, str)}  # fmt: skip
        fields: dict[str, Field] = {}
        for name, about in self._properties(schema).items():
            variants = list(self._variants(about))
            if variants[0].get(hidden):
                continue
            types = frozenset(kind for one in variants for kind in _types(one))
            values = (text for one in variants for text in _listing(one.get("enum")) if isinstance(text, str))
            fields[name] = Field(types - {"null"}, "null" in types, name in required, frozenset(values))
            if nested:
                inner = self._fields(self._object_in(variants), hidden, nested=False)
                fields |= {f"{name}.{within}": field for within, field in inner.items()}
        return fields

    def _properties(self, schema: object) -> dict[str, object]:
        """An object's fields as the document has them, its parts' included."""
        found: dict[str, object] = {}
        for one in reversed(list(self._variants(schema, ("allOf",)))):
            found |= _mapping(one.get("properties"))
        return found

    def _object_in(self, variants: Sequence[Node]) -> Node | None:
        """The object that a field holds, or that its list holds; the first one where there are several."""
        items = (item for one in variants for item in self._variants(one.get("items")))
        return next((one for one in (*variants, *items) if "properties" in one), None)

    def _variants(self, node: object, unions: Sequence[str] = _UNIONS, depth: int = 0) -> Iterator[Node]:
        """A schema, then all that it is made of or that it may be instead."""
        described = self._resolved(node)
        yield described
        for union in unions if depth < DEEPEST else ():
            for part in _listing(described.get(union)):
                yield from self._variants(part, unions, depth + 1)

    def _resolved(self, node: object) -> Node:
        """A node with what it refers to, nothing where that is nowhere; what stands beside a reference counts as well."""
        beside: dict[str, object] = {}
        for _ in range(DEEPEST):
            described = _mapping(node)
            reference = described.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return {**described, **beside} if beside else described
            beside = {name: about for name, about in {**described, **beside}.items() if name != "$ref"}
            node = self.document
            for step in reference[2:].split("/"):
                node = _mapping(node).get(step.replace("~1", "/").replace("~0", "~"))
        return {}


def _types(described: Node) -> Iterator[str]:
    """JSON's names of what a schema says that it holds, ``null`` among them."""
    if described.get("nullable") or described.get("x-nullable"):
        yield "null"
    stated = described.get("type")
    if stated is not None:
        yield from [stated] if isinstance(stated, str) else map(str, _listing(stated))
    else:
        yield from ["object"] if "properties" in described else []
        yield from (_JSON.get(type(one), "null") for one in _listing(described.get("enum")))


def _shape(path: str) -> str:
    return PLACEHOLDER.sub("{}", path).rstrip("/")


def _mapping(node: object) -> Node:
    return node if isinstance(node, Mapping) else {}


def _listing(node: object) -> list[object]:
    return node if isinstance(node, list) else []
