"""`Reader`: Divio's lists as resources and commands read them, and how fresh they are.

* `Reader(divio)` answers from what this run has read: for a refresh, which asks each resource on its own, four at a
  time, and for the commands. Answered one by one that would be several calls for each; as lists it grows with pages.
* `Reader(divio, fresh=True)` asks Divio past all that, each list once for itself: for gates and proofs. Make a new one
  for each.

What an environment was deployed with, and when, is never taken from a cache: `Histories`.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import TypeVar

from divio_provider.api.client import Divio
from divio_provider.api.endpoints.mirrors import UNKNOWN
from divio_provider.api.errors import NotUnderstood, Refused
from divio_provider.api.models import Application, Deployment, Domain, Environment, EnvironmentVariable
from divio_provider.api.transport.pagination import batches
from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.planning.releases import History as ReleaseHistory
from divio_provider.estate.planning.wiring import SITE_ID

FEW = 2
"""Applications up to which asking for each one's environments is no dearer than asking for all of the account's."""

_AT_A_TIME = 8
_T = TypeVar("_T")
_R = TypeVar("_R")
_K = TypeVar("_K")


@dataclass(frozen=True)
class Member:
    """One environment of one application of an estate, ours or foreign."""

    slug: str
    application: str
    environment: Environment

    @property
    def key(self) -> str:
        """`slug/environment`, as in the names of resources."""
        return f"{self.slug}/{self.environment.slug}"


class Reader:
    """Applications, their environments and their variables."""

    def __init__(self, divio: Divio, *, fresh: bool = False) -> None:
        self._divio = divio
        self._fresh = fresh

    @cached_property
    def applications(self) -> Mapping[str, Application]:
        """All that the account sees, by uuid."""
        return {item.uuid: item for item in self._divio.applications.list(fresh=self._fresh)}

    @cached_property
    def _has_listed(self) -> bool:
        """Whether the account's one list of environments was read; each application's are then found in it."""
        if len(self.applications) > FEW:
            self._divio.environments.list(fresh=self._fresh)
        return len(self.applications) > FEW

    def application(self, slug: str) -> Application | None:
        """The application with this slug, as the account's list shows it."""
        return next((item for item in self.applications.values() if item.slug == slug), None)

    def environments(self, application: str) -> dict[str, Environment]:
        """An application's environments by slug, from the account's one list of them where there are a few."""
        fresh = not self._has_listed and self._fresh
        return {item.slug: item for item in self._divio.environments.list(application, fresh=fresh)}

    def original_of(self, application: Application) -> str | None:
        """The uuid of the application that it mirrors: None where there is none, "" where Divio does not show it."""
        relation = self._divio.mirrors.relation(application)
        return "" if relation is UNKNOWN else relation

    def estate(self, original: str, declared: Collection[str] = ()) -> dict[str, Application]:
        """The original with this uuid and its mirrors, ours or foreign, by uuid.

        Where Divio shows no relation, the declared slugs are taken for its mirrors.
        """
        found = {}
        for uuid, item in self.applications.items():
            relation = self.original_of(item)
            if (original and original in (uuid, relation)) or (relation == "" and item.slug in declared):
                found[uuid] = item
        return found

    def mirrors(
        self, original: str, declared: Collection[str], environments: Collection[str] = ENVIRONMENTS
    ) -> list[Member]:
        """Environments of all mirrors of the original with this uuid, as `estate` tells them."""
        mirrors = {uuid: item.slug for uuid, item in self.estate(original, declared).items() if uuid != original}
        return [
            Member(slug, uuid, item)
            for uuid, slug in mirrors.items()
            for item in self.environments(uuid).values()
            if item.slug in environments
        ]

    def variables(self, application: str, environment: str) -> list[EnvironmentVariable]:
        """The variables of one environment, read together with those of its estate's other environments."""
        original = self.original_of(self.applications[application]) or application
        every = [item.uuid for uuid in self.estate(original) for item in self.environments(uuid).values()]
        self._divio.environment_variables.list(sorted({*every, environment}))
        return list(self._divio.environment_variables.list([environment]))


def environments_of(divio: Divio, application: str) -> dict[str, str]:
    """The ids of an application's environments by slug, `{"test": …, "live": …}`; for that one application alone."""
    return {environment.slug: environment.uuid for environment in divio.environments.list(application)}


def environment_of(divio: Divio, slug: str, environment: str) -> str | None:
    """The id of a site's environment, by the site's slug, asked now; None where either is gone."""
    site = divio.applications.find(slug)
    return environments_of(divio, site.uuid).get(environment) if site else None


