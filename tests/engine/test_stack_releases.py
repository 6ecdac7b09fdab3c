"""One release through `sites`, `test` and `live`: no mirror's Live before every mirror's Test, and then nothing to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import StartDivio
from tests.engine.estates import RELEASE, STACKS, NewProject, add_stacks
from tests.engine.project import Project
from tests.engine.test_releases import at_once
from tests.engine.test_wiring import MIRRORS, wiring

pytestmark = pytest.mark.xdist_group("stacks")


def release(project: Project) -> list[dict[str, Any]]:
    """A release of code that somebody pushed, in all three stacks; the deployments that came of it."""
    before = len(project.ledger())
    project.divio.push("acme-main")
    project.declare({**project.declared(), "release": {"name": {"config": "release"}}})
    for stack in STACKS:
        project.pulumi("config", "set", "--stack", stack, "release", RELEASE)
        project.up(stack=stack)
    return project.deployments()[before:]


def arrives_everywhere_in_order(project: Project, started: list[dict[str, Any]]) -> None:
    """All environments run the image that the original's Live got, and no Live started before all Tests ran it."""
    mirrors = list(project.declared()["mirrors"])
    tests, lives = ({f"{slug}/{environment}" for slug in mirrors} for environment in ("test", "live"))
    everywhere = tests | lives | {"acme-main/test", "acme-main/live"}
    now = {row["key"]: row for row in project.deployments() if row["success"]}
    image = now["acme-main/live"]["image"]
    assert {key: row["image"] for key, row in now.items()} == dict.fromkeys(everywhere, image)
    for environment in ("test", "live"):
        assert now[f"acme-main/{environment}"]["variables"]["ESTATE_RELEASE"] == RELEASE

    assert sorted(row["key"] for row in started) == sorted(everywhere), "each was deployed once"
    last_test = max(row["ended_at"] for row in started if row["key"] in tests)
    assert last_test < min(row["started_at"] for row in started if row["key"] in lives)


def leaves_nothing_to_do(project: Project) -> None:
    before = project.ledger()
    for stack in STACKS:
        project.up("--refresh", "--expect-no-changes", stack=stack)
    assert project.ledger() == before


@pytest.mark.slow
def test_a_release_goes_through_three_stacks_and_leaves_nothing_to_do(stacks: Project):
    started = release(stacks)
    assert [row["key"] for row in started][:2] == ["acme-main/test", "acme-main/live"]
    arrives_everywhere_in_order(stacks, started)
    leaves_nothing_to_do(stacks)


@pytest.mark.slow
def test_a_rotated_password_reaches_every_live_at_once_from_its_own_stack(stacks: Project):
    divio = stacks.divio
    divio.rotate("acme-main", "live")
    divio.deploy("acme-main", "live", "ADOPT")
    for slug in MIRRORS:
        divio.site(slug, "live", deploy_seconds=3)
    before = len(stacks.ledger())
    stacks.up("--refresh", stack="live")
    started = stacks.deployments()[before:]
    assert sorted(row["key"] for row in started) == sorted(f"{slug}/live" for slug in MIRRORS)
    assert at_once(started), "no canary goes first"
    for slug in MIRRORS:
        assert wiring(divio.deployed(slug, "live")) == wiring(divio.deployed("acme-main", "live"))
    stacks.up("--refresh", "--expect-no-changes", stack="live")


@pytest.mark.slow
def test_twenty_mirrors_in_three_stacks_get_a_release_and_are_left_with_nothing_to_do(
    new_project: NewProject, start: StartDivio
):
    project = new_project(on=start(deploy_seconds=0.1))
    spec = project.declared()
    spec["mirrors"] |= {f"acme-{number:02}": {"name": f"Acme {number}"} for number in range(4, 21)}
    assert len(spec["mirrors"]) == 20
    project.declare(spec)
    add_stacks(project)
    for stack in STACKS * 2:
        project.up(stack=stack)
    assert len(project.ledger()) == 42
    started = release(project)
    assert len(started) == 42
    arrives_everywhere_in_order(project, started)
    leaves_nothing_to_do(project)
