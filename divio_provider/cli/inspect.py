"""`divio-estate inspect SLUG`: an estate that exists, seen with nothing but a token. It only reads."""

from dataclasses import replace
from typing import Annotated

import typer

from divio_provider.api.client import Divio
from divio_provider.api.endpoints.resolve import resolve
from divio_provider.api.errors import DivioError
from divio_provider.cli.console import progress
from divio_provider.cli.exit_codes import CouldNotRunError
from divio_provider.cli.stack_option import ApiUrl, stack_or_environment
from divio_provider.cli.status import tell
from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.health.report import report
from divio_provider.resources.host.configuration import explained
from divio_provider.resources.reader.estate import observe
from divio_provider.resources.reader.lists import Reader


def inspect(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The original's slug; a mirror's leads to its original.")],
    stack: Annotated[str | None, typer.Option(metavar="S", help="Take address and token from this stack.")] = None,
    api_url: ApiUrl = None,
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
        with progress("asking Divio") as told:
            estate = observe(divio, original, ENVIRONMENTS, told, deep=True)
    except DivioError as error:
        raise CouldNotRunError(explained(error)) from None
    found = report(estate, original, ENVIRONMENTS)
    tell(divio, estate, found, ENVIRONMENTS, {"asked": slug, "original": original}, as_json=as_json)


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
