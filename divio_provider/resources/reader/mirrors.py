"""The mirrors of an original as Divio shows them at this moment, with the deployments that tell how they stand."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from divio_provider.api.client import Divio
from divio_provider.api.endpoints.mirrors import UNKNOWN
from divio_provider.api.models import Deployment, Environment
from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.planning.releases import History

_WORKERS = 8
_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True)
class Member:
    """One environment of one mirror, ours or foreign."""

    slug: str
    application: str
    environment: Environment

    @property
    def key(self) -> str:
        """`slug/environment`, as in the names of resources."""
        return f"{self.slug}/{self.environment.slug}"


def members(
    divio: Divio, original: str, declared: Collection[str], environments: Collection[str] = ENVIRONMENTS
) -> list[Member]:
    """Environments of all mirrors of the original with this uuid, asked past any cache.

    Where Divio shows no relation, the declared slugs are taken for its mirrors.
    """
    mirrors = {}
    for item in divio.applications.list(fresh=True):
        relation = divio.mirrors.relation(item)
        if item.uuid != original and (relation == original or (relation is UNKNOWN and item.slug in declared)):
            mirrors[item.uuid] = item.slug
    if not mirrors:
        return []
    shown = [(item.application, item) for item in divio.environments.list(fresh=True) if item.application in mirrors]
    for uuid in mirrors.keys() - {application for application, _ in shown}:
        # A list of all need not tell whose an environment is.
        shown += [(uuid, item) for item in divio.environments.list(uuid, fresh=True)]
    return [Member(mirrors[uuid], uuid, item) for uuid, item in shown if uuid and item.slug in environments]


def last_successful(divio: Divio, found: Iterable[Member]) -> dict[str, tuple[History, Deployment | None]]:
    """For each by its key: its history, and its last successful deployment."""
    members_by_key = {item.key: item for item in found}
    environments = [item.environment.uuid for item in members_by_key.values()]
    listed = divio.deployments.histories(environments)

    def history(member: Member) -> tuple[History, Deployment | None]:
        environment = member.environment.uuid
        found = listed[environment] if environment in listed else divio.deployments.history(environment)
        last = found[-1] if found and found[-1].success is True else None
        return History(bool(found), last.started_at if last is not None else None), last

    return in_parallel(history, members_by_key)


def in_parallel(work: Callable[[_T], _R], things: dict[str, _T]) -> dict[str, _R]:
    """The same work on several things at a time, results by the same keys."""
    if not things:
        return {}
    with ThreadPoolExecutor(max_workers=min(_WORKERS, len(things))) as pool:
        return dict(zip(things, pool.map(work, things.values()), strict=True))
