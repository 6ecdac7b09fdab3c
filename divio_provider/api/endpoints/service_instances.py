"""Service instances: the databases and storages of environments.

Creating one only registers it; the environment's next deployment provisions it, and only then its variables exist.
How the API detaches or removes one is unknown, so there is no such call here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api.contract import service_instances as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.models import ServiceInstance
from divio_provider.api.transport.responses import read

if TYPE_CHECKING:
    from divio_provider.api.endpoints.catalogue import Services
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport


class ServiceInstances(Endpoint):
    """Service instances on Divio; `services` tells the type of a service."""

    noun = "service_instances"

    def __init__(self, http: Transport, cache: Cache, services: Services) -> None:
        super().__init__(http, cache)
        self._services = services

    def list(self, environment: str, *, fresh: bool = False) -> tuple[ServiceInstance, ...]:
        """An environment's databases and storages."""
        return self._list(contract.LIST, ServiceInstance, environment=environment, fresh=fresh)

    def create(self, environment: str, region: str, service: str, prefix: str) -> ServiceInstance:
        """Register a database or storage.

        Args:
            environment: id.
            region: id.
            service: id, from ``services.resolve``.
            prefix: of its variables, upper case; ``DEFAULT`` for the usual one.

        Raises:
            AlreadyExists: the environment has one of that type and prefix.
        """

        def find() -> ServiceInstance | None:
            kind = next((one.type for one in self._services.list(region) if one.uuid == service), None)
            for one in self.list(environment, fresh=True):
                same = one.service == service or (kind is not None and one.type == kind)
                if same and one.prefix.upper() == prefix.upper():
                    return one
            return None

        return self._create(
            contract.CREATE,
            body={"environment": environment, "region": region, "service": service, "prefix": prefix},
            read_answer=lambda data: read(ServiceInstance, data, contract.CREATE),
            find=find,
            what=f"service instance {prefix}",
            changed=(self.noun, environment),
        )
