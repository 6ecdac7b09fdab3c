"""The progress of a slow command on stderr; a quick one shows none."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status

QUIET_S = 2.0
"""Seconds before anything is shown."""

_EVERY_S = 10.0


class Progress:
    """Tells how far a command is: in one line that changes on a terminal, else in a line now and then.

    Args:
        what: a clause such as "asking Divio".
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._console = Console(stderr=True)
        self._began = time.monotonic()
        self._said = self._began - _EVERY_S
        self._status: Status | None = None

    def __enter__(self) -> Self:
        """Begin; a call of `told` says something once the quiet time is over."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        if self._status is not None:
            self._status.stop()

    def told(self, done: int, total: int) -> None:
        """`done` of `total` is done."""
        now = time.monotonic()
        if now - self._began < QUIET_S:
            return
        line = f"{self._what}: {done} of {total} environments"
        if self._console.is_terminal:
            if self._status is None:
                self._status = Status(line, console=self._console)
                self._status.start()
            self._status.update(line)
        elif now - self._said >= _EVERY_S:
            self._said = now
            self._console.print(line, soft_wrap=True, highlight=False)
