"""Organisations that the token's account belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.models import Organisation
from divio_provider.api.names import resolve
from divio_provider.api.pages import collect

if TYPE_CHECKING:
    from divio_provider.api.collections import Collections
    from divio_provider.api.transport import Transport


class Organisations:
    """Organisations on Divio.

    Args:
        http: the way to Divio.
        collections: what this run has read already.
    """

    def __init__(self, http: Transport, collections: Collections) -> None:
        self._http = http
        self._collections = collections

    def list(self, *, fresh: bool = False) -> tuple[Organisation, ...]:
        """All organisations that the account sees, read once a run.

        Args:
            fresh: ask now; tells a lost permission from a missing object.
        """
        return self._collections.read(
            "organisations",
            "",
            lambda: collect(self._http, contract.LIST_ORGANISATIONS, Organisation),
            fresh=fresh,
        )

    def resolve(self, name_or_uuid: str) -> str:
        """An organisation's id.

        Args:
            name_or_uuid: what a person wrote.

        Raises:
            Unresolved: no organisation, or several, fit; names near misses.
        """
        return resolve("organisation", name_or_uuid, ((one.uuid, [one.name]) for one in self.list()))
