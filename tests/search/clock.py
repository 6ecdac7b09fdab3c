"""One clock for the local Divio and for our provider, which a search moves: nothing waits, and every run is the same.

The provider's process and Divio share the test's process here, so both can be given it.
"""

from __future__ import annotations

import sys
import threading
import time as real_time
from datetime import UTC, datetime, timedelta

import pytest

from divio_provider.emulator.world import clock as divio_clock

TICK_S = 0.0001
"""How much later it is at each look: no two moments are equal, as on a real machine."""
START = datetime(2026, 6, 1, 10, tzinfo=UTC)


class Clock:
    """A time that passes by being looked at and by sleeping; it has what our code takes from the module `time`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since_start = 0.0

    def monotonic(self) -> float:
        with self._lock:
            self._since_start += TICK_S
            return self._since_start

    perf_counter = monotonic

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._since_start += max(seconds, 0.0)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def set(self, since_start: float) -> None:
        """Back to a moment, together with the world as it was then."""
        with self._lock:
            self._since_start = since_start

    def govern(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Takes the place of the machine's clock in all of our code that is loaded."""
        monkeypatch.setattr(divio_clock, "now", self.now)
        for name, module in list(sys.modules.items()):
            ours = name.startswith(("divio_provider.resources.", "divio_provider.api."))
            if ours and getattr(module, "time", None) is real_time:
                monkeypatch.setattr(module, "time", self)
