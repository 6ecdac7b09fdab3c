"""An OpenAPI document, and the questions we put to it: which calls there are, what they take and what they answer.

Pure: it is given the document. Reads OpenAPI 3 and, where it differs, its forerunner Swagger 2: which of them Divio
serves is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from divio_provider.api.certainty import PLACEHOLDER

DEEPEST = 8
"""Levels of references that are followed; a schema may refer to itself."""
FAMILIES = ("apps", "iam", "billing")
"""First segments of the API's paths, each described by a document of its own."""
_UNIONS = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body or of an answer.

    Attributes:
        types: JSON's names of what it may hold, without null; empty where the document does not say.
        nullable: whether it may be null.
        required: whether it must be there.
    """

    types: frozenset[str]
    nullable: bool = False
    required: bool = False


Fields = Mapping[str, Field]


class Description:
    """What an OpenAPI document says.

    Args:
        document: its JSON.

    >>> described = Description({"paths": {"/apps/v3/applications/{id}/mirror/": {"post": {}}}})
    >>> described.offers("POST", "/apps/v3/applications/{uuid}/mirror/")
    True
    """

    def __init__(self, document: Mapping[str, object]) -> None:
        self.document = document
        self._operations = {_shape(path): operations for path, operations in self._paths()}

    def covers(self, path: str) -> bool:
        """Whether the document is about the part of the API that a path belongs to.

        Args:
            path: from the root of the host.
        """
        family = path.split("/", 2)[1]
        return any(one.split("/", 2)[1] == family for one in self._operations)

    def has(self, path: str) -> bool:
        """Whether the API has a path, with whatever verbs.

        Args:
            path: from the root of the host; names of placeholders do not matter.
        """
        return _shape(path) in self._operations

    def offers(self, method: str, path: str) -> bool:
        """Whether the API has an operation.

        Args:
            method: HTTP verb.
            path: from the root of the host; names of placeholders do not matter.
        """
        return self._operation(method, path) is not None

    def body_fields(self, method: str, path: str) -> frozenset[str]:
        """Names of the fields that an operation takes in its JSON body; empty where it takes none.

        Args:
            method: HTTP verb.
            path: from the root of the host; names of placeholders do not matter.
        """
        return frozenset(self.body(method, path) or ())

    def body(self, method: str, path: str) -> Fields | None:
        """The fields that an operation takes in its JSON body; None where the document does not tell.

        Args:
            method: HTTP verb.
            path: from the root of the host; names of placeholders do not matter.
        """
        operation = self._operation(method, path) or {}
        schema = self._content(operation.get("requestBody"))
        if schema is None:  # Swagger 2
            schema = next(
                (one.get("schema") for one in self._parameters(method, path) if one.get("in") == "body"), None
            )
        return None if schema is None else self._fields(schema, "readOnly")

    def answer(self, method: str, path: str) -> Fields | None:
        """The fields of an operation's answer, of a list's items; None where the document does not tell.

        Args:
            method: HTTP verb.
            path: from the root of the host; names of placeholders do not matter.
        """
        responses = _mapping((self._operation(method, path) or {}).get("responses"))
        for status in sorted(str(one) for one in responses):
            response = self._resolved(responses.get(status))
            schema = self._content(response) or _mapping(response).get("schema")
            if status.startswith("2") and schema is not None:
                return self._fields(self._item(schema), "writeOnly") or None
        return None

    def filters(self, method: str, path: str) -> frozenset[str]:
        """Names of an operation's query parameters.

        Args:
            method: HTTP verb.
            path: from the root of the host; names of placeholders do not matter.
        """
        listed = self._parameters(method, path)
        return frozenset(str(one.get("name")) for one in listed if one.get("in") == "query")

    def _paths(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        servers = self.document.get("servers")
        first = _mapping(servers[0]).get("url") if isinstance(servers, list) and servers else None
        base = urlsplit(str(first or "")).path or str(self.document.get("basePath") or "")
        for path, operations in _mapping(self.document.get("paths")).items():
            known = path.split("/", 2)[1:2] in ([family] for family in FAMILIES)
            yield (path if known else f"{base.rstrip('/')}/{path.lstrip('/')}"), _mapping(operations)

    def _operation(self, method: str, path: str) -> Mapping[str, object] | None:
        found = self._operations.get(_shape(path), {}).get(method.lower())
        return found if isinstance(found, Mapping) else None

    def _parameters(self, method: str, path: str) -> list[Mapping[str, object]]:
        shared = self._operations.get(_shape(path), {}).get("parameters")
        own = (self._operation(method, path) or {}).get("parameters")
        listed = [*(shared if isinstance(shared, list) else []), *(own if isinstance(own, list) else [])]
        return [_mapping(self._resolved(one)) for one in listed]

    def _content(self, node: object) -> object:
        content = _mapping(_mapping(self._resolved(node)).get("content"))
        return _mapping(content.get("application/json")).get("schema")

    def _item(self, schema: object) -> object:
        """A list's item: Divio's envelope holds them under ``results``."""
        described = _mapping(self._resolved(schema))
        listed = _mapping(self._resolved(self._properties(described, 0).get("results")))
        if listed.get("type") == "array":
            return listed.get("items")
        return described.get("items") if described.get("type") == "array" else schema

    def _fields(self, schema: object, hidden: str) -> Fields:
        described = _mapping(self._resolved(schema))
        required = set(self._required(described, 0))
        fields = {}
        for name, about in self._properties(described, 0).items():
            resolved = _mapping(self._resolved(about))
            if not (_mapping(about).get(hidden) or resolved.get(hidden)):
                types = set(self._types(about, 0))
                fields[name] = Field(frozenset(types - {"null"}), "null" in types, name in required)
        return fields

    def _properties(self, described: Mapping[str, object], depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        for part in _list(described.get("allOf")) if depth < DEEPEST else []:
            found |= self._properties(_mapping(self._resolved(part)), depth + 1)
        return found | dict(_mapping(described.get("properties")))

    def _required(self, described: Mapping[str, object], depth: int) -> Iterator[str]:
        yield from (str(one) for one in _list(described.get("required")))
        for part in _list(described.get("allOf")) if depth < DEEPEST else []:
            yield from self._required(_mapping(self._resolved(part)), depth + 1)

    def _types(self, node: object, depth: int) -> Iterator[str]:
        described = _mapping(self._resolved(node))
        if _mapping(node).get("nullable") or described.get("nullable") or described.get("x-nullable"):
            yield "null"
        stated = described.get("type")
        yield from [stated] if isinstance(stated, str) else (str(one) for one in _list(stated))
        if stated is None and "properties" in described:
            yield "object"
        if stated is None and "enum" in described:
            yield from (_JSON.get(type(one), "null") for one in _list(described["enum"]))
        for union in _UNIONS if depth < DEEPEST else ():
            for part in _list(described.get(union)):
                yield from self._types(part, depth + 1)

    def _resolved(self, node: object) -> object:
        for _ in range(DEEPEST):
            reference = _mapping(node).get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return node
            node = self.document
            for step in reference[2:].split("/"):
                node = _mapping(node).get(step.replace("~1", "/").replace("~0", "~"))
        return None


_JSON: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def _mapping(node: object) -> Mapping[str, object]:
    return node if isinstance(node, Mapping) else {}


def _list(node: object) -> list[object]:
    return node if isinstance(node, list) else []


def _shape(path: str) -> str:
    return PLACEHOLDER.sub("{}", path).rstrip("/")
