"""The record of API calls, for tests and demonstrations that count or order them. Bodies are never kept."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

MOST = 200_000
"""Calls remembered; the oldest go first. A gut feeling: some 50 MB."""


@dataclass(frozen=True)
class Call:
    """One answered, refused or dropped call."""

    method: str
    path: str
    query: str
    status: int | None
    """None: the connection was cut instead of an answer."""
    at: str
    """When it arrived, a time stamp as Divio writes them."""
    ms: float
    """How long it took, latency included."""


class Calls:
    """The calls since the start, or since they were cleared, in the order in which they ended."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=MOST)

    def add(self, call: Call) -> None:
        """Records a call."""
        self._calls.append(call)

    def clear(self) -> None:
        """Forgets all."""
        self._calls.clear()

    def shown(self) -> list[dict[str, Any]]:
        """As the control door shows them."""
        return [asdict(call) for call in self._calls]
