"""An estate as Divio shows it, for `status` and `inspect`: read as lists. It only reads.

What each environment was deployed with is one call more for each, asked only where `deep`; of the original always.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from divio_provider.api.client import Divio
from divio_provider.api.errors import NotUnderstood, Refused
from divio_provider.api.models import Application, Deployment
from divio_provider.estate.declaration.spec import Environment as Name
from divio_provider.estate.health.observation import (
    ObservedApplication,
    ObservedEnvironment,
    ObservedEstate,
    Result,
    StackMemory,
)
from divio_provider.estate.planning.deployment_decision import Seen
from divio_provider.resources.reader.lists import Member, Reader, domain_kind, histories, in_parallel
from divio_provider.resources.reader.original_deployment import released_at


def observe(
    divio: Divio,
    slug: str,
    environments: Sequence[Name],
    told: Callable[[int, int], None],
    *,
    declared: Collection[str] = (),
    memory: StackMemory | None = None,
    deep: bool = False,
) -> ObservedEstate:
    """Look at the original with this slug, at every declared site and at foreign mirrors, in these environments.

    `told` hears how many of the environments that are asked for one by one are done, and of how many. `declared` are the
    slugs of declared sites: without a declaration none, and domains are not read then. Raises DivioError where Divio does
    not answer, or refuses one of the lists.
    """
    memory = memory or StackMemory()
    reader = Reader(divio)
    original = reader.application(slug)
    members = {item.uuid: item for item in reader.applications.values() if item.slug in (slug, *declared)}
    members |= reader.estate(original.uuid) if original is not None else {}
    places = {
        item.uuid: Member(found.slug, uuid, item)
        for uuid, found in members.items()
        for item in reader.environments(uuid).values()
        if item.slug in environments
    }
    present: dict[str, dict[str, str | None]] = {uuid: {} for uuid in places}
    for variable in divio.environment_variables.list(list(present)):
        present[variable.environment][variable.name] = variable.value
    found = histories(divio, places)
    last = {uuid: history.last for uuid, history in found.items() if history.last is not None}
    read = {uuid: uuid for uuid in last if deep or places[uuid].slug == slug}
    carried = in_parallel(lambda uuid: divio.deployments.variables(last[uuid].uuid, present[uuid]), read, told)
    seen = {
        uuid: Seen(one.uuid, one.started_at, one.ended_at, carried.get(uuid))
        for uuid, one in last.items()
        if one.started_at is not None
    }
    shown: dict[str, dict[str, ObservedEnvironment]] = {uuid: {} for uuid in members}
    for uuid, place in places.items():
        newest, key = found[uuid].newest, (place.slug, place.environment.slug)
        shown[place.application][place.environment.slug] = ObservedEnvironment(
            result=_result(newest),
            at=None if newest is None else newest.ended_at or newest.started_at,
            last=seen.get(uuid),
            present=present[uuid],
            manages=key in memory.writes,
            changed_at=memory.writes.get(key),
            copied=memory.copied.get(key, {}),
            uuid=uuid,
        )
    regions = _regions(divio, list(members.values()))
    return ObservedEstate(
        applications={
            item.slug: ObservedApplication(
                uuid, shown[uuid], reader.original_of(item), regions.get(item.region or "", "")
            )
            for uuid, item in members.items()
        },
        register=memory.register,
        released_at=_released(divio, original.uuid, shown[original.uuid].get("live"), memory) if original else None,
        unfinished=memory.unfinished,
        domains=_domains(divio, members) if declared and "live" in environments else None,
    )


def _regions(divio: Divio, members: Sequence[Application]) -> Mapping[str, str]:
    """What the members' regions are called; nobody asks where they are all in one, or Divio shows none."""
    ids = {found.region for found in members if found.region}
    if len(ids) < 2:
        return {}
    names = {region.uuid: region.name for region in divio.regions.list()}
    return {one: names.get(one) or one for one in ids}


def _domains(divio: Divio, members: Mapping[str, Application]) -> Mapping[str, tuple[str, str | None]] | None:
    """Every custom domain: the slug of its application and its kind; None where Divio has no such list."""
    try:
        listed = divio.domains.list()
    except (Refused, NotUnderstood):
        return None
    return {
        item.domain.lower(): (
            members[item.application].slug if item.application and item.application in members else "",
            domain_kind(item),
        )
        for item in listed
    }


def _released(divio: Divio, original: str, live: ObservedEnvironment | None, memory: StackMemory) -> datetime | None:
    # Somebody else's deployment of the original's Live counts; then what the stack remembers is of the one before.
    if memory.release is not None and live is not None and live.last is not None:
        uuid, at = memory.release
        if uuid == live.last.uuid:
            return at
    return released_at(divio, original)


def _result(newest: Deployment | None) -> Result:
    if newest is None:
        return "never"
    if newest.running:
        return "running"
    return "ok" if newest.success is True else "failed"
