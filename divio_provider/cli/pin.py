"""`divio-estate pin`: put into git which `SITE_ID` belongs to which site, should the stack's state ever be lost."""

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

import typer
from ruamel.yaml.error import YAMLError

from divio_provider.cli.exit_codes import FOUND, CouldNotRunError
from divio_provider.cli.stack_state import exported, register_in
from divio_provider.cli.text_files import DEFAULT, EstateFile, replace_text, text_of
from divio_provider.cli.yaml_editor import with_values
from divio_provider.estate.declaration.errors import Path, SpecError, dotted
from divio_provider.estate.declaration.parser import declare, parse
from divio_provider.estate.declaration.yaml_source import read
from divio_provider.estate.planning.site_id_allocation import Register, missing_pins

_HEADINGS = {
    "retired": "\nSites that are gone; their SITE_IDs are never another site's. Written by `divio-estate pin`.",
    "reserved": "\nSITE_IDs that sites had before they got another. Written by `divio-estate pin`.",
}


class PinError(Exception):
    """The ids cannot be written into this text. The text of the error says what to write by hand."""


@dataclass(frozen=True)
class Pinned:
    """The text with the ids, and what was added: ids by dotted key, empty where there was nothing to add."""

    text: str
    added: dict[str, int]


def pinned(text: str, file: str, register: Register) -> Pinned:
    """The text of a declaration with every site's id pinned and every id of the past kept.

    What comes out is read again, and must be the old declaration with the ids and nothing else, and every comment must be
    there still. Raises SpecError where the text is no declaration, PinError where ids cannot be written.
    """
    missing = missing_pins(parse(text, file), register)
    if not missing:
        return Pinned(text, {})
    added = {dotted(path): id_ for path, id_ in missing.items()}
    expected = _data_with_ids(text, file, missing)
    try:
        written = with_values(text, {path: str(id_) for path, id_ in missing.items()}, _HEADINGS)
        if read(written, file).data == expected and _keeps_every_character(text, written):
            return Pinned(written, added)
    except (YAMLError, SpecError):
        pass
    by_hand = "; ".join(f"{key}: {id_}" for key, id_ in added.items())
    raise PinError(f"{file}: the layout leaves no place for ids; write by hand: {by_hand}")


def _keeps_every_character(text: str, written: str) -> bool:
    """Whether every character of the text is there still, comments too; flow style may have been laid out anew."""
    new = iter(written)
    return all(character in new for character in text if not character.isspace() and character not in "{}[],")


def _data_with_ids(text: str, file: str, missing: dict[Path, int]) -> dict[str, Any]:
    data = read(text, file).data
    for path, id_ in missing.items():
        at: Any = data
        for step, following in pairwise(path):
            at[step] = at.get(step) or ([] if isinstance(following, int) else {})
            at = at[step]
        if isinstance(at, list):
            at.append(id_)
        else:
            at[path[-1]] = id_
    try:
        declare(data)
    except SpecError as error:
        raise PinError(f"{file}: does not go with the stack's SITE_IDs: {error.problems[0]}") from None
    return data


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
