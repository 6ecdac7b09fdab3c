"""Killed, interrupted or ended at any moment: nothing starts afterwards, and the next `up` deploys only what is missing.

A moment is a number of writes that Divio has had, and a little while after it; the slow sweep takes seeded ones.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import StartDivio
from tests.engine.estates import NewProject
from tests.engine.project import Project, until
from tests.engine.test_releases import declare_release
from tests.engine.test_wiring import MIRRORS, wiring

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/cwd").exists(), reason="looks for processes where Linux shows them"
)

POLL = timedelta(seconds=0.5)
"""How often a provider's process asks whether its engine is still there."""

DEPLOY_SECONDS = 0.4
"""Long enough for a moment to lie in the middle of one."""

SLUGS = ("acme-main", *MIRRORS)
EVERYWHERE = {f"{slug}/{environment}" for slug in SLUGS for environment in ("test", "live")}


@dataclass(frozen=True)
class Scene:
    """A kind of run: how it comes to be, the flags of its `up`, its writes, and the environments that it deploys."""

    begin: Callable[[pytest.FixtureRequest], Project]
    writes: int
    deploys: set[str]
    flags: tuple[str, ...] = ()


def first_up(request: pytest.FixtureRequest) -> Project:
    new_project: NewProject = request.getfixturevalue("new_project")
    start: StartDivio = request.getfixturevalue("start")
    project = new_project(on=start(deploy_seconds=DEPLOY_SECONDS))
    project.add_stack("demo")
    return project


def a_release(request: pytest.FixtureRequest) -> Project:
    project: Project = request.getfixturevalue("project")
    declare_release(project, "2026-11")
    return project


def a_rotation(request: pytest.FixtureRequest) -> Project:
    project: Project = request.getfixturevalue("project")
    project.divio.rotate("acme-main", "live")
    project.divio.deploy("acme-main", "live", "ADOPT")
    project.divio.clear_calls()
    return project


def a_variable(request: pytest.FixtureRequest) -> Project:
    project: Project = request.getfixturevalue("released")
    spec = project.declared()
    spec["original"]["variables"]["THEME"] = "new"
    project.declare(spec)
    return project


SCENES = {
    "first up": Scene(first_up, writes=55, deploys=EVERYWHERE),
    "release": Scene(a_release, writes=10, deploys=EVERYWHERE),
    # Somebody else's deployment of the original's Live puts the mirrors' Tests behind as well.
    "rotation": Scene(
        a_rotation, writes=9, deploys=EVERYWHERE - {"acme-main/test", "acme-main/live"}, flags=("--refresh",)
    ),
    # With the image as it was, after a release: the mirrors stay current.
    "variable": Scene(a_variable, writes=4, deploys={"acme-main/test", "acme-main/live"}),
}


@dataclass(frozen=True)
class Moment:
    """When a run of which scene is hit."""

    scene: str
    writes: int
    later: float

    def __str__(self) -> str:
        return f"{self.scene}, {self.later:.2f} s after write {self.writes}"


def moments(seed: str, count: int) -> list[Moment]:
    """Seeded moments in all scenes by turns, half of them late, where deployments are; the last write is a run's end."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        name = list(SCENES)[number % len(SCENES)]
        last = SCENES[name].writes - 1
        writes = dice.randint(dice.choice((1, max(1, last - 5))), last)
        found.append(Moment(name, writes, dice.uniform(0, DEPLOY_SECONDS)))
    return found


def reached(project: Project, moment: Moment) -> subprocess.Popen[str]:
    """A run that is in the middle of its work."""
    process = project.start("up", "--stack", "demo", "--yes", "--skip-preview", *SCENES[moment.scene].flags)
    try:
        until(
            lambda: len(project.writes()) >= moment.writes or process.poll() is not None, within=120, what=str(moment)
        )
        time.sleep(moment.later)  # the moment itself is a time, not a condition
        assert process.poll() is None, f"it was over before {moment}: {project.said}"
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process


def kill(*pids: int) -> None:
    """As the machine would when it runs out of memory."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def starts_nothing_more(project: Project, died: datetime) -> None:
    """`died` is when the CLI did, by the clock that the local Divio has as well."""
    until(lambda: not project.providers(), within=5, what="no provider's process is left")
    kill(*project.providers(idle=True))
    started = {row["key"]: datetime.fromisoformat(row["started_at"]) for row in project.deployments()}
    late = {key: str(at - died) for key, at in started.items() if at > died + POLL}
    assert not late


