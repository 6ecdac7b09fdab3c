"""Regions ("cloud spaces"): where applications run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.models import Region
from divio_provider.api.names import resolve
from divio_provider.api.pages import collect

if TYPE_CHECKING:
    from divio_provider.api.collections import Collections
    from divio_provider.api.transport import Transport


class Regions:
    """Regions on Divio.

    Args:
        http: the way to Divio.
        collections: what this run has read already.
    """

    def __init__(self, http: Transport, collections: Collections) -> None:
        self._http = http
        self._collections = collections

    def list(self) -> tuple[Region, ...]:
        """All regions that the account sees, read once a run."""
        return self._collections.read("regions", "", lambda: collect(self._http, contract.LIST_REGIONS, Region))

    def resolve(self, name_or_uuid: str) -> str:
        """A region's id.

        Args:
            name_or_uuid: what a person wrote.

        Raises:
            Unresolved: no region, or several, fit; names near misses.
        """
        return resolve("region", name_or_uuid, ((one.uuid, [one.name]) for one in self.list()))
