"""The limiter: how many requests a second leave this process.

A token bucket with a burst of one, in other words a least distance between two departures. Why not a larger burst:
nothing is known about how Divio counts, and a bucket that saves up tokens exceeds its rate in the first second.
Shared by everything in the process that speaks to the same host with the same token.

Does not protect from: other processes with the same token, and what the network does to the distances on the way.
"""

from __future__ import annotations

import hashlib
import threading

from divio_provider.api.clock import SYSTEM_CLOCK, Clock

SHORTEST_SLEEP = 1e-4
"""Seconds. Without it, a remainder too small to move a floating-point clock would be waited for without end."""


class Limiter:
    """Lets callers through one by one, never more than the rate over any stretch of time.

    Args:
        per_second: the rate.
        clock: whose seconds count.
    """

    def __init__(self, per_second: float, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._interval = 1 / per_second
        self._turn = threading.Lock()
        self._not_before = 0.0
        self._pause = threading.Lock()
        self._paused_until = 0.0

    def slow_down_to(self, per_second: float) -> None:
        """Take the lower of two rates: two settings with one token share what the more careful one allows."""
        with self._pause:
            self._interval = max(self._interval, 1 / per_second)

    def pause(self, seconds: float) -> None:
        """Let nobody through for so many seconds: Divio told one of us to wait, and means all of us."""
        with self._pause:
            self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def wait(self) -> None:
        """Return when the caller may send one request."""
        # Nobody else gets a turn while the first in line sleeps, and the distance counts from the moment it really
        # left: slots handed out ahead of time would bunch up when a sleeper wakes late.
        with self._turn:
            while True:
                with self._pause:
                    departure = max(self._not_before, self._paused_until)
                    interval = self._interval
                missing = departure - self._clock.monotonic()
                if missing <= 0:
                    break
                self._clock.sleep(max(missing, SHORTEST_SLEEP))
            self._not_before = self._clock.monotonic() + interval


_limiters: dict[tuple[str, str], Limiter] = {}
_limiters_lock = threading.Lock()


def shared_limiter(api_url: str, token: str, per_second: float) -> Limiter:
    """The process's limiter for a host and a token.

    Args:
        api_url: the API's address.
        token: the API token; only a hash of it is kept.
        per_second: the rate; when the limiter exists already, the lower rate wins.
    """
    key = (api_url, hashlib.sha256(token.encode()).hexdigest())
    with _limiters_lock:
        limiter = _limiters.get(key)
        if limiter is None:
            limiter = _limiters[key] = Limiter(per_second)
        else:
            limiter.slow_down_to(per_second)
        return limiter
