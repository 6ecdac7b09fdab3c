"""Where a command's tables are printed: on a terminal within its width, into a file or a pipe with whole columns."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

_WIDE = 100_000


@contextmanager
def printed() -> Iterator[Console]:
    """A console whose output is printed at the end, without blanks at the ends of lines."""
    console = Console(highlight=False)
    with console.capture() as captured:
        if not console.is_terminal:
            # A file or a pipe gets whole columns, however wide.
            console.width = _WIDE
        yield console
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))
