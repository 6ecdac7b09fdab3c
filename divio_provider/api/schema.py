"""The live API's own description (OpenAPI 3), and the few questions we put to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.answers import IS_API_URL_RIGHT
from divio_provider.api.certainty import PLACEHOLDER
from divio_provider.api.errors import NotUnderstood

if TYPE_CHECKING:
    from divio_provider.api.collections import Collections
    from divio_provider.api.transport import Transport

DEEPEST = 8
"""Levels of references that are followed; a schema may refer to itself."""


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
        operation = self._operation(method, path) or {}
        content = _mapping(_mapping(self._resolved(operation.get("requestBody"))).get("content"))
        schema = _mapping(content.get("application/json")).get("schema")
        return frozenset(self._writable(schema, 0))

    def _operation(self, method: str, path: str) -> Mapping[str, object] | None:
        for one, operations in _mapping(self.document.get("paths")).items():
            if _shape(one) == _shape(path):
                found = _mapping(operations).get(method.lower())
                return found if isinstance(found, Mapping) else None
        return None

    def _writable(self, schema: object, depth: int) -> Iterator[str]:
        described = _mapping(self._resolved(schema))
        if depth > DEEPEST:
            return
        for name, about in _mapping(described.get("properties")).items():
            if not _mapping(self._resolved(about)).get("readOnly"):
                yield name
        parts = described.get("allOf")
        for part in parts if isinstance(parts, list) else []:
            yield from self._writable(part, depth + 1)

    def _resolved(self, node: object) -> object:
        for _ in range(DEEPEST):
            reference = _mapping(node).get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return node
            node = self.document
            for step in reference[2:].split("/"):
                node = _mapping(node).get(step.replace("~1", "/").replace("~0", "~"))
        return None


class Schema:
    """Where the live API describes itself.

    Args:
        http: the way to Divio.
        collections: what this run has read already.
    """

    def __init__(self, http: Transport, collections: Collections) -> None:
        self._http = http
        self._collections = collections

    def read(self) -> Description:
        """The description, read once a run.

        Raises:
            NotFound: the API has none at the known path.
            NotUnderstood: what is there is no description.
        """

        def load() -> Description:
            call = contract.SCHEMA
            document = self._http.send(call)
            if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
                raise NotUnderstood(
                    "the answer is no OpenAPI document", method=call.method, path=call.path, hint=IS_API_URL_RIGHT
                )
            return Description(document)

        return self._collections.read("schema", "", load)


def _mapping(node: object) -> Mapping[str, object]:
    return node if isinstance(node, Mapping) else {}


def _shape(path: str) -> str:
    return PLACEHOLDER.sub("{}", path).rstrip("/")
