"""External Git repositories of applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.answers import read
from divio_provider.api.models import Repository

if TYPE_CHECKING:
    from divio_provider.api.transport import Transport


class Repositories:
    """External Git repositories on Divio.

    Args:
        http: the way to Divio.
    """

    def __init__(self, http: Transport) -> None:
        self._http = http

    def get(self, uuid: str) -> Repository:
        """One repository.

        Args:
            uuid: Divio's id, as an application's ``repository`` names it.

        Raises:
            NotFound: missing or not permitted.
        """
        call = contract.GET_REPOSITORY
        return read(Repository, self._http.send(call, uuid), call.method, call.path)
