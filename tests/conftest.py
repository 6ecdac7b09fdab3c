"""Fixtures for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

from tests.interrupts import heed_interrupts
from tests.local_divio import LocalDivio

heed_interrupts()

# No test asserts a time; how long an example takes depends on what else the machine does.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

StartDivio = Callable[..., LocalDivio]

pytest_plugins = ["tests.engine.estates"]


@pytest.fixture
def start_divio() -> Iterator[StartDivio]:
    """Starts local Divios with the flags asked for; they end with the test."""
    with ExitStack() as stack:
        yield lambda **flags: stack.enter_context(LocalDivio(**flags))


@pytest.fixture
def local_divio(start_divio: StartDivio) -> LocalDivio:
    """A local Divio whose deployments are over at once."""
    return start_divio(deploy_seconds=0)
