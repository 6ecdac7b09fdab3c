"""The account behind the token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api.contract import me as contract
from divio_provider.api.models import Me

if TYPE_CHECKING:
    from divio_provider.api.transport.transport import Transport


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
        return self._http.read(Me, contract.GET)
