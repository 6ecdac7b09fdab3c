"""Plan groups: the subscriptions that an organisation may choose for an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.answers import read
from divio_provider.api.models import PlanGroup
from divio_provider.api.names import resolve
from divio_provider.api.pages import collect

if TYPE_CHECKING:
    from divio_provider.api.collections import Collections
    from divio_provider.api.transport import Transport


class PlanGroups:
    """Plan groups on Divio.

    Args:
        http: the way to Divio.
        collections: what this run has read already.
    """

    def __init__(self, http: Transport, collections: Collections) -> None:
        self._http = http
        self._collections = collections

    def list(self, organisation: str) -> tuple[PlanGroup, ...]:
        """Plan groups on offer to an organisation, read once a run.

        Args:
            organisation: id.
        """

        def load() -> tuple[PlanGroup, ...]:
            return collect(self._http, contract.LIST_PLAN_GROUPS, PlanGroup, (("organisation", organisation),))

        return self._collections.read("plan_groups", organisation, load)

    def get(self, uuid: str) -> PlanGroup:
        """One plan group with its regions.

        Args:
            uuid: Divio's id.
        """
        call = contract.GET_PLAN_GROUP
        return read(PlanGroup, self._http.send(call, uuid), call.method, call.path)

    def resolve(self, name_or_uuid: str, organisation: str) -> str:
        """A plan group's id.

        Args:
            name_or_uuid: what a person wrote.
            organisation: id of the organisation that it is offered to.

        Raises:
            Unresolved: no plan group, or several, fit; names near misses.
        """
        return resolve("plan group", name_or_uuid, ((one.uuid, [one.name]) for one in self.list(organisation)))
