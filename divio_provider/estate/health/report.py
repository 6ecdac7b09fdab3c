"""How an estate stands: a row for each site, everything that was found, and what could not be told.

A row says how the last deployment of an environment went, whether it is current (a mirror's runs what the original's
Live runs) and whether it is in sync (deployed with what is declared and set, wired to the original's).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from divio_provider.estate.declaration.rollout_settings import Phase
from divio_provider.estate.declaration.sites import Hold
from divio_provider.estate.declaration.spec import Environment, Spec
from divio_provider.estate.declaration.variable_types import SHARED_VARIABLES
from divio_provider.estate.health.checks import CURED_BY_DEPLOYING, SiteChecks, of_file
from divio_provider.estate.health.findings import Finding, Kind
from divio_provider.estate.health.observation import ObservedEstate, Result
from divio_provider.estate.health.site import Role, Site, carried, twins
from divio_provider.estate.planning.unfinished import Unfinished
from divio_provider.estate.planning.wiring import RELEASE, SITE_ID

_NOT_ABOUT_SYNC = frozenset(
    {Kind.BEHIND, Kind.FAILED, Kind.NEVER_DEPLOYED, Kind.OTHER_REGION, Kind.UNFINISHED, Kind.NO_ENVIRONMENT}
)
_NAMED = 3


@dataclass(frozen=True)
class EnvironmentRow:
    """One environment: how its newest deployment went, and when.

    None as `current` or `in_sync`: not known, or no such thing (the original is never behind itself). `site_id` is the
    one it takes itself for, `deployed_site_id` the one it was deployed with; None: none, withheld, or not read.
    """

    result: Result
    at: datetime | None = None
    current: bool | None = None
    in_sync: bool | None = None
    site_id: str | None = None
    deployed_site_id: str | None = None


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
class Report:
    """Rows of the original, the mirrors in the order of the file, then foreign ones; findings and notes in that order."""

    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...] = ()
    release: ReleaseRow | None = None


def report(
    estate: ObservedEstate,
    original: str,
    environments: Sequence[Environment],
    spec: Spec | None = None,
    today: date = date.min,
) -> Report:
    """How the estate of the original with this slug stands, in the environments that were looked at.

    Without a `spec` mirrors are held against the original alone. `today` tells which of its holds are over.
    """
    declared = spec.slugs if spec is not None else (original,)
    source = estate.applications.get(original)
    foreign = (
        slug
        for slug, found in estate.applications.items()
        if slug not in declared and (spec is None or (source is not None and found.original == source.uuid))
    )
    sites = [Site(estate, slug, original, spec) for slug in (*declared, *sorted(foreign))]
    twinned = {environment: twins(sites, environment) for environment in environments}
    findings, notes, rows = [], [], []
    for_file = of_file(spec, today) if spec is not None else []
    for site in sites:
        checks = SiteChecks(site, twinned)
        own = [*checks.of_site()] if site.role != "foreign" else []
        by_environment: dict[Environment, list[Finding]] = {
            environment: [*checks.of_environment(environment)] if site.found is not None else []
            for environment in environments
        }
        rows.append(_row(site, checks, by_environment))
        about = [one for one in for_file if one.site == site.slug]
        if site.role != "foreign":
            everywhere = (one for found in by_environment.values() for one in found)
            told = [one for one in everywhere if not (site.hold and one.kind in CURED_BY_DEPLOYING)]
            own += _merged(told, len(environments))
            notes += [one for environment in environments for one in checks.notes_of(environment)]
        findings += [*(one for one in about if one.severity != "note"), *own]
        notes += [one for one in about if one.severity == "note"]
    notes += _unseen(estate, original, sites, environments, spec)
    release = _release(spec, sites[0], environments) if spec is not None else None
    return Report(tuple(rows), tuple(findings), tuple(notes), release)


def _merged(findings: Iterable[Finding], environments: int) -> list[Finding]:
    """What is the same in all environments that were looked at becomes one finding of the site as a whole."""
    alike: dict[tuple[Kind, str], list[Finding]] = {}
    for one in findings:
        alike.setdefault((one.kind, one.text), []).append(one)
    return [
        replace(found[0], environment="") if len(found) == environments > 1 else found[0] for found in alike.values()
    ]


def _release(spec: Spec, original: Site, environments: Sequence[Environment]) -> ReleaseRow | None:
    if spec.release_name is None:
        return None
    running = {environment: carried(original.shown(environment)).get(RELEASE) for environment in environments}
    return ReleaseRow(spec.release_name, spec.phase, running)


def _row(site: Site, checks: SiteChecks, findings: Mapping[Environment, Sequence[Finding]]) -> Row:
    rows = {
        one: _environment(
            site, one, amiss=bool(checks.shares_id(one)) or any(item.kind not in _NOT_ABOUT_SYNC for item in found)
        )
        for one, found in findings.items()
    }
    ids = {site.set_in(environment) for environment in findings} - {None}
    shown = ids.pop() if len(ids) == 1 else None
    number = int(shown) if shown is not None and shown.isascii() and shown.isdigit() else None
    registered = site.registered()
    return Row(
        site.slug,
        site.role,
        number if registered is None else registered,
        site.found is not None,
        rows,
        tuple(site.unfinished),
        site.hold,
    )


def _environment(site: Site, environment: Environment, *, amiss: bool) -> EnvironmentRow | None:
    shown = site.shown(environment)
    if shown is None:
        return None
    in_sync = None
    if shown.last is not None:
        amiss = amiss or bool(site.undeployed(environment))
        proven = shown.last.variables is not None or shown.manages
        in_sync = False if amiss else True if proven else None
    return EnvironmentRow(
        shown.result,
        shown.at,
        site.is_current(environment),
        in_sync,
        site.set_in(environment),
        carried(shown).get(SITE_ID),
    )


def _unseen(
    estate: ObservedEstate, original: str, sites: Sequence[Site], environments: Sequence[Environment], spec: Spec | None
) -> Iterable[Finding]:
    """What could not be told of the estate as a whole."""
    hosts = [host for slug in spec.slugs for host in spec.site(slug).domains] if spec is not None else []
    found = estate.applications.get(original)
    hidden = []
    if spec is None and found is not None and found.original == "":
        hidden.append("which applications are mirrors, so only the original was looked at")
    if hosts and "live" in environments and estate.domains is None:
        hidden.append("the account's domains, so they were not held against the file")
    for what in hidden:
        yield Finding("", "", Kind.HIDDEN, f"Divio does not show {what}", Kind.HIDDEN.remedy)
    for name in SHARED_VARIABLES:
        withheld = [
            f"{one.slug} {environment}"
            for one in sites
            for environment in environments
            if _withheld(one, environment, name)
        ]
        if withheld:
            more = f" and {len(withheld) - _NAMED} more" if len(withheld) > _NAMED else ""
            text = (
                f"Divio withholds {name} of {', '.join(withheld[:_NAMED])}{more}: whether it is shared cannot be told"
            )
            yield Finding("", "", Kind.WITHHELD, text, Kind.WITHHELD.remedy)


def _withheld(site: Site, environment: Environment, name: str) -> bool:
    shown = site.shown(environment)
    if shown is None or shown.last is None or shown.last.variables is None:
        return False
    # The original's is built in; where Divio leaves built-in values out, it does not even name them.
    return (site.is_original or name in carried(shown)) and carried(shown).get(name) is None
