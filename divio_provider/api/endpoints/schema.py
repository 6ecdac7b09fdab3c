"""The live API's own schema (OpenAPI), as it serves it. What it says is ``conformance/openapi.py``."""

from __future__ import annotations

from collections.abc import Mapping

from divio_provider.api.contract import schema as contract
from divio_provider.api.contract.types import Call
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.transport.responses import unexpected


class Schema(Endpoint):
    """Where the live API describes itself."""

    noun = "schema"

    def read(self, call: Call = contract.APPS) -> Mapping[str, object]:
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

        return self._cache.read(self.noun, call.path, load)
