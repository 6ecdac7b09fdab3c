"""An estate that exists, looked at without any declaration: a row for each site, and what is not as it should be.

One fault is said once: what follows from it (a failed deployment leaves its site behind) is said along with it.
Texts name variables and hold no value but a `SITE_ID`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from divio_provider.estate.declaration.spec import ENVIRONMENTS, Environment
from divio_provider.estate.declaration.variable_types import SHARED_VARIABLES
from divio_provider.estate.health.faults import Fault, Inspected, faults_of
from divio_provider.estate.health.observed import Known
from divio_provider.estate.health.site import carried, twins
from divio_provider.estate.health.status import EnvironmentRow, Row
from divio_provider.estate.planning.wiring import SITE_ID


@dataclass(frozen=True)
class InspectedEnvironment(EnvironmentRow):
    """One environment; `site_id` is as set, `deployed_site_id` as deployed. None: not there, or withheld."""

    deployed_site_id: str | None = None


@dataclass(frozen=True)
class Inspection:
    """Rows of the original and then its mirrors by slug, the faults in that order, and what could not be told."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def inspection(known: Known, original: str, shared: Sequence[str] = SHARED_VARIABLES) -> Inspection:
    """How the estate of this original stands; `shared` are the variables that its mirrors must share with it.

    >>> from divio_provider.estate.health.observed import Application
    >>> found = inspection(Known({"main": Application("u1"), "shop": Application("u2", original="u1")}), "main")
    >>> [row.site for row in found.rows], str(found.faults[0])
    (['main', 'shop'], 'main test, live: Divio shows no such environment of it')
    """
    mirrors = sorted(slug for slug in known.applications if slug != original)
    sites = [Inspected(known, slug, original, shared) for slug in (original, *mirrors)]
    shared_ids: dict[tuple[str, ...], dict[Environment, str]] = {}
    for environment in ENVIRONMENTS:
        for value, slugs in twins(sites, environment).items():
            shared_ids.setdefault(tuple(slugs), {})[environment] = value
    faults = [
        Fault(slugs[0], tuple(there), "duplicate-id", _twins_text(slugs, there), slugs)
        for slugs, there in shared_ids.items()
    ]
    for site in sites:
        faults += faults_of(site, {there for slugs, there in _places(shared_ids) if site.slug in slugs})
    order = [site.slug for site in sites]
    faults.sort(key=lambda fault: order.index(fault.site))
    return Inspection(tuple(_row(site, faults) for site in sites), tuple(faults), tuple(_notes(known, original, sites)))


def _places(
    shared_ids: Mapping[tuple[str, ...], Mapping[Environment, str]],
) -> list[tuple[tuple[str, ...], Environment]]:
    return [(slugs, environment) for slugs, there in shared_ids.items() for environment in there]


def _twins_text(slugs: Sequence[str], there: Mapping[Environment, str]) -> str:
    ids = " and ".join(dict.fromkeys(there.values()))
    return f"has the {SITE_ID} {ids} of {', '.join(slugs[1:])}; they are one site to Django"


def _row(site: Inspected, faults: Sequence[Fault]) -> Row:
    rows: dict[Environment, EnvironmentRow | None] = {}
    for environment in ENVIRONMENTS:
        shown = site.shown(environment)
        if shown is None:
            rows[environment] = None
            continue
        amiss = any(
            site.slug in fault.sites and environment in fault.environments and fault.kind != "behind"
            for fault in faults
        )
        rows[environment] = InspectedEnvironment(
            shown.result,
            shown.at,
            site.current(shown.last) if shown.last is not None else None,
            not amiss if shown.last is not None else None,
            site.set_in(environment),
            carried(shown).get(SITE_ID),
        )
    ids = {row.site_id for row in rows.values() if row is not None} - {None}
    only = ids.pop() if len(ids) == 1 else None
    number = int(only) if only is not None and only.isascii() and only.isdigit() else None
    return Row(site.slug, "original" if site.is_original else "mirror", number, site.found is not None, rows)


def _is_running(site: Inspected, environment: Environment) -> bool:
    shown = site.shown(environment)
    return shown is not None and shown.result == "running"


def _withheld(site: Inspected, environment: Environment, name: str) -> bool:
    shown = site.shown(environment)
    if shown is None or shown.last is None:
        return False
    # The original's is built in; where Divio leaves built-in values out, it does not even name them.
    return (site.is_original or name in carried(shown)) and carried(shown).get(name) is None


def _notes(known: Known, original: str, sites: Sequence[Inspected]) -> list[str]:
    notes = []
    found = known.applications.get(original)
    if found is not None and found.original == "":
        notes.append("Divio does not show which applications are mirrors, so only the original was looked at")
    running = [f"{site.slug} {one}" for site in sites for one in ENVIRONMENTS if _is_running(site, one)]
    if running:
        notes.append(f"A deployment is running of {', '.join(running)}: what it brings is not judged")
    for name in SHARED_VARIABLES:
        withheld = [
            f"{site.slug} {environment}"
            for site in sites
            for environment in ENVIRONMENTS
            if _withheld(site, environment, name)
        ]
        if withheld:
            more = f" and {len(withheld) - 3} more" if len(withheld) > 3 else ""
            notes.append(
                f"Divio withholds {name} of {', '.join(withheld[:3])}{more}: whether it is shared cannot be told"
            )
    return notes
