"""What an account may choose from, by names: organisations, regions, plan groups, services.

Each ``resolve`` gives the id of what a person wrote, a name in any letter case or an id, and raises Unresolved, with near
misses, where nothing or several things fit.
"""

from __future__ import annotations

from divio_provider.api.contract import catalogue as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.endpoints.resolve import resolve
from divio_provider.api.models import Organisation, PlanGroup, Region, Service


class Organisations(Endpoint):
    """Organisations that the token's account belongs to."""

    noun = "organisations"

    def list(self, *, fresh: bool = False) -> tuple[Organisation, ...]:
        """All organisations that the account sees; `fresh` tells a lost permission from a missing object."""
        return self._list(contract.LIST_ORGANISATIONS, Organisation, fresh=fresh)

    def resolve(self, name_or_uuid: str) -> str:
        """An organisation's id."""
        return resolve("organisation", name_or_uuid, ((one.uuid, [one.name]) for one in self.list()))


class Regions(Endpoint):
    """Regions ("cloud spaces"): where applications run."""

    noun = "regions"

    def list(self) -> tuple[Region, ...]:
        """All regions that the account sees."""
        return self._list(contract.LIST_REGIONS, Region)

    def resolve(self, name_or_uuid: str) -> str:
        """A region's id."""
        return resolve("region", name_or_uuid, ((one.uuid, [one.name]) for one in self.list()))


class PlanGroups(Endpoint):
    """Plan groups: the subscriptions that an organisation may choose for an application."""

    noun = "plan_groups"

    def list(self, organisation: str) -> tuple[PlanGroup, ...]:
        """Plan groups on offer to an organisation."""
        return self._list(contract.LIST_PLAN_GROUPS, PlanGroup, organisation=organisation)

    def resolve(self, name_or_uuid: str, organisation: str) -> str:
        """The id of a plan group that is offered to an organisation."""
        return resolve("plan group", name_or_uuid, ((one.uuid, [one.name]) for one in self.list(organisation)))


class Services(Endpoint):
    """Services: the kinds of databases and storages that a region offers."""

    noun = "services"

    def list(self, region: str) -> tuple[Service, ...]:
        """What a region offers."""
        return self._list(contract.LIST_SERVICES, Service, region=region)

    def resolve(self, region: str, identifier_or_name_or_uuid: str) -> str:
        """The id of a region's service, which may also be called by its identifier, such as ``postgres`` or ``s3``."""
        known = ((one.uuid, [one.identifier or one.name, one.name]) for one in self.list(region))
        return resolve("service", identifier_or_name_or_uuid, known)
