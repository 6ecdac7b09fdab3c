"""How an estate stands: a row for each site, and the list of findings.

A row says how the last deployment of an environment went, whether it is current (a mirror's runs what the original's
Live runs) and whether it is in sync (deployed with the variables that are set, wired to the original's).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from divio_provider.estate.declaration.rollout import Phase
from divio_provider.estate.declaration.sites import Hold
from divio_provider.estate.declaration.spec import Environment, Spec
from divio_provider.estate.health.findings import Finding, Role, Site
from divio_provider.estate.health.observed import Known, Result
from divio_provider.estate.health.site import carried
from divio_provider.estate.health.site import twins as twins_of
from divio_provider.estate.planning.unfinished import Unfinished
from divio_provider.estate.planning.wiring import RELEASE, SITE_ID


@dataclass(frozen=True)
class EnvironmentRow:
    """One environment: how its newest deployment went, and when.

    None as `current` or `in_sync`: not known, or no such thing (the original is never behind itself). `site_id` is the
    one that is set, as text; None: not set, or withheld.
    """

    result: Result
    at: datetime | None = None
    current: bool | None = None
    in_sync: bool | None = None
    site_id: str | None = None


@dataclass(frozen=True)
class Row:
    """One site.

    `site_id` is the register's; without a register the pinned one, else the one that is set. An environment is None
    where Divio shows none. `unfinished` leaves out what a hold explains.
    """

    site: str
    role: Role
    site_id: int | None
    exists: bool
    environments: Mapping[Environment, EnvironmentRow | None]
    unfinished: tuple[Unfinished, ...] = ()
    hold: Hold | None = None


@dataclass(frozen=True)
class ReleaseRow:
    """The declared release, and which one the original runs in each environment (None: none that Divio shows)."""

    name: str
    phase: Phase
    running: Mapping[Environment, str | None]


@dataclass(frozen=True)
class Status:
    """Rows of the declared sites in the order of the file, then of foreign mirrors; and the findings in that order."""

    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    release: ReleaseRow | None = None


def status(spec: Spec, known: Known, environments: Sequence[Environment], today: date) -> Status:
    """How the estate stands in these environments; `today` tells which holds are over.

    >>> from divio_provider.estate.planning.site_ids import Register
    >>> from divio_provider.estate.declaration.parser import declare
    >>> spec = declare({"organisation": "Acme", "region": "Frankfurt", "plan": {"original": "L", "mirror": "S"},
    ...                 "original": {"slug": "main", "name": "Main"}, "mirrors": {"shop": {"name": "Shop"}}})
    >>> found = status(spec, Known({}, Register({"main": 1, "shop": 2})), ["test", "live"], date(2026, 1, 1))
    >>> [(row.site, row.site_id, row.exists) for row in found.rows]
    [('main', 1, False), ('shop', 2, False)]
    >>> print(found.findings[1])
    shop: does not exist on Divio; pulumi up makes it
    """
    sites = [Site(spec, known, slug) for slug in (*spec.slugs, *_foreign(spec, known))]
    twins = {environment: twins_of(sites, environment) for environment in environments}
    found = tuple(finding for site in sites for finding in site.findings(environments, twins, today))
    return Status(tuple(_row(site, environments) for site in sites), found, _release(spec, sites[0], environments))


def _release(spec: Spec, original: Site, environments: Sequence[Environment]) -> ReleaseRow | None:
    if spec.release_name is None:
        return None
    running = {environment: carried(original.shown(environment)).get(RELEASE) for environment in environments}
    return ReleaseRow(spec.release_name, spec.phase, running)


def _row(site: Site, environments: Sequence[Environment]) -> Row:
    rows = {environment: _environment(site, environment) for environment in environments}
    return Row(
        site.slug, site.role, _site_id(site, environments), site.found is not None, rows, site.unfinished, site.hold
    )


def _environment(site: Site, environment: Environment) -> EnvironmentRow | None:
    shown = site.shown(environment)
    if shown is None:
        return None
    current = in_sync = None
    if shown.last is not None:
        current = site.current(shown.last)
        in_sync = not site.not_in_sync(shown) and not site.not_wired(environment)
    return EnvironmentRow(shown.result, shown.at, current, in_sync, shown.present.get(SITE_ID))


def _site_id(site: Site, environments: Sequence[Environment]) -> int | None:
    registered = site.registered()
    if registered is not None:
        return registered
    found = {site.set_in(environment) for environment in environments} - {None}
    shown = found.pop() if len(found) == 1 else None
    return int(shown) if shown is not None and shown.isascii() and shown.isdigit() else None


def _foreign(spec: Spec, known: Known) -> list[str]:
    original = known.applications.get(spec.original.slug)
    if original is None:
        return []
    mirrors = (slug for slug, found in known.applications.items() if found.original == original.uuid)
    return sorted(slug for slug in mirrors if slug not in spec.slugs)
