"""Time and ids as Divio writes them."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

FAR = "9999-12-31T23:59:59.999999Z"
"""The time stamp of what has no time yet; it sorts behind all others."""


def now() -> datetime:
    """This moment, in UTC, to the microsecond."""
    return datetime.now(UTC)


def stamp(moment: datetime | None = None) -> str:
    """A moment, by default this one, as `2026-01-01T10:00:00.000000Z`: of one length, so that text sorts as time does."""
    return (moment or now()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """The inverse of `stamp`.

    Raises:
        ValueError: the text is no ISO 8601 time.
    """
    return datetime.fromisoformat(text).astimezone(UTC)


def later(text: str, seconds: float) -> str:
    """The time stamp `seconds` after the time stamp `text`."""
    return stamp(moment(text) + timedelta(seconds=seconds))


def new_id() -> str:
    """A new id as Divio shows them: 16 random bytes as 26 lower-case base32 characters."""
    return _base32(uuid4().bytes)


def id_of(text: str) -> str:
    """An id that is always the same for the same text."""
    return _base32(hashlib.sha256(text.encode()).digest()[:16])


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
