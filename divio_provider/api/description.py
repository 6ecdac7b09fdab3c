"""An OpenAPI document, and the questions we put to it: which calls there are, what they take and what they answer.

Pure: it is given the document. Reads OpenAPI 3 and, where it differs, its forerunner Swagger 2: which of them Divio
serves is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from divio_provider.api.certainty import PLACEHOLDER
from divio_provider.api.openapi import Document, Fields, mapping

FAMILIES = ("apps", "iam", "billing")
"""First segments of the API's paths, each described by a document of its own."""


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
        self._parts = Document(document)
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
        return frozenset(name for name in self.body(method, path) or () if "." not in name)

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
        return None if schema is None else self._parts.fields(schema, "readOnly")

    def answer(self, method: str, path: str) -> Fields | None:
        """The fields of an operation's answer, of a list's items; None where the document does not tell.

        Args:
            method: HTTP verb.
            path: from the root of the host; names of placeholders do not matter.
        """
        schema = self._answered(method, path)
        return None if schema is None else self._parts.fields(self._item(schema), "writeOnly") or None

    def envelope(self, method: str, path: str) -> Fields | None:
        """The fields around a list's items, ``results`` among them; None where the document shows no object there.

        Args:
            method: HTTP verb.
            path: from the root of the host; names of placeholders do not matter.
        """
        schema = self._answered(method, path)
        return None if schema is None else self._parts.fields(schema, "writeOnly") or None

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
        first = mapping(servers[0]).get("url") if isinstance(servers, list) and servers else None
        base = urlsplit(str(first or "")).path or str(self.document.get("basePath") or "")
        for path, operations in mapping(self.document.get("paths")).items():
            known = path.split("/", 2)[1:2] in ([family] for family in FAMILIES)
            yield (path if known else f"{base.rstrip('/')}/{path.lstrip('/')}"), mapping(operations)

    def _operation(self, method: str, path: str) -> Mapping[str, object] | None:
        found = self._operations.get(_shape(path), {}).get(method.lower())
        return found if isinstance(found, Mapping) else None

    def _parameters(self, method: str, path: str) -> list[Mapping[str, object]]:
        shared = self._operations.get(_shape(path), {}).get("parameters")
        own = (self._operation(method, path) or {}).get("parameters")
        listed = [*(shared if isinstance(shared, list) else []), *(own if isinstance(own, list) else [])]
        return [mapping(self._parts.resolved(one)) for one in listed]

    def _answered(self, method: str, path: str) -> object:
        responses = mapping((self._operation(method, path) or {}).get("responses"))
        for status in sorted(str(one) for one in responses):
            response = self._parts.resolved(responses.get(status))
            schema = self._content(response) or mapping(response).get("schema")
            if status.startswith("2") and schema is not None:
                return schema
        return None

    def _content(self, node: object) -> object:
        content = mapping(mapping(self._parts.resolved(node)).get("content"))
        return mapping(content.get("application/json")).get("schema")

    def _item(self, schema: object) -> object:
        """A list's item: Divio's envelope holds them under ``results``."""
        described = mapping(self._parts.resolved(schema))
        listed = mapping(self._parts.resolved(self._parts.properties(described).get("results")))
        if listed.get("type") == "array":
            return listed.get("items")
        return described.get("items") if described.get("type") == "array" else schema


def _shape(path: str) -> str:
    return PLACEHOLDER.sub("{}", path).rstrip("/")
