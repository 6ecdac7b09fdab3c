"""The progress of a slow command on stderr; a quick one shows none."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

QUIET_S = 2.0
"""Seconds before anything is shown."""

_EVERY_S = 10.0


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
