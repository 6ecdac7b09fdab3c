"""Fixtures for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.interrupts import heed_interrupts
from tests.local_divio import LocalDivio

heed_interrupts()

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
