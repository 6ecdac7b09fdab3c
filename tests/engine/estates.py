"""Projects for the tests with the real CLI, in any folder; each ends with the promises that hold whatever a test does.

Every worker has one local Divio, whose world is put back for each test, and one estate that is up already, which a
test gets a copy of: the first `up` is paid once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.project import Project, estate
from tests.engine.promises import keeps_its_promises
from tests.local_divio import LocalDivio

FOLDERS = ("engine", "faults", "search")
"""Where tests have the real CLI."""

DEPLOY_SECONDS = 0.1
RELEASE = "2026-11"
STACKS = ("sites", "test", "live")
"""The layout with a stack for each environment, in the order in which they run."""

NewProject = Callable[..., Project]
StartDivio = Callable[..., LocalDivio]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folders = {Path(__file__).parent.parent / name for name in FOLDERS}
    for item in items:
        if folders & set(item.path.parents):
            item.add_marker(pytest.mark.engine)
            # Half a minute alone; a machine that does other things as well may take its time.
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pulumi's own folder."""
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture(scope="session")
def shared_divio() -> Iterator[tuple[LocalDivio, dict[str, Any]]]:
    """The worker's local Divio and its new world."""
    with LocalDivio(deploy_seconds=DEPLOY_SECONDS) as divio:
        yield divio, divio.world()


@pytest.fixture(scope="session")
def first_up(
    shared_divio: tuple[LocalDivio, dict[str, Any]], home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, dict[str, Any]]:
    """An estate that is up, and the world that it made."""
    divio, new_world = shared_divio
    divio.replace_world(new_world)
    project = Project.begin(tmp_path_factory.mktemp("first") / "project", divio, home)
    project.declare(estate())
    project.add_stack("demo")
    project.up()
    return project, divio.world()


@pytest.fixture
def divio(shared_divio: tuple[LocalDivio, dict[str, Any]]) -> LocalDivio:
    """The worker's local Divio, as good as new."""
    divio, new_world = shared_divio
    divio.renew(new_world)
    return divio


@pytest.fixture
def new_project(divio: LocalDivio, home: Path, tmp_path: Path, start: StartDivio) -> Iterator[NewProject]:
    """Makes projects without a stack; `on` is another local Divio, further keywords are `divio:` configuration."""
    projects: list[Project] = []

    def make(on: LocalDivio = divio, **divio_config: object) -> Project:
        project = Project.begin(tmp_path / f"project-{len(projects)}", on, home, **divio_config)
        project.declare(estate())
        projects.append(project)
        return project

    yield make
    for project in projects:
        keeps_its_promises(project)


def lent(made: tuple[Project, dict[str, Any]], divio: LocalDivio, folder: Path) -> Iterator[Project]:
    """A copy of a project with the world that it made, until a test is over."""
    template, world = made
    divio.replace_world(world)
    project = template.copied_to(folder)
    yield project
    keeps_its_promises(project)


@pytest.fixture
def project(first_up: tuple[Project, dict[str, Any]], divio: LocalDivio, tmp_path: Path) -> Iterator[Project]:
    """An estate that is up: the original, three mirrors, one stack called demo."""
    yield from lent(first_up, divio, tmp_path / "project")


def add_stacks(project: Project) -> None:
    """The three of `STACKS`."""
    project.add_stack("sites", manage=["sites"], secrets=False)
    project.add_stack("test", manage=["test"], sitesStack="sites")
    project.add_stack("live", manage=["live"], sitesStack="sites")


@pytest.fixture(scope="session")
def second_round(
    shared_divio: tuple[LocalDivio, dict[str, Any]], home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, dict[str, Any]]:
    """The three stacks, run twice in order on an empty local Divio. Only for tests of the `xdist_group` stacks."""
    divio, new_world = shared_divio
    divio.replace_world(new_world)
    project = Project.begin(tmp_path_factory.mktemp("stacks") / "project", divio, home)
    project.declare(estate())
    add_stacks(project)
    for stack in STACKS * 2:
        project.up(stack=stack)
    return project, divio.world()


@pytest.fixture
def stacks(second_round: tuple[Project, dict[str, Any]], divio: LocalDivio, tmp_path: Path) -> Iterator[Project]:
    """An estate that three stacks brought up."""
    yield from lent(second_round, divio, tmp_path / "stacks")


@pytest.fixture(scope="session")
def first_release(
    first_up: tuple[Project, dict[str, Any]],
    shared_divio: tuple[LocalDivio, dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Project, dict[str, Any]]:
    """An estate that is up and got a release. Only for tests of the `xdist_group` release."""
    template, world = first_up
    divio, _ = shared_divio
    divio.replace_world(world)
    project = template.copied_to(tmp_path_factory.mktemp("release") / "project")
    divio.push("acme-main")
    project.declare({**project.declared(), "release": {"name": RELEASE}})
    project.up()
    return project, divio.world()


@pytest.fixture
def released(first_release: tuple[Project, dict[str, Any]], divio: LocalDivio, tmp_path: Path) -> Iterator[Project]:
    """The estate of `project`, with the release `RELEASE` of code that somebody pushed."""
    yield from lent(first_release, divio, tmp_path / "released")


@pytest.fixture
def start(start_divio: StartDivio) -> StartDivio:
    """Starts a local Divio of the test's own, with other flags."""
    return lambda **flags: start_divio(**{"deploy_seconds": DEPLOY_SECONDS, **flags})