def unlock(project: Project) -> None:
    """What Pulumi asks for after a run that could not say goodbye."""
    project.pulumi("cancel", "--yes", "--stack", "demo")


def goes_on(project: Project, scene: Scene, before: int) -> None:
    """The next `up` ends level, and nothing was deployed twice, the broken run's own deployments included."""
    project.up(*scene.flags)
    divio = project.divio
    assert sorted(item["slug"] for item in divio.world()["applications"]) == sorted(SLUGS)
    assert Counter(project.ledger()[before:]) == Counter(scene.deploys)
    assert all(row["success"] for row in divio.world()["deployments"])
    for slug, site_id in MIRRORS.items():
        for environment in ("test", "live"):
            deployed = divio.deployed(slug, environment)
            assert deployed["SITE_ID"] == site_id
            assert wiring(deployed) == wiring(divio.deployed("acme-main", environment))
    assert project.outputs()["unfinished"] == {}
    project.up("--refresh", "--expect-no-changes")


def survives(request: pytest.FixtureRequest, moment: Moment, *, provider_too: bool) -> None:
    scene = SCENES[moment.scene]
    project = scene.begin(request)
    for application in project.divio.world()["applications"]:
        for environment in ("test", "live"):
            project.divio.site(application["slug"], environment, deploy_seconds=DEPLOY_SECONDS)
    before = len(project.ledger())
    process = reached(project, moment)
    kill(process.pid, *(project.providers() if provider_too else ()))
    process.wait()
    died = datetime.now(UTC)
    starts_nothing_more(project, died)
    unlock(project)
    goes_on(project, scene, before)


@pytest.mark.parametrize("moment", [Moment("first up", 40, 0.1)], ids=str)
def test_a_killed_cli_leaves_no_provider_and_the_next_up_converges(request, moment):
    survives(request, moment, provider_too=False)


@pytest.mark.slow
@pytest.mark.parametrize("moment", [Moment("release", 6, 0.1)], ids=str)
def test_a_cli_killed_with_its_provider_is_continued_where_divio_stands(request, moment):
    survives(request, moment, provider_too=True)


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments("the CLI alone", 10), ids=str)
def test_a_cli_killed_at_any_moment_converges(request, moment):
    survives(request, moment, provider_too=False)


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments("the CLI and its provider", 10), ids=str)
def test_a_cli_killed_with_its_provider_at_any_moment_converges(request, moment):
    survives(request, moment, provider_too=True)


IN_THE_MIRRORS_TESTS = Moment("release", 7, 0.1)


def in_the_mirrors_tests(project: Project, request: pytest.FixtureRequest) -> subprocess.Popen[str]:
    """A release whose mirrors' Tests, the step before the waves of Lives, are being deployed."""
    declare_release(project, "2026-11")
    for slug in MIRRORS:
        project.divio.site(slug, "test", deploy_seconds=2)
    return reached(project, IN_THE_MIRRORS_TESTS)


@pytest.mark.slow
def test_a_provider_that_dies_alone_fails_the_run_and_is_continued(project: Project, request):
    before = len(project.ledger())
    process = in_the_mirrors_tests(project, request)
    kill(*project.providers())
    died = datetime.now(UTC)
    assert process.wait(60) != 0
    assert "Traceback" not in project.said
    starts_nothing_more(project, died)
    goes_on(project, SCENES["release"], before)


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)], ids=lambda how: how.name
)
def test_an_interrupted_run_ends_its_step_and_begins_no_other(project: Project, request, how: signal.Signals):
    before = len(project.ledger())
    process = in_the_mirrors_tests(project, request)
    os.killpg(process.pid, how)
    assert process.wait(60) != 0
    assert "cancelling" in project.said
    assert sorted(project.ledger()[before:]) == sorted(
        ("acme-main/test", "acme-main/live", *(f"{slug}/test" for slug in MIRRORS))
    )
    until(lambda: not project.providers(), within=5, what="no provider's process is left")
    goes_on(project, SCENES["release"], before)


@pytest.mark.slow
def test_a_run_interrupted_twice_ends_at_once_and_starts_nothing_more(project: Project, request):
    before = len(project.ledger())
    process = in_the_mirrors_tests(project, request)
    os.killpg(process.pid, signal.SIGINT)
    until(lambda: "cancelling" in project.said, within=30, what="the first one is heard")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) != 0
    starts_nothing_more(project, datetime.now(UTC))
    unlock(project)
    goes_on(project, SCENES["release"], before)
