"""``Divio``: the client, with one attribute a noun."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from divio_provider.api.clock import SYSTEM_CLOCK, Clock
from divio_provider.api.conformance.capabilities import Capabilities
from divio_provider.api.endpoints.activities import Activities
from divio_provider.api.endpoints.applications import Applications
from divio_provider.api.endpoints.backups import Backups
from divio_provider.api.endpoints.catalogue import Organisations, PlanGroups, Regions, Services
from divio_provider.api.endpoints.deployments import Deployments
from divio_provider.api.endpoints.domains import Domains
from divio_provider.api.endpoints.environment_variables import EnvironmentVariables
from divio_provider.api.endpoints.environments import Environments
from divio_provider.api.endpoints.me import Account
from divio_provider.api.endpoints.mirrors import Mirrors
from divio_provider.api.endpoints.schema import Schema
from divio_provider.api.endpoints.service_instances import ServiceInstances
from divio_provider.api.transport.cache import Cache
from divio_provider.api.transport.transport import TIMEOUT_S, Transport

if TYPE_CHECKING:
    from datetime import datetime

    from divio_provider.api.settings import Settings
    from divio_provider.api.transport.retry import Policy


class Divio:
    """Divio's API as one account sees it.

    Costs nothing to make, needs no token before the first call, and may be used by any number of threads.

    Args:
        settings: where, who and how fast.
        clock: whose time counts for retries.
        policy: how patient a request is; five attempts within two minutes unless given.
        timeout_s: seconds for the connection, and between two pieces of an answer.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = SYSTEM_CLOCK,
        policy: Policy | None = None,
        timeout_s: tuple[float, float] = TIMEOUT_S,
    ) -> None:
        self.settings = settings
        self._http = Transport(settings, clock=clock, policy=policy, timeout_s=timeout_s)
        self._cache = Cache()
        http, cache = self._http, self._cache
        self.me = Account(http, cache)
        self.schema = Schema(http, cache)
        self.capabilities = Capabilities(self.schema, cache, settings)
        self.organisations = Organisations(http, cache)
        self.regions = Regions(http, cache)
        self.plan_groups = PlanGroups(http, cache)
        self.applications = Applications(http, cache)
        self.mirrors = Mirrors(http, cache, self.applications, settings.mirrors)
        self.environments = Environments(http, cache, self.applications)
        self.deployments = Deployments(http, cache)
        self.environment_variables = EnvironmentVariables(http, cache)
        self.services = Services(http, cache)
        self.service_instances = ServiceInstances(http, cache, self.services)
        self.activities = Activities(http, cache)
        self.backups = Backups(http, cache)
        self.domains = Domains(http, cache)

    @classmethod
    def for_settings(cls, settings: Settings) -> Divio:
        """The process's client for these settings, so that everything that runs together shares what it has read."""
        with _clients_lock:
            client = _clients.get(settings)
            if client is None:
                client = _clients[settings] = Divio(settings)
            return client

    @property
    def server_date(self) -> datetime | None:
        """Divio's own time (UTC, whole seconds, cut off) in this thread's last answer; None when it named none."""
        return self._http.server_date

    def learn_slug(self, application: str, slug: str) -> None:
        """Let the audit tell an application by its slug, where this process has no other reason to ask Divio for it."""
        self._http.learn_slug(application, slug)

    def forget(self) -> None:
        """Read everything anew from here on: for a process that outlives a run."""
        self._cache.forget()


_clients: dict[Settings, Divio] = {}
_clients_lock = threading.Lock()
