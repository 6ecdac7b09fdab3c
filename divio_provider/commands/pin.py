"""`divio-estate pin`: put into git which `SITE_ID` belongs to which site, should the stack's state ever be lost."""

import json
from typing import Annotated

import typer

from divio_provider.commands.estate_file import DEFAULT, EstateFile, replace_text, text_of
from divio_provider.commands.outcome import FOUND, CouldNotRunError
from divio_provider.commands.stack_state import exported, register_in
from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.spec import parse
from divio_provider.estate.pins import PinError, pinned


def pin(
    file: EstateFile = DEFAULT,
    stack: Annotated[
        str | None, typer.Option(metavar="S", help="The stack that owns the sites; the selected one unless given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if there is something to write.")
    ] = False,
) -> None:
    """Write every site's SITE_ID and the ids of sites that are gone into the declaration."""
    text = text_of(file)
    try:
        original = parse(text, str(file)).original.slug
        result = pinned(text, str(file), register_in(exported(stack), original))
    except (SpecError, PinError) as error:
        raise CouldNotRunError(str(error)) from None
    if result.added and not check:
        replace_text(file, result.text)
    if as_json:
        found = {"file": str(file), "added": result.added, "written": bool(result.added) and not check}
        typer.echo(json.dumps(found, indent=2))
    elif result.added:
        typer.echo(f"{file}: {'to be written' if check else 'written'}")
        for key, id_ in result.added.items():
            typer.echo(f"  {key}: {id_}")
    else:
        typer.echo(f"{file}: nothing to do, every SITE_ID is there")
    if result.added and check:
        raise typer.Exit(FOUND)
