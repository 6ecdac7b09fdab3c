"""One site of an observed estate: what is set there, what it was deployed with, whether it is current."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from divio_provider.estate.declaration.sites import Hold
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.declaration.variable_types import SHARED_VARIABLES
from divio_provider.estate.health.observation import ObservedEnvironment, ObservedEstate
from divio_provider.estate.planning.deployment_decision import stale_names, started_after
from divio_provider.estate.planning.site_id_allocation import FIRST
from divio_provider.estate.planning.wiring import SITE_ID, fingerprint, site_id_problem

Role = Literal["original", "mirror", "foreign"]


class Site:
    """One site, declared or not."""

    def __init__(self, estate: ObservedEstate, slug: str, original: str, spec: Spec | None = None) -> None:
        """`slug` is the site's, `original` that of the estate's original, which may be the same."""
        self.slug, self.original, self.estate, self.spec = slug, original, estate, spec
        self.is_original = slug == original
        self.role: Role = "original" if self.is_original else "mirror"
        if spec is not None and slug not in spec.slugs:
            self.role = "foreign"
        self.found = estate.applications.get(slug)
        self.source = estate.applications.get(original)
        mirror = spec.mirrors.get(slug) if spec is not None else None
        self.hold: Hold | None = mirror.hold if mirror is not None else None
        # What a hold keeps from being done is said by the hold.
        self.unfinished = [one for one in estate.unfinished.get(slug, ()) if not (self.hold and one["code"] == "hold")]
        self.shared: Sequence[str] = spec.shared_variables if spec is not None else SHARED_VARIABLES

    def shown(self, environment: str) -> ObservedEnvironment | None:
        """One of its environments; None where Divio shows none."""
        return self.found.environments.get(environment) if self.found is not None else None

    def originals(self, environment: str) -> Mapping[str, str | None]:
        """What the same environment of the original was deployed with; empty where it was not."""
        return carried(self.source.environments.get(environment) if self.source is not None else None)

    def has_old_copy(self, environment: str, name: str) -> bool:
        """Whether the stack copied another value there than the original has now; what cannot be read proves nothing."""
        theirs = self.source.environments.get(environment) if self.source is not None else None
        value, ours = carried(theirs).get(name), self.shown(environment)
        copied = ours.copied.get(name) if ours is not None else None
        if theirs is None or value is None or not copied:
            return False
        return copied != fingerprint(value, f"{theirs.uuid}/{name}")

    def set_in(self, environment: str) -> str | None:
        """The `SITE_ID` that the site takes itself for there; None where Divio does not show it."""
        shown = self.shown(environment)
        if shown is None or SITE_ID not in shown.present:
            return str(FIRST) if shown is not None and self.is_original else None
        value = shown.present[SITE_ID]
        return carried(shown).get(SITE_ID) if value is None else value

    def registered(self) -> int | None:
        """The `SITE_ID` it is to have; None where that is not known: no register, no pin."""
        register = self.estate.register
        if register is not None and self.slug in register.ids:
            return register.ids[self.slug]
        return self.spec.site(self.slug).site_id if self.spec is not None and self.role != "foreign" else None

    def is_current(self, environment: str) -> bool | None:
        """Whether its last successful deployment runs what the original's Live runs; None: no such thing."""
        shown, released = self.shown(environment), self.estate.released_at
        if self.is_original or released is None or shown is None or shown.last is None:
            return None
        return shown.last.started_at > released

    def undeployed(self, environment: str) -> list[str]:
        """The variables that are set otherwise than its last deployment carries them, as far as that was read."""
        shown = self.shown(environment)
        if shown is None or shown.last is None or shown.last.variables is None:
            return []
        return stale_names(shown.present, shown.present, shown.last.variables)

    def written_since(self, environment: str) -> bool:
        """Whether the stack wrote variables there after its last successful deployment started."""
        shown = self.shown(environment)
        return shown is not None and shown.last is not None and not started_after(shown.last, shown.changed_at)


def carried(shown: ObservedEnvironment | None) -> Mapping[str, str | None]:
    """What an environment's last successful deployment carried; empty where there was none or it was not read."""
    return (shown.last.variables or {}) if shown is not None and shown.last is not None else {}


def twins(sites: Iterable[Site], environment: str) -> dict[str, list[str]]:
    """The slugs of sites that have one `SITE_ID` there, by that id.

    Left out are those that nobody shares, and what is no id, with which a site does not even start.
    """
    owners: dict[str, list[str]] = {}
    for site in sites:
        value = site.set_in(environment)
        if value is not None and not site_id_problem(value):
            owners.setdefault(value, []).append(site.slug)
    return {value: slugs for value, slugs in owners.items() if len(slugs) > 1}
