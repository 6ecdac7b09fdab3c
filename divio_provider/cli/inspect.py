"""`divio-estate inspect SLUG`: an estate that exists, seen with nothing but a token. It only reads."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from divio_provider.api.client import Divio
from divio_provider.api.endpoints.resolve import resolve
from divio_provider.api.errors import DivioError
from divio_provider.cli.console import printed
from divio_provider.cli.exit_codes import FOUND, CouldNotRunError
from divio_provider.cli.progress import Progress
from divio_provider.cli.stack_settings import stack_or_environment
from divio_provider.cli.status import table, title
from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.health.inspection import InspectedEnvironment, Inspection, inspection
from divio_provider.estate.health.status import Row, Status
from divio_provider.resources.host.configuration import explained
from divio_provider.resources.reader.estate import Remembered, observe


def inspect(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The original's slug; a mirror's leads to its original.")],
    stack: Annotated[str | None, typer.Option(metavar="S", help="Take address and token from this stack.")] = None,
    api_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where Divio is, without a stack.", show_default="api.divio.com")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show an estate as it is on Divio, without any declaration: its sites, and what is not as it should be.

    Exit 0: nothing is amiss; 1: there are findings; 2: it could not run.
    """
    divio = Divio(replace(stack_or_environment(stack, api_url).divio.settings, read_only=True))
    try:
        original = _original(divio, slug)
        if original != slug and not as_json:
            typer.echo(f"{slug} is a mirror of {original}, so {original} is inspected.", err=True)
        with Progress("asking Divio") as progress:
            known = observe(divio, original, (), ENVIRONMENTS, Remembered(), progress.told)
    except DivioError as error:
        raise CouldNotRunError(explained(error)) from None
    found = inspection(known, original)
    now = divio.server_date or datetime.now(UTC)
    if as_json:
        released = known.released_at.isoformat() if known.released_at else None
        about = {"asked": slug, "original": original, "api_url": divio.settings.api_url, "released_at": released}
        typer.echo(json.dumps({**about, **_as_data(found)}, indent=2, ensure_ascii=False))
    else:
        show(found, now, divio.settings.api_url)
    if found.faults:
        raise typer.Exit(FOUND)


def _original(divio: Divio, slug: str) -> str:
    """The slug of the original that is meant. Raises DivioError, CouldNotRunError."""
    listed = {item.uuid: item for item in divio.applications.list()}
    meant = listed[resolve("application", slug, ((item.uuid, [item.slug]) for item in listed.values()))]
    relation = divio.mirrors.relation(meant)
    if not isinstance(relation, str):
        return meant.slug
    if relation not in listed:
        raise CouldNotRunError(
            f"{meant.slug} is a mirror of an application (uuid {relation}) that the token's account does not see; "
            "inspect it with a token whose account does"
        )
    return listed[relation].slug


def _as_data(found: Inspection) -> dict[str, Any]:
    return {
        "sites": [_site(row) for row in found.rows],
        "findings": [asdict(fault) for fault in found.faults],
        "notes": list(found.notes),
    }


def _site(row: Row) -> Mapping[str, Any]:
    shown: dict[str, Any] = {"site": row.site, "role": row.role, "site_id": row.site_id}
    for name, there in row.environments.items():
        shown[name] = there and {**asdict(there), "at": there.at.isoformat() if there.at else None}
    return shown


def show(found: Inspection, now: datetime, api_url: str) -> None:
    """Print the sites as a table, a line for each fault, what could not be told, and how it stands in one sentence."""
    rows = Status(found.rows, ())
    with printed() as console:
        console.print(Text(f"{title(rows)} on {api_url}\n"), soft_wrap=True)
        console.print(table(rows, ENVIRONMENTS, now, site_id))
        console.print()
        for fault in found.faults:
            console.print(Text(str(fault), style="yellow"), soft_wrap=True)
        for note in found.notes:
            console.print(Text(f"Note: {note}.", style="dim"), soft_wrap=True)
        number = len(found.faults)
        said = f"{number} {'finding' if number == 1 else 'findings'}." if number else "Nothing is amiss."
        console.print(Text(said), soft_wrap=True)


def site_id(row: Row) -> str:
    """The `SITE_ID`s of a site as set, and as deployed where that differs.

    >>> there = InspectedEnvironment("ok", site_id="3", deployed_site_id="2")
    >>> site_id(Row("shop", "mirror", 3, True, {"test": there, "live": None}))
    '3 (deployed: 2)'
    """
    there = [one for one in row.environments.values() if isinstance(one, InspectedEnvironment)]
    shown = [_said(one, row) for one in there]
    return ", ".join(dict.fromkeys(shown)) or "?"


def _said(one: InspectedEnvironment, row: Row) -> str:
    deployed = one.deployed_site_id
    # The original needs none: without it, it is site 1.
    differs = one.result != "never" and deployed != one.site_id and not (row.role == "original" and deployed is None)
    also = f" (deployed: {deployed or 'none'})" if differs else ""
    return f"{one.site_id or 'none'}{also}"
