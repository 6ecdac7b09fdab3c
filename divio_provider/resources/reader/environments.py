"""An application's environments, asked now: their ids, and whether any was ever deployed."""

from divio_provider.api.client import Divio


def environments_of(divio: Divio, application: str) -> dict[str, str]:
    """The ids of an application's environments by slug: `{"test": …, "live": …}`."""
    return {environment.slug: environment.uuid for environment in divio.environments.list(application)}


def environment_of(divio: Divio, slug: str, environment: str) -> str | None:
    """The id of a site's environment, by the site's slug, asked now; None where either is gone."""
    site = divio.applications.find(slug)
    return environments_of(divio, site.uuid).get(environment) if site else None


def was_deployed(divio: Divio, application: str) -> bool:
    """Whether any of its environments was ever deployed: then it existed before this program did."""
    return any(environment.last_finished_deployment for environment in divio.environments.list(application))
