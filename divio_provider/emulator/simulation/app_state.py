"""One running local Divio: its world, its flags, and what was switched on in it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from divio_provider.emulator.settings import Settings
from divio_provider.emulator.simulation.faults import DeploymentFailure, Fault, Rules
from divio_provider.emulator.simulation.permissions import Permissions
from divio_provider.emulator.switches import Switches
from divio_provider.emulator.world.database import Database

MOST_CALLS = 200_000
"""Calls on record; the oldest go first. A gut feeling: some 50 MB."""


@dataclass(frozen=True)
class Call:
    """One answered, refused or dropped call of the API. Bodies are never kept."""

    method: str
    path: str
    query: str
    status: int | None
    """None: the connection was cut instead of an answer."""
    at: str
    """When it arrived, a time stamp as Divio writes them."""
    ms: float
    """How long it took, latency included."""


@dataclass
class AppState:
    """What every route needs. The world is in the database; all else is of this run."""

    settings: Settings
    db: Database
    switches: Switches
    faults: Rules[Fault] = field(default_factory=Rules)
    failures: Rules[DeploymentFailure] = field(default_factory=Rules)
    permissions: Permissions = field(default_factory=Permissions)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=MOST_CALLS))
    """In the order in which they ended, since the start or since they were cleared."""
