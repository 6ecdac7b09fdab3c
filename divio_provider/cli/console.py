"""What a command shows besides plain lines: its tables, and on stderr how far it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich import box
from rich.console import Console
from rich.table import Table

QUIET_S = 2.0
"""Seconds before any progress is shown."""

_EVERY_S = 10.0
_WIDE = 100_000


@contextmanager
def printed() -> Iterator[Console]:
    """A console whose output is printed at the end, without blanks at the ends of lines.

    On a terminal it keeps within its width; a file or a pipe gets whole columns.
    """
    console = Console(highlight=False)
    with console.capture() as captured:
        if not console.is_terminal:
            console.width = _WIDE
        yield console
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def table_with(*headings: str) -> Table:
    """An empty table without a frame, whose cells are folded rather than cut."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Tells how far a command is: in one line that changes on a terminal, else in a line now and then.

    `what` is a clause such as "asking Divio". The function that it gives takes how many environments are done, of how many.
    """
    console = Console(stderr=True)
    status = console.status(what)
    say_at = time.monotonic() + QUIET_S

    def told(done: int, total: int) -> None:
        nonlocal say_at
        if time.monotonic() < say_at:
            return
        line = f"{what}: {done} of {total} environments"
        if console.is_terminal:
            status.update(line)
            status.start()
        else:
            say_at = time.monotonic() + _EVERY_S
            console.print(line, soft_wrap=True, highlight=False)

    try:
        yield told
    finally:
        status.stop()
