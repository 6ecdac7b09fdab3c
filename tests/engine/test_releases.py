"""New code travels from the original's Test to its Live, to the mirrors' Tests, to their Lives; nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.estates import RELEASE
from tests.engine.project import Project
from tests.engine.test_wiring import wiring

MIRRORS = {"acme-blog", "acme-shop", "acme-news"}
LIVES = sorted(f"{slug}/live" for slug in MIRRORS)
TESTS = sorted(f"{slug}/test" for slug in MIRRORS)

pytestmark = pytest.mark.xdist_group("release")


def declare_release(project: Project, name: str) -> None:
    project.declare({**project.declared(), "release": {"name": name}})


def at_once(started: list[dict[str, Any]]) -> bool:
    """Whether each of these deployments was started before any of them had ended."""
    return bool(max(row["started_at"] for row in started) < min(row["ended_at"] for row in started))


def test_a_release_travels_original_test_live_mirrors_tests_lives_in_waves(released: Project):
    steps = released.ledger()[8:]
    assert steps[:2] == ["acme-main/test", "acme-main/live"]
    assert sorted(steps[2:5]) == TESTS
    assert steps[5] == "acme-blog/live"
    assert sorted(steps[5:]) == LIVES
    assert released.divio.deployed("acme-main", "live")["ESTATE_RELEASE"] == RELEASE
    assert "ESTATE_RELEASE" not in released.divio.deployed("acme-blog", "live")
    assert len({row["image"] for row in released.deployments()[8:]}) == 1
    released.up("--refresh", "--expect-no-changes")


def test_a_release_named_by_the_configuration_is_the_stacks(project: Project):
    project.declare({**project.declared(), "release": {"name": {"config": "release"}}})
    refused = project.preview(check=False)
    assert refused.code != 0
    assert (
        "the stack's configuration has no release; name the release: pulumi config set release NAME" in refused.output
    )
    project.pulumi("config", "set", "--stack", "demo", "release", "2026-12")
    planned = project.preview().steps
    assert planned["acme-main/test"].new["variables"]["ESTATE_RELEASE"] == "2026-12"
    assert planned["original-live"].new["release"] == "2026-12"


def moved(spec: dict[str, Any]) -> None:
    spec["rollout"]["waves"][0]["sites"] = ["acme-shop"]


def renamed(spec: dict[str, Any]) -> None:
    spec["rollout"]["waves"][0]["name"] = "first"


def narrowed(spec: dict[str, Any]) -> None:
    spec["rollout"]["waves"][1]["max_parallel"] = 1


def themed_original(spec: dict[str, Any]) -> None:
    spec["original"]["variables"]["THEME"] = "new"


def themed_shop(spec: dict[str, Any]) -> None:
    spec["mirrors"]["acme-shop"]["live"] = {"variables": {"THEME": "dark"}}


CHANGES: list[tuple[Callable[[dict[str, Any]], None], list[str], dict[str, str]]] = [
    (moved, [], {"live-canary": "update", "live-rest": "update"}),
    (renamed, [], {"live-canary": "delete", "live-first": "create"}),
    (narrowed, [], {"mirrors-test": "update", "live-rest": "update"}),
    # With the image as it was: nobody is behind.
    (themed_original, ["acme-main/test", "acme-main/live"], {"original-test": "update", "original-live": "update"}),
    (themed_shop, ["acme-shop/live"], {"live-first": "update"}),
]
"""What is edited after a release, the deployments that follow from it, and the `Deployment`s that have a step."""


@pytest.mark.slow
def test_after_a_release_every_change_deploys_what_it_is_for_and_no_more(released: Project):
    for change, deploys, steps in CHANGES:
        spec = released.declared()
        change(spec)
        released.declare(spec)
        before = len(released.ledger())
        released.divio.clear_calls()
        run = released.up()
        assert released.ledger()[before:] == deploys, change.__name__
        assert run.of_type("Deployment") == steps, change.__name__
        assert bool(released.writes()) == bool(deploys), change.__name__
    released.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_somebody_elses_deployment_of_the_originals_live_puts_its_mirrors_behind(released: Project):
    released.divio.push("acme-main")
    released.divio.deploy("acme-main", "test")
    released.divio.deploy("acme-main", "live")
    before = len(released.ledger())
    released.up("--refresh")
    assert sorted(released.ledger()[before:]) == sorted((*TESTS, *LIVES))
    released.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_rotated_password_reaches_all_mirrors_at_once_without_a_canary(released: Project):
    divio = released.divio
    for environment in ("test", "live"):
        divio.rotate("acme-main", environment)
        divio.deploy("acme-main", environment, "ADOPT")
        for slug in MIRRORS:
            divio.site(slug, environment, deploy_seconds=3)
    before = len(released.ledger())
    run = released.up("--refresh")
    started = released.deployments()[before:]
    assert sorted(row["key"] for row in started) == sorted((*TESTS, *LIVES))
    assert at_once(started), "both environments, ahead of the waves"
    assert run.of_type("Deployment")["wiring"] == "update"
    for slug in MIRRORS:
        for environment in ("test", "live"):
            assert wiring(divio.deployed(slug, environment)) == wiring(divio.deployed("acme-main", environment))
    released.up("--refresh", "--expect-no-changes")
