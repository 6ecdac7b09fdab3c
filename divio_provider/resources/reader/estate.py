"""An estate as Divio shows it: read as lists, and one call for what each environment was deployed with. It only reads."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime

from divio_provider.api.client import Divio
from divio_provider.api.models import Application as Found
from divio_provider.api.models import Deployment, Environment
from divio_provider.api.transport.batches import batches
from divio_provider.estate.declaration.spec import Environment as Name
from divio_provider.estate.health.observed import Application, Known, Result, Shown
from divio_provider.estate.planning.deployment_decision import Seen
from divio_provider.estate.planning.site_ids import Register
from divio_provider.estate.planning.unfinished import Unfinished
from divio_provider.resources.reader.original_deployment import released_at

Told = Callable[[int, int], None]
"""Called with the number of environments that were asked about, and of all."""

_AT_A_TIME = 8
_FEW = 2


@dataclass(frozen=True)
class Remembered:
    """What a stack's state adds to what Divio shows.

    `writes` are our last ones, by slug and environment. `release` is the deployment of the original's Live that the
    stack knows, with the time when the present release arrived there.
    """

    register: Register | None = None
    unfinished: Mapping[str, Sequence[Unfinished]] = field(default_factory=dict)
    writes: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    release: tuple[str, datetime] | None = None


def observe(
    divio: Divio, slug: str, declared: Collection[str], names: Sequence[Name], remembered: Remembered, told: Told
) -> Known:
    """Look at an original, at every declared site and at foreign mirrors, in the environments of these names.

    `slug` is the original's, `declared` those of the declared sites; without a declaration none.

    Raises DivioError.
    """
    members = _members(divio, slug, declared)
    environments = [item for item in _environments(divio, [found for found, _ in members]) if item.slug in names]
    present: dict[str, dict[str, str | None]] = {item.uuid: {} for item in environments}
    for variable in divio.environment_variables.list(list(present)):
        present[variable.environment][variable.name] = variable.value
    slugs = {found.uuid: found.slug for found, _ in members}
    regions = _regions(divio, [found for found, _ in members])
    shown: dict[str, dict[str, Shown]] = {uuid: {} for uuid in slugs}
    for environment, (newest, last) in _deployments(divio, environments, present, told):
        uuid = str(environment.application)
        write = remembered.writes.get((slugs[uuid], environment.slug))
        shown[uuid][environment.slug] = Shown(_result(newest), _at(newest), last, present[environment.uuid], write)
    original = next((found for found, _ in members if found.slug == slug), None)
    return Known(
        applications={
            found.slug: Application(found.uuid, shown[found.uuid], relation, regions.get(found.region or "", ""))
            for found, relation in members
        },
        register=remembered.register,
        released_at=_released(divio, original, shown, remembered) if original is not None else None,
        unfinished=remembered.unfinished,
    )


def _members(divio: Divio, slug: str, declared: Collection[str]) -> list[tuple[Found, str | None]]:
    """The estate's applications, each with the original that Divio shows of it ("": it shows no such field)."""
    listed = {item.slug: item for item in divio.applications.list()}
    original = listed.get(slug)
    members = []
    for item in listed.values():
        relation = divio.mirrors.relation(item)
        shown = relation if isinstance(relation, str) or relation is None else ""
        if item.slug in (slug, *declared) or (original is not None and shown == original.uuid):
            members.append((item, shown))
    return members


def _regions(divio: Divio, members: Sequence[Found]) -> Mapping[str, str]:
    """What the members' regions are called; nobody asks where they are all in one, or Divio shows none."""
    ids = {found.region for found in members if found.region}
    if len(ids) < 2:
        return {}
    names = {region.uuid: region.name for region in divio.regions.list()}
    return {one: names.get(one) or one for one in ids}


def _environments(divio: Divio, members: Sequence[Found]) -> list[Environment]:
    if len(members) <= _FEW:
        return [item for found in members for item in divio.environments.list(found.uuid)]
    uuids = {found.uuid for found in members}
    return [item for item in divio.environments.list() if item.application in uuids]


def _deployments(
    divio: Divio, environments: Sequence[Environment], present: Mapping[str, Collection[str]], told: Told
) -> Iterable[tuple[Environment, tuple[Deployment | None, Seen | None]]]:
    listed: dict[str, Iterable[Deployment]] = {}

    def look(environment: Environment) -> tuple[Deployment | None, Seen | None]:
        newest = None
        for deployment in listed.get(environment.uuid) or divio.deployments.list(environment.uuid):
            newest = newest or deployment
            if deployment.success is True and deployment.started_at is not None:
                variables = divio.deployments.variables(deployment.uuid, present[environment.uuid])
                return newest, Seen(deployment.uuid, deployment.started_at, deployment.ended_at, variables)
        return newest, None

    uuids = [environment.uuid for environment in environments]
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        for found in threads.map(divio.deployments.histories, [batch for batch in batches(uuids) if len(batch) > 1]):
            listed |= found
        asked = {threads.submit(look, environment): environment for environment in environments}
        try:
            for done, future in enumerate(as_completed(asked), 1):
                yield asked[future], future.result()
                told(done, len(asked))
        finally:
            threads.shutdown(cancel_futures=True)


def _released(
    divio: Divio, original: Found, shown: Mapping[str, Mapping[str, Shown]], remembered: Remembered
) -> datetime | None:
    live = shown[original.uuid].get("live")
    # Somebody else's deployment of the original's Live counts; then what the stack remembers is of the one before.
    if remembered.release is not None and live is not None and live.last is not None:
        uuid, at = remembered.release
        if uuid == live.last.uuid:
            return at
    return released_at(divio, original.uuid)


def _result(newest: Deployment | None) -> Result:
    if newest is None:
        return "never"
    if newest.running:
        return "running"
    return "ok" if newest.success is True else "failed"


def _at(newest: Deployment | None) -> datetime | None:
    return None if newest is None else newest.ended_at or newest.started_at