def domain_kind(domain: Domain) -> str | None:
    """`primary`, `alias` or `redirect`; None where Divio does not show it."""
    if domain.is_primary or domain.is_redirect:
        return "primary" if domain.is_primary else "redirect"
    return None if domain.is_primary is None else "alias"


@dataclass(frozen=True)
class History:
    """An environment's deployments, newest first, down to its last successful one.

    `server_date` is the server's time when they were shown, `at` the same moment on our own monotonic clock.
    """

    deployments: Sequence[Deployment]
    server_date: datetime | None
    at: float

    @property
    def newest(self) -> Deployment | None:
        """The newest one."""
        return self.deployments[0] if self.deployments else None

    @property
    def running(self) -> Deployment | None:
        """The newest that runs."""
        return next((one for one in self.deployments if one.running), None)

    @property
    def last(self) -> Deployment | None:
        """The last successful one."""
        return next((one for one in self.deployments if one.success is True), None)

    @property
    def of_release(self) -> ReleaseHistory:
        """What a release's gates go by."""
        return ReleaseHistory(bool(self.deployments), self.last.started_at if self.last is not None else None)


class Histories:
    """Deployments and variables of environments as they are now, listed together where that is possible.

    Asked one by one, a hundred environments are two hundred requests before anything is started. This is no cache: what
    was listed is handed out once and then gone, and what the lists did not settle is asked for alone.
    """

    def __init__(self, divio: Divio) -> None:
        self._divio = divio
        self._histories: dict[str, History] = {}
        self._variables: dict[str, dict[str, str | None]] = {}
        self.site_ids: dict[str, str | None] = {}
        """The `SITE_ID` of environments whose variables were listed together; None: withheld or not set."""

    def jobs(self, environments: Sequence[str], *, variables: bool = True) -> list[Callable[[], None]]:
        """The requests that list these environments, by id; they may run at the same time. None for a single one."""
        if len(environments) < 2:
            return []
        lists = (self._list_deployments, self._list_variables) if variables else (self._list_deployments,)
        return [partial(list_, batch) for list_ in lists for batch in batches(environments)]

    def history(self, environment: str) -> History:
        """An environment's deployments."""
        listed = self._histories.pop(environment, None)
        if listed is not None:
            return listed
        return History(self._divio.deployments.history(environment), self._divio.server_date, time.monotonic())

    def variables(self, environment: str) -> dict[str, str | None]:
        """An environment's variables; None as a value where Divio withholds it."""
        listed = self._variables.pop(environment, None)
        if listed is not None:
            return listed
        return {item.name: item.value for item in self._divio.environment_variables.list([environment], fresh=True)}

    def _list_deployments(self, environments: Sequence[str]) -> None:
        listed = self._divio.deployments.histories(environments)
        date, at = self._divio.server_date, time.monotonic()
        self._histories |= {environment: History(found, date, at) for environment, found in listed.items()}

    def _list_variables(self, environments: Sequence[str]) -> None:
        listed: dict[str, dict[str, str | None]] = {}
        try:
            for item in self._divio.environment_variables.list(environments, fresh=True):
                listed.setdefault(item.environment, {})[item.name] = item.value
        except (Refused, NotUnderstood):
            return  # whatever is wrong with one of them is told by asking for that one alone
        # An environment of which nothing was seen is not in it: that proves nothing.
        self._variables |= listed
        self.site_ids |= {environment: found.get(SITE_ID) for environment, found in listed.items()}


def histories(divio: Divio, environments: Iterable[str]) -> dict[str, History]:
    """The deployments of several environments now, by their ids, in as few requests as possible."""
    wanted = list(dict.fromkeys(environments))
    now = Histories(divio)
    in_parallel(lambda job: job(), dict(enumerate(now.jobs(wanted, variables=False))))
    return in_parallel(now.history, {one: one for one in wanted})


def in_parallel(
    work: Callable[[_T], _R], things: Mapping[_K, _T], told: Callable[[int, int], None] | None = None
) -> dict[_K, _R]:
    """The same work on several things at a time, results by the same keys.

    `told` hears how many are done, and of how many. An error of one is raised, and nothing further is begun.
    """
    results = {}
    with ThreadPoolExecutor(max_workers=_AT_A_TIME) as pool:
        for key, result in zip(things, pool.map(work, things.values()), strict=True):
            results[key] = result
            if told is not None:
                told(len(results), len(things))
    return results
