"""Whether, and after how long, a request is sent again. Pure: decides, and sleeps nowhere.

Not for: a POST whose answer was lost. That one is never repeated blindly, because a second POST may be a second
mirror: ``create_once.py`` looks first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from divio_provider.api.errors import Busy, DivioError, OutcomeUnknown, Unreachable

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
"""Verbs that may be repeated when the answer was lost. PATCH is among them because ours set values, and never add."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a request is.

    Attributes:
        attempts: how often it is sent at most.
        deadline_s: seconds after the first sending when no further attempt begins.
        first_wait_s: seconds before the second attempt; doubled each time.
        longest_wait_s: seconds that a pause lasts at most, also where Divio asks for more.
    """

    attempts: int = 5
    deadline_s: float = 120.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for; None when it says nothing that makes sense.

    Args:
        header: the header's text: seconds or an HTTP date (RFC 9110, 10.2.3).
        now: the server's present time (its ``Date``), with a time zone.

    >>> from datetime import UTC, datetime
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> retry_after("7", now)
    7.0
    >>> retry_after("Thu, 01 Jan 2026 00:00:09 GMT", now)
    9.0
    >>> retry_after("soon", now) is None
    True
    """
    text = (header or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        date = http_date(text)
        return None if date is None else max((date - now).total_seconds(), 0.0)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def http_date(text: str) -> datetime | None:
    """The moment, in UTC, that a header names; None where it names none that can be read."""
    try:
        date = parsedate_to_datetime(text)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def backoff(attempt: int, policy: Policy, chance: float) -> float:
    """Seconds to wait after the given attempt where Divio asks for none.

    Args:
        attempt: the attempt that failed, counted from 1.
        policy: how patient we are.
        chance: a random number in [0, 1): spreads those that failed together over half of the pause.
    """
    doubled = policy.first_wait_s * 2.0 ** min(attempt - 1, 64)
    return min(doubled, policy.longest_wait_s) * (1 - chance / 2)


def pause_after(
    error: DivioError, method: str, attempt: int, elapsed_s: float, policy: Policy, chance: float
) -> float | None:
    """Seconds to wait before the next attempt; None to stop.

    Args:
        error: how the attempt ended.
        method: HTTP verb of the request, upper case.
        attempt: the attempt that failed, counted from 1.
        elapsed_s: seconds since the request was first sent.
        policy: how patient we are.
        chance: a random number in [0, 1).
    """
    if attempt >= policy.attempts or not may_repeat(error, method):
        return None
    asked = error.wait_s if isinstance(error, Busy) else None
    own = backoff(attempt, policy, chance)
    pause = own if asked is None else min(max(asked, own), policy.longest_wait_s)
    return pause if elapsed_s + pause < policy.deadline_s else None


def may_repeat(error: DivioError, method: str) -> bool:
    """Whether sending the same again, by a verb in upper case, is safe and not pointless."""
    if isinstance(error, OutcomeUnknown):
        return method in IDEMPOTENT
    return isinstance(error, Busy | Unreachable)
