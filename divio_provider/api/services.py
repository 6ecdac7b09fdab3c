"""Services: the kinds of databases and storages that a region offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.models import Service
from divio_provider.api.names import resolve
from divio_provider.api.pages import collect

if TYPE_CHECKING:
    from divio_provider.api.collections import Collections
    from divio_provider.api.transport import Transport


class Services:
    """Services on Divio.

    Args:
        http: the way to Divio.
        collections: what this run has read already.
    """

    def __init__(self, http: Transport, collections: Collections) -> None:
        self._http = http
        self._collections = collections

    def list(self, region: str) -> tuple[Service, ...]:
        """What a region offers, read once a run.

        Args:
            region: id.
        """

        def load() -> tuple[Service, ...]:
            return collect(self._http, contract.LIST_SERVICES, Service, (("region", region),))

        return self._collections.read("services", region, load)

    def resolve(self, region: str, identifier_or_name_or_uuid: str) -> str:
        """A service's id.

        Args:
            region: id.
            identifier_or_name_or_uuid: what a person wrote, such as ``postgres`` or ``s3``.

        Raises:
            Unresolved: no service of the region, or several, fit; names near misses.
        """
        known = ((one.uuid, [one.identifier or one.name, one.name]) for one in self.list(region))
        return resolve("service", identifier_or_name_or_uuid, known)
