"""Time: the only place of the client that sleeps or asks for the time, so that tests need do neither."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the client needs of time."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""
        ...

    def now(self) -> datetime:
        """The time of day, in UTC. Differs from Divio's: compare Divio's times with Divio's ``Date`` instead."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait.

        Args:
            seconds: how long; nothing happens for 0 or less.
        """
        ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""
        return time.monotonic()

    def now(self) -> datetime:
        """The machine's time of day, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait.

        Args:
            seconds: how long; nothing happens for 0 or less.
        """
        if seconds > 0:
            time.sleep(seconds)


SYSTEM_CLOCK = SystemClock()
