"""What a refresh reads: lists of the whole account, shared by all resources of a run.

A refresh asks each resource on its own, four at a time. Answered one by one that would be several calls for each; read
as lists it grows with pages. Only for `read`: gates and writes ask Divio past it.
"""

from divio_provider.api.client import Divio
from divio_provider.api.models import Application, Environment, EnvironmentVariable

_FEW = 2
"""Applications of an account up to which asking for each one's environments is no dearer than asking for all."""


def application(divio: Divio, slug: str) -> Application | None:
    """The application with this slug, as the account's list shows it."""
    return next((item for item in divio.applications.list() if item.slug == slug), None)


def environments(divio: Divio, application_uuid: str) -> dict[str, Environment]:
    """An application's environments by slug, from the account's one list of them."""
    everything = len(divio.applications.list()) > _FEW
    listed = divio.environments.list() if everything else divio.environments.list(application_uuid)
    return {item.slug: item for item in listed if item.application in (None, application_uuid)}


def estate(divio: Divio, original: str) -> dict[str, Application]:
    """The original with this uuid and all its mirrors that Divio shows, ours or foreign, by uuid."""
    return {
        item.uuid: item
        for item in divio.applications.list()
        if item.uuid == original or divio.mirrors.relation(item) == original
    }


def variables(divio: Divio, application_uuid: str, environment: str) -> list[EnvironmentVariable]:
    """The variables of one environment, read together with those of its estate's other environments."""
    found = next(item for item in divio.applications.list() if item.uuid == application_uuid)
    relation = divio.mirrors.relation(found)
    members = estate(divio, relation if isinstance(relation, str) else application_uuid)
    every = [item.uuid for uuid in members for item in environments(divio, uuid).values()]
    divio.environment_variables.list(sorted({*every, environment}))
    return list(divio.environment_variables.list([environment]))
