"""Time: the only place of the client that sleeps or asks for the time, so that tests need do neither."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the client needs of time; what it does unless another one is given is the machine's."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""
        return time.monotonic()

    def now(self) -> datetime:
        """The time of day, in UTC. Differs from Divio's: compare Divio's times with Divio's ``Date`` instead."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds; not at all for 0 or less."""
        if seconds > 0:
            time.sleep(seconds)


class SystemClock(Clock):
    """The machine's clock."""


SYSTEM_CLOCK = SystemClock()
