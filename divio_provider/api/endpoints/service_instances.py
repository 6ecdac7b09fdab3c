"""Service instances: the databases and storages of environments.

Creating one only registers it; the environment's next deployment provisions it, and only then its variables exist.
How the API detaches or removes one is unknown, so there is no such call here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api.contract import service_instances as contract
from divio_provider.api.models import ServiceInstance
from divio_provider.api.transport.create_once import create_once
from divio_provider.api.transport.pagination import collect
from divio_provider.api.transport.responses import read

if TYPE_CHECKING:
    from divio_provider.api.endpoints.catalogue import Services
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport

NOUN = "service_instances"


class ServiceInstances:
    """Service instances on Divio.

    Args:
        http: the way to Divio.
        cache: what this run has read already.
        services: tells the type of a service.
    """

    def __init__(self, http: Transport, cache: Cache, services: Services) -> None:
        self._http = http
        self._cache = cache
        self._services = services

    def list(self, environment: str, *, fresh: bool = False) -> tuple[ServiceInstance, ...]:
        """An environment's databases and storages, read once a run.

        Args:
            environment: id.
            fresh: ask now, past the run's cache.
        """

        def load() -> tuple[ServiceInstance, ...]:
            found = collect(self._http, contract.LIST, ServiceInstance, (("environment", environment),))
            return tuple(one for one in found if one.environment in (None, environment))

        return self._cache.read(NOUN, environment, load, fresh=fresh)

    def create(self, environment: str, region: str, service: str, prefix: str) -> ServiceInstance:
        """Register a database or storage; the environment's next deployment provisions it.

        Args:
            environment: id.
            region: id.
            service: id, from ``services.resolve``.
            prefix: of its variables, upper case; ``DEFAULT`` for the usual one.

        Raises:
            AlreadyExists: the environment has one of that type and prefix.
        """
        call = contract.CREATE
        body = {"environment": environment, "region": region, "service": service, "prefix": prefix}

        def post() -> ServiceInstance | None:
            data = self._http.send(call, body=body)
            return None if data is None else read(ServiceInstance, data, call)

        def look() -> ServiceInstance | None:
            kind = next((one.type for one in self._services.list(region) if one.uuid == service), None)
            for one in self.list(environment, fresh=True):
                same = one.service == service or (kind is not None and one.type == kind)
                if same and one.prefix.upper() == prefix.upper():
                    return one
            return None

        try:
            return create_once(self._http, post, look, f"service instance {prefix}")
        finally:
            self._cache.forget(NOUN, environment)
