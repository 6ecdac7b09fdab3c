"""`divio-estate inspect SLUG`: an estate that exists, seen with nothing but a token. It only reads."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from divio_provider.api.client import Divio
from divio_provider.api.endpoints.resolve import resolve
from divio_provider.api.errors import DivioError
from divio_provider.cli.console import printed
from divio_provider.cli.exit_codes import FOUND, CouldNotRunError
from divio_provider.cli.progress import Progress
from divio_provider.cli.stack_settings import stack_or_environment
from divio_provider.cli.status import print_findings, print_json, table, title
from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.health.report import EnvironmentRow, Report, Row, report
from divio_provider.resources.host.configuration import explained
from divio_provider.resources.reader.estate import observe
from divio_provider.resources.reader.lists import Reader


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
            estate = observe(divio, original, ENVIRONMENTS, progress.told, deep=True)
    except DivioError as error:
        raise CouldNotRunError(explained(error)) from None
    found = report(estate, original, ENVIRONMENTS)
    now = divio.server_date or datetime.now(UTC)
    if as_json:
        about = {"asked": slug, "original": original, "api_url": divio.settings.api_url}
        print_json(about, estate, found, now.date())
    else:
        show(found, now, divio.settings.api_url)
    if found.findings:
        raise typer.Exit(FOUND)


def _original(divio: Divio, slug: str) -> str:
    """The slug of the original that is meant. Raises DivioError, CouldNotRunError."""
    reader = Reader(divio)
    listed = reader.applications
    meant = listed[resolve("application", slug, ((item.uuid, [item.slug]) for item in listed.values()))]
    relation = reader.original_of(meant)
    if not relation:
        return meant.slug
    if relation not in listed:
        raise CouldNotRunError(
            f"{meant.slug} is a mirror of an application (uuid {relation}) that the token's account does not see; "
            "inspect it with a token whose account does"
        )
    return listed[relation].slug


def show(found: Report, now: datetime, api_url: str) -> None:
    """Print the sites as a table, every finding and note, and how it stands in one sentence."""
    with printed() as console:
        console.print(Text(f"{title(found)} on {api_url}\n"), soft_wrap=True)
        console.print(table(found, ENVIRONMENTS, now, site_id))
        console.print()
        print_findings(found, console)
        number = len(found.findings)
        said = f"{number} {'finding' if number == 1 else 'findings'}." if number else "Nothing is amiss."
        console.print(Text(said), soft_wrap=True)


def site_id(row: Row) -> str:
    """The `SITE_ID`s of a site as set, and as deployed where that differs.

    >>> there = EnvironmentRow("ok", site_id="3", deployed_site_id="2")
    >>> site_id(Row("shop", "mirror", 3, True, {"test": there, "live": None}))
    '3 (deployed: 2)'
    """
    shown = [_said(one, row) for one in row.environments.values() if one is not None]
    return ", ".join(dict.fromkeys(shown)) or "?"


def _said(one: EnvironmentRow, row: Row) -> str:
    deployed = one.deployed_site_id
    # The original needs none: without it, it is site 1.
    differs = one.result != "never" and deployed != one.site_id and not (row.role == "original" and deployed is None)
    also = f" (deployed: {deployed or 'none'})" if differs else ""
    return f"{one.site_id or 'none'}{also}"
