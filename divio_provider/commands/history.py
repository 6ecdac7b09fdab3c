"""`divio-estate history`: who changed what on Divio, from the file that `divio:audit` names."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from divio_provider.commands.outcome import CouldNotRunError

_COLUMNS = ("at", "stack", "actor", "method", "path", "site", "about", "outcome")
_ABOUT = ("path", "site", "about")


def history(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The audit's file.", show_default=False)] = None,
    stack: Annotated[
        str | None, typer.Option(metavar="S", help="Take the file from this stack's configuration, divio:audit.")
    ] = None,
    about: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only calls whose site, subject or path has this text.")
    ] = None,
    last: Annotated[int, typer.Option(metavar="N", min=1, help="Only the last N calls.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print the lines as one JSON list.")] = False,
) -> None:
    """Show the calls that changed something on Divio, oldest first. Names and outcomes; the file has no values."""
    path = file or _configured(stack)
    lines = [line for line in _lines(path) if about is None or any(about in str(line.get(part)) for part in _ABOUT)]
    shown = lines[-last:]
    if len(shown) < len(lines):
        typer.echo(f"{len(lines) - len(shown)} earlier calls are left out; --last N shows more", err=True)
    if as_json:
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    elif shown:
        _show(shown)
    else:
        typer.echo(f"{path}: no call {f'about {about} ' if about else ''}is recorded")


def _configured(stack: str | None) -> Path:
    if stack is None:
        raise CouldNotRunError("name the audit's file, or a stack whose configuration has divio:audit: --stack")
    from divio_provider.commands.stack_settings import configured  # noqa: PLC0415 - the CLI is asked only then

    path = configured(stack).divio.settings.audit
    if not path:
        raise CouldNotRunError(f"stack {stack} keeps no audit; turn it on: pulumi config set divio:audit FILE")
    return Path(path)


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CouldNotRunError(f"{path}: cannot be read: {reason}") from None
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict):
            raise CouldNotRunError(f"{path}:{number}: is no line of an audit, which is one JSON object a line")
        lines.append(entry)
    return lines


def _show(lines: list[dict[str, Any]]) -> None:
    from rich import box  # noqa: PLC0415 - the extra's, and slow to import
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from divio_provider.commands.paper import printed  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column in _COLUMNS:
        table.add_column(column, overflow="fold")
    for line in lines:
        cells = [str(line.get(column) or "") for column in _COLUMNS]
        style = "" if line.get("outcome") == "done" else "yellow"
        table.add_row(*(Text(cell, style=style) for cell in (cells[0][:19], *cells[1:])))
    with printed() as console:
        console.print(table)
