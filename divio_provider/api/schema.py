"""The live API's own description (OpenAPI), read from the API itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.answers import IS_API_URL_RIGHT
from divio_provider.api.certainty import Call
from divio_provider.api.description import Description
from divio_provider.api.errors import NotUnderstood

if TYPE_CHECKING:
    from divio_provider.api.collections import Collections
    from divio_provider.api.transport import Transport


class Schema:
    """Where the live API describes itself.

    Args:
        http: the way to Divio.
        collections: what this run has read already.
    """

    def __init__(self, http: Transport, collections: Collections) -> None:
        self._http = http
        self._collections = collections

    def read(self, call: Call = contract.SCHEMA) -> Description:
        """A description, read once a run.

        Args:
            call: which part of the API, the main one (``/apps/v3/``) unless given.

        Raises:
            NotFound: the API has none at the known path.
            NotUnderstood: what is there is no description.
        """

        def load() -> Description:
            document = self._http.send(call)
            if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
                raise NotUnderstood(
                    "the answer is no OpenAPI document", method=call.method, path=call.path, hint=IS_API_URL_RIGHT
                )
            return Description(document)

        return self._collections.read("schema", call.path, load)
