"""Programs that others wrote, unchanged, on the local Divio: what they accept cannot be our own misunderstanding alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.divio_cli import DivioCli, NotInstallable, installed
from tests.emulator.conftest import Estate
from tests.local_divio import LocalDivio


@pytest.fixture(scope="session")
def divio_cli_program() -> Path:
    """The program, installed where it is not yet."""
    try:
        return installed()
    except NotInstallable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def shared_divio() -> Iterator[tuple[LocalDivio, dict[str, Any]]]:
    with LocalDivio(deploy_seconds=0) as divio:
        yield divio, divio.world()


@pytest.fixture
def divio(shared_divio: tuple[LocalDivio, dict[str, Any]]) -> LocalDivio:
    divio, new_world = shared_divio
    divio.renew(new_world)
    return divio


@pytest.fixture
def estate(divio: LocalDivio) -> Estate:
    return Estate(divio)


@pytest.fixture
def cli(divio_cli_program: Path, divio: LocalDivio, tmp_path: Path) -> DivioCli:
    return DivioCli(divio_cli_program, tmp_path / "home", divio)
