"""How one site stands on Divio, declared or not: what is set there, what it was deployed with, whether it is current."""

from collections.abc import Iterable, Mapping

from divio_provider.estate.health.observed import Known, Shown
from divio_provider.estate.planning.deployment_decision import Seen
from divio_provider.estate.planning.site_ids import FIRST
from divio_provider.estate.planning.wiring import SITE_ID, site_id_problem


class Standing:
    """One site among all that was found out."""

    def __init__(self, known: Known, slug: str, original: str) -> None:
        """`slug` is the site's, `original` that of the estate's original, which may be the same."""
        self.slug = slug
        self.is_original = slug == original
        self.found = known.applications.get(slug)
        self._known = known
        self._original = known.applications.get(original)

    def shown(self, environment: str) -> Shown | None:
        """One of its environments; None where Divio shows none."""
        return self.found.environments.get(environment) if self.found is not None else None

    def originals(self, environment: str) -> Mapping[str, str | None]:
        """What the same environment of the original was deployed with; empty where it was not."""
        return carried(self._original.environments.get(environment) if self._original is not None else None)

    def set_in(self, environment: str) -> str | None:
        """The `SITE_ID` that the site takes itself for there; None where Divio does not show it."""
        shown = self.shown(environment)
        if shown is None or SITE_ID not in shown.present:
            return str(FIRST) if shown is not None and self.is_original else None
        value = shown.present[SITE_ID]
        return carried(shown).get(SITE_ID) if value is None else value

    def current(self, last: Seen) -> bool | None:
        """Whether its last successful deployment runs what the original's Live runs; None: no such thing."""
        released = self._known.released_at
        return None if self.is_original or released is None else last.started_at > released


def carried(shown: Shown | None) -> Mapping[str, str | None]:
    """What an environment's last successful deployment carried; empty where there was none."""
    return (shown.last.variables or {}) if shown is not None and shown.last is not None else {}


def twins(sites: Iterable[Standing], environment: str) -> dict[str, list[str]]:
    """The slugs of sites that have one `SITE_ID` there, by that id.

    Left out are those that nobody shares, and what is no id, with which a site does not even start.
    """
    owners: dict[str, list[str]] = {}
    for site in sites:
        value = site.set_in(environment)
        if value is not None and not site_id_problem(value):
            owners.setdefault(value, []).append(site.slug)
    return {value: slugs for value, slugs in owners.items() if len(slugs) > 1}
