"""What an account may choose from, by names: organisations, regions, plan groups, services."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from divio_provider.api.contract import catalogue
from divio_provider.api.endpoints.resolve import resolve
from divio_provider.api.models import Model, Organisation, PlanGroup, Region, Service
from divio_provider.api.transport.pagination import collect

if TYPE_CHECKING:
    from divio_provider.api.contract.types import Call
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport

M = TypeVar("M", bound=Model)


class _Choices:
    """One of these lists, read once a run.

    Args:
        http: the way to Divio.
        cache: what this run has read already.
    """

    def __init__(self, http: Transport, cache: Cache) -> None:
        self._http = http
        self._cache = cache

    def _list(self, call: Call, model: type[M], *, fresh: bool = False, **filters: str) -> tuple[M, ...]:
        params = tuple(filters.items())
        key = "&".join(filters.values())
        return self._cache.read(call.name, key, lambda: collect(self._http, call, model, params), fresh=fresh)


class Organisations(_Choices):
    """Organisations that the token's account belongs to."""

    def list(self, *, fresh: bool = False) -> tuple[Organisation, ...]:
        """All organisations that the account sees.

        Args:
            fresh: ask now; tells a lost permission from a missing object.
        """
        return self._list(catalogue.LIST_ORGANISATIONS, Organisation, fresh=fresh)

    def resolve(self, name_or_uuid: str) -> str:
        """An organisation's id.

        Args:
            name_or_uuid: what a person wrote.

        Raises:
            Unresolved: no organisation, or several, fit; names near misses.
        """
        return resolve("organisation", name_or_uuid, ((one.uuid, [one.name]) for one in self.list()))


class Regions(_Choices):
    """Regions ("cloud spaces"): where applications run."""

    def list(self) -> tuple[Region, ...]:
        """All regions that the account sees."""
        return self._list(catalogue.LIST_REGIONS, Region)

    def resolve(self, name_or_uuid: str) -> str:
        """A region's id.

        Args:
            name_or_uuid: what a person wrote.

        Raises:
            Unresolved: no region, or several, fit; names near misses.
        """
        return resolve("region", name_or_uuid, ((one.uuid, [one.name]) for one in self.list()))


class PlanGroups(_Choices):
    """Plan groups: the subscriptions that an organisation may choose for an application."""

    def list(self, organisation: str) -> tuple[PlanGroup, ...]:
        """Plan groups on offer to an organisation.

        Args:
            organisation: id.
        """
        return self._list(catalogue.LIST_PLAN_GROUPS, PlanGroup, organisation=organisation)

    def get(self, uuid: str) -> PlanGroup:
        """One plan group with its regions.

        Args:
            uuid: Divio's id.
        """
        return self._http.read(PlanGroup, catalogue.GET_PLAN_GROUP, uuid)

    def resolve(self, name_or_uuid: str, organisation: str) -> str:
        """A plan group's id.

        Args:
            name_or_uuid: what a person wrote.
            organisation: id of the organisation that it is offered to.

        Raises:
            Unresolved: no plan group, or several, fit; names near misses.
        """
        return resolve("plan group", name_or_uuid, ((one.uuid, [one.name]) for one in self.list(organisation)))


class Services(_Choices):
    """Services: the kinds of databases and storages that a region offers."""

    def list(self, region: str) -> tuple[Service, ...]:
        """What a region offers.

        Args:
            region: id.
        """
        return self._list(catalogue.LIST_SERVICES, Service, region=region)

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
