"""The server's clock, as far as the `Date` of its answers tells: whole seconds, cut off.

From one answer the server's time is known to a second. From several, asked for at different moments, the latest that it
has provably reached comes closer.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from divio_provider.api.client import Divio
from divio_provider.api.errors import Busy, OutcomeUnknown, Unreachable

_SHORTEST_PAUSE_S = 0.05
_SHARE_OF_THE_RATE = 0.5


class ServerClock:
    """The least that the server's clock can show, shared by the threads of a rollout."""

    def __init__(self, divio: Divio) -> None:
        self._divio = divio
        self._lock = threading.Lock()
        self._known: tuple[datetime, float] | None = None
        self._pause = max(_SHORTEST_PAUSE_S, 1 / (divio.settings.requests_per_second * _SHARE_OF_THE_RATE))

    def note(self, date: datetime | None, at: float) -> None:
        """Learn from an answer: its `Date`, and when we had it on our own monotonic clock."""
        if date is not None and (self._known is None or date > _after(self._known, at)):
            self._known = (date, at)

    def wait_for(self, moment: datetime, ask: Callable[[], object], longest: float) -> None:
        """Return when the server's clock has provably reached a moment, or after the `longest` seconds.

        `ask` makes any request: its answer's `Date` may show the moment earlier than our own reckoning does. Without any
        `Date` so far there is nothing to wait for.
        """
        ends_at = time.monotonic() + longest
        with self._lock:  # one asks for all
            while self._known is not None:
                now = time.monotonic()
                missing = min((moment - _after(self._known, now)).total_seconds(), ends_at - now)
                if missing <= 0:
                    return
                time.sleep(min(missing, self._pause))
                if missing > self._pause:
                    with contextlib.suppress(Busy, OutcomeUnknown, Unreachable):
                        ask()
                        self.note(self._divio.server_date, time.monotonic())


def _after(known: tuple[datetime, float], at: float) -> datetime:
    date, then = known
    return date + timedelta(seconds=at - then)
