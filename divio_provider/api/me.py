"""The account behind the token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.answers import read
from divio_provider.api.models import Me

if TYPE_CHECKING:
    from divio_provider.api.transport import Transport


class Account:
    """The account behind the token; the cheapest way to try a token.

    Args:
        http: the way to Divio.
    """

    def __init__(self, http: Transport) -> None:
        self._http = http

    def get(self) -> Me:
        """Who we are.

        Raises:
            Unauthorized: Divio does not accept the token.
        """
        return read(Me, self._http.send(contract.ME), contract.ME.method, contract.ME.path)
