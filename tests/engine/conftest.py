"""Projects for the tests with the real CLI; each ends with the promises that hold whatever a test does.

Every worker has one local Divio, whose world is put back for each test, and one estate that is up already, which a
test gets a copy of: the first `up` is paid once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartDivio
from tests.engine.project import CANARY, SHARED, Project, estate
from tests.local_divio import LocalDivio

HERE = Path(__file__).parent
DEPLOY_SECONDS = 0.3

NewProject = Callable[..., Project]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
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
    divio.replace_world(new_world)
    divio.faults([])
    divio.clear_calls()
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


@pytest.fixture
def project(first_up: tuple[Project, dict[str, Any]], divio: LocalDivio, tmp_path: Path) -> Iterator[Project]:
    """An estate that is up: the original, three mirrors, one stack called demo."""
    template, world = first_up
    divio.replace_world(world)
    project = template.copied_to(tmp_path / "project")
    yield project
    keeps_its_promises(project)


@pytest.fixture
def start(start_divio: StartDivio) -> StartDivio:
    """Starts a local Divio of the test's own, with other flags."""
    return lambda **flags: start_divio(**{"deploy_seconds": DEPLOY_SECONDS, **flags})


def keeps_its_promises(project: Project) -> None:
    """What must hold after any commands whatever: no leak, no traceback, no mirror ever deployed unwired."""
    for run in project.runs:
        assert "Traceback" not in run.output, run.output
    leaks = leaks_of(project)
    assert not leaks, leaks
    assert not unwired_deployments(project.divio)


def secrets_of(divio: LocalDivio) -> set[str]:
    """Everything that must stay on Divio: DSNs, whole and their passwords, keys of Django, the tests' own secret."""
    found = {CANARY, divio.token}
    for deployment in divio.world()["deployments"]:
        for name, value in deployment["variables"].items():
            if name in (*SHARED, "DEFAULT_DATABASE_DSN", "SECRET_KEY") and value:
                found.add(value)
                password = value.partition("://")[2].partition("@")[0].rpartition(":")[2]
                found |= {password} if password else set()
    return found


def leaks_of(project: Project) -> list[str]:
    """Where Pulumi's files or a command's output hold a secret in plain text."""
    secrets = secrets_of(project.divio)
    places = [(str(path), text) for path, text in project.files()]
    places += [(f"output of pulumi {run.command}", run.output) for run in project.runs]
    return [place for place, text in places if any(secret in text for secret in secrets)]


def unwired_deployments(divio: LocalDivio) -> list[str]:
    """Deployments of mirrors that did not carry a `SITE_ID` of their own and the original's shared variables."""
    world = divio.world()
    applications = {item["uuid"]: item for item in world["applications"]}
    environments = {item["uuid"]: item for item in world["environments"]}
    originals: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    wrong = []
    for deployment in world["deployments"]:
        application = applications[deployment["application"]]
        environment = environments[deployment["environment"]]["slug"]
        carried = tuple(deployment["variables"].get(name, "") for name in SHARED)
        if application["mirror_of"] is None:
            originals.setdefault((application["uuid"], environment), set()).add(carried)
        elif deployment["variables"].get("SITE_ID", "1") == "1" or carried not in originals.get(
            (application["mirror_of"], environment), set()
        ):
            wrong.append(f"{application['slug']} {environment}")
    return wrong
