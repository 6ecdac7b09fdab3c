"""``Divio``: the client, with one attribute a noun."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from divio_provider.api.activities import Activities
from divio_provider.api.applications import Applications
from divio_provider.api.backups import Backups
from divio_provider.api.clock import SYSTEM_CLOCK, Clock
from divio_provider.api.collections import Collections
from divio_provider.api.deployments import Deployments
from divio_provider.api.domains import Domains
from divio_provider.api.environment_variables import EnvironmentVariables
from divio_provider.api.environments import Environments
from divio_provider.api.me import Account
from divio_provider.api.mirrors import Mirrors
from divio_provider.api.organisations import Organisations
from divio_provider.api.plan_groups import PlanGroups
from divio_provider.api.regions import Regions
from divio_provider.api.schema import Schema
from divio_provider.api.service_instances import ServiceInstances
from divio_provider.api.services import Services
from divio_provider.api.transport import TIMEOUT_S, Transport

if TYPE_CHECKING:
    from datetime import datetime

    from divio_provider.api.retry import Policy
    from divio_provider.api.settings import Settings


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
        self._collections = Collections()
        http, collections = self._http, self._collections
        self.me = Account(http)
        self.schema = Schema(http, collections)
        self.organisations = Organisations(http, collections)
        self.regions = Regions(http, collections)
        self.plan_groups = PlanGroups(http, collections)
        self.applications = Applications(http, collections)
        self.mirrors = Mirrors(http, collections, self.applications, self.schema, settings.mirrors)
        self.environments = Environments(http, collections, self.applications)
        self.deployments = Deployments(http, collections)
        self.environment_variables = EnvironmentVariables(http, collections)
        self.services = Services(http, collections)
        self.service_instances = ServiceInstances(http, collections, self.services)
        self.activities = Activities(http)
        self.backups = Backups(http)
        self.domains = Domains(http, collections, self.schema, settings.domains)

    @classmethod
    def for_settings(cls, settings: Settings) -> Divio:
        """The process's client for these settings, so that everything that runs together shares what it has read.

        Args:
            settings: where, who and how fast.
        """
        with _clients_lock:
            client = _clients.get(settings)
            if client is None:
                client = _clients[settings] = Divio(settings)
            return client

    @property
    def server_date(self) -> datetime | None:
        """Divio's own time (UTC, whole seconds, cut off) in this thread's last answer; None when it named none."""
        return self._http.server_date

    def know(self, application: str, slug: str) -> None:
        """Let the audit tell an application by its slug, where this process has no other reason to ask Divio for it.

        Args:
            application: its id.
            slug: its slug.
        """
        self._http.know(application, slug)

    def forget(self) -> None:
        """Read everything anew from here on: for a process that outlives a run."""
        self._collections.forget()


_clients: dict[Settings, Divio] = {}
_clients_lock = threading.Lock()
