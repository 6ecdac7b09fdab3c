"""The live API's own schema (OpenAPI), as it serves it. What it says is ``conformance/openapi.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from divio_provider.api.contract import schema
from divio_provider.api.contract.types import Call
from divio_provider.api.transport.responses import unexpected

if TYPE_CHECKING:
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport


class Schema:
    """Where the live API describes itself.

    Args:
        http: the way to Divio.
        cache: what this run has read already.
    """

    def __init__(self, http: Transport, cache: Cache) -> None:
        self._http = http
        self._cache = cache

    def read(self, call: Call = schema.APPS) -> Mapping[str, object]:
        """An OpenAPI document, read once a run.

        Args:
            call: which part of the API, the main one (``/apps/v3/``) unless given.

        Raises:
            NotFound: the API has none at the known path.
            NotUnderstood: what is there is no OpenAPI document.
        """

        def load() -> Mapping[str, object]:
            document = self._http.send(call)
            if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
                raise unexpected(call, "the answer is no OpenAPI document")
            return document

        return self._cache.read("schema", call.path, load)
