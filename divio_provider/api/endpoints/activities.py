"""What happened to applications, and who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api.contract import activities as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.models import Activity
from divio_provider.api.transport.pagination import walk

if TYPE_CHECKING:
    from collections.abc import Iterator


class Activities(Endpoint):
    """Activities on Divio. Nothing here is remembered: there are always new ones."""

    def list(self, *, application: str | None = None, organisation: str | None = None) -> Iterator[Activity]:
        """Activities in Divio's order, each page asked for when it is needed; of all applications unless one is given."""
        given = (("application", application), ("organisation", organisation))
        params = tuple((name, value) for name, value in given if value is not None)
        for page in walk(self._http, contract.LIST, Activity, params):
            yield from (one for one in page if application is None or one.application in (None, application))
