"""First contact: something exists on Divio, and this state does not know it.

A new stack, a lost state and a resource under a new name all look alike: Divio has what the state lacks. What was never
deployed is the rest of an interrupted run, and is finished. What was deployed serves people: equal in all that is
declared, it is taken over as it is; different, it is refused, for nobody said which of the two is right.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from divio_provider.api.client import Divio
from divio_provider.api.endpoints.mirrors import UNKNOWN
from divio_provider.api.models import Application, Deployment, Environment
from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.planning.wiring import SITE_ID
from divio_provider.resources.host.configuration import ALL, TAKE_OVER, Configuration, includes
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader.lists import Reader

_SHOWN = 5


def last_deployments(divio: Divio, application: str) -> dict[str, Deployment]:
    """What the environments of an application run, by their slugs; those that were never deployed successfully are left out.

    `application` is its uuid. An environment that shows no ended deployment is not asked for its list.
    """
    found = {item.slug: last_deployment(divio, item) for item in divio.environments.list(application)}
    return {slug: last for slug, last in found.items() if last is not None}


def last_deployment(divio: Divio, environment: Environment) -> Deployment | None:
    """What one environment runs; None where it was never deployed successfully."""
    return divio.deployments.last_successful(environment.uuid) if environment.last_finished_deployment else None


def refuse_differences(
    divio: Divio, configuration: Configuration, site: str, place: str, differences: Sequence[str], application: str
) -> None:
    """Raise `Failed` for what was deployed and differs, unless the environment of this run names the site.

    `place` is what differs, such as `acme-shop live`; `differences` are clauses such as `THEME has another value`; `application`
    is the site's uuid.
    """
    if not differences or includes(configuration.taken_over, site):
        return
    more, others = len(differences) - _SHOWN, _deployed_environments(divio, application) - 1
    told = "; ".join(differences[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
    count = (
        f" {others} more environments of this estate were deployed, and each is looked at like this one."
        if others > 0
        else ""
    )
    raise Failed(
        f"{place} was deployed on Divio before this state knew it, and differs from what is declared: {told}. Nothing of "
        f"it was changed.{count} Declare what is there; or, if what is declared is right, run pulumi up once with "
        f"{TAKE_OVER}={site} (several with commas, {ALL} for every site). If a state was lost, look for it first",
        cause="exists on Divio, was deployed before this state knew it, and differs from what is declared",
    )


def refuse_stranger(divio: Divio, found: Application, props: Mapping[str, Any]) -> None:
    """Raise `Failed` where Divio shows that an application is no mirror of the original that a resource declares."""
    relation = divio.mirrors.relation(found)
    if relation is UNKNOWN or "original_uuid" not in props or relation == props["original_uuid"]:
        return
    actual = "is no mirror" if relation is None else "is a mirror of another application"
    raise Failed(
        f"{found.slug} exists on Divio (uuid {found.uuid}), but {actual}; nothing was changed. Choose another slug, or delete "
        f"it in the Control Panel so that it can be made as a mirror of {props['original']}"
    )


def _deployed_environments(divio: Divio, application: str) -> int:
    """Of the whole estate that an application belongs to."""
    reader = Reader(divio)
    found = reader.applications.get(application)
    original = (reader.original_of(found) if found is not None else None) or application
    environments = (item for uuid in reader.estate(original) for item in reader.environments(uuid).values())
    return sum(1 for item in environments if item.last_finished_deployment)


def site_ids_in_use(divio: Divio, original: str, declared: Collection[str]) -> dict[str, set[str]]:
    """The `SITE_ID`s that sites on Divio have now, by slug: one each, but where Test and Live differ.

    `original` is its slug. Asked are its mirrors, and `declared` sites whose relation Divio hides. What is set counts;
    where nothing is shown as set, what was deployed. A site without one is left out.
    """
    reader = Reader(divio, fresh=True)
    source = reader.application(original)
    uuid = source.uuid if source is not None else ""
    places = {
        found.uuid: (member.slug, found)
        for application, member in reader.estate(uuid, declared).items()
        for found in reader.environments(application).values()
        if found.slug in ENVIRONMENTS
    }
    ids: dict[str, set[str]] = {}
    for item in divio.environment_variables.list(list(places), name=SITE_ID):
        if item.value is not None:
            ids.setdefault(places.pop(item.environment)[0], set()).add(item.value)
    for slug, environment in places.values():
        last = last_deployment(divio, environment)
        if last is not None and (carried := divio.deployments.variables(last.uuid, [SITE_ID]).get(SITE_ID)):
            ids.setdefault(slug, set()).add(carried)
    return ids
