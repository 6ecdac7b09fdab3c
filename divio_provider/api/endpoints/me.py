"""The account behind the token."""

from __future__ import annotations

from divio_provider.api.contract import me as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.models import Me


class Account(Endpoint):
    """The account behind the token; the cheapest way to try a token."""

    def get(self) -> Me:
        """Who we are. Raises Unauthorized where Divio does not accept the token."""
        return self._http.read(Me, contract.GET)
