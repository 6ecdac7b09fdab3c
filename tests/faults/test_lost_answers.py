"""Nearly a third of all answers is 429, 500 or none at all: the demo estate converges, and nothing exists twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.engine.estates import NewProject
from tests.engine.project import Project
from tests.engine.test_wiring import MIRRORS, wiring

SHARE = 0.30
EFFECTS: tuple[dict[str, Any], ...] = (
    {"status": 429, "retry_after": 0.3},
    {"status": 500},
    {"status": 500, "happens": True},
    {"drop": "before"},
    {"drop": "after"},
)
MOST_RUNS = 8
"""A run gives up on a call after its attempts, and its next steps with it; so one `up` is not promised to suffice."""


def faults(seed: int) -> list[dict[str, Any]]:
    """Rules that together meet `SHARE` of all calls."""
    # Each is asked on its own, and a call is fine only where none of them meets it.
    each = 1 - (1 - SHARE) ** (1 / len(EFFECTS))
    return [{**effect, "probability": each, "seed": seed * 100 + number} for number, effect in enumerate(EFFECTS)]


def twice(items: list[Any]) -> list[Any]:
    return [item for item, count in Counter(items).items() if count > 1]


def ups_until_it_is_up(project: Project) -> int:
    """Runs `up` as a person would, again and again until it succeeds; how often that was."""
    for run in range(1, MOST_RUNS + 1):
        done = project.up(check=False)
        # What a run could not do stays unfinished with exit code 0, as a refused variable does.
        if done.code == 0 and not project.outputs()["unfinished"]:
            return run
    pytest.fail(f"not up after {MOST_RUNS} runs:\n{project.runs[-1].output}")


def nothing_exists_twice(project: Project) -> None:
    world = project.divio.world()
    assert sorted(item["slug"] for item in world["applications"]) == sorted(("acme-main", *MIRRORS))
    assert not twice([(item["environment"], item["name"]) for item in world["environment_variables"]])
    assert not twice([(item["environment"], item["type"], item["prefix"]) for item in world["service_instances"]])
    assert len(world["service_instances"]) == 4, "a database and a storage, on the original's Test and Live"
    assert [item["domain"] for item in world["domains"]] == ["blog.acme.example"]
    every = [f"{slug}/{environment}" for slug in ("acme-main", *MIRRORS) for environment in ("test", "live")]
    assert sorted(project.ledger()) == sorted(every), "one deployment for each environment"


def all_is_right(project: Project) -> None:
    divio = project.divio
    for slug, site_id in MIRRORS.items():
        for environment in ("test", "live"):
            deployed = divio.deployed(slug, environment)
            assert deployed["SITE_ID"] == site_id
            assert wiring(deployed) == wiring(divio.deployed("acme-main", environment))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))])
def test_the_demo_estate_converges_under_faults_and_nothing_exists_twice(new_project: NewProject, seed: int):
    project = new_project()
    project.add_stack("demo")
    project.divio.faults(faults(seed))
    runs = ups_until_it_is_up(project)
    met = [call["status"] in (429, 500, None) for call in project.divio.calls()]
    project.divio.faults([])
    print(f"seed {seed}: {runs} runs, {sum(met)} of {len(met)} calls met a fault")
    assert 0.2 < sum(met) / len(met) < 0.4
    nothing_exists_twice(project)
    all_is_right(project)
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_changes_converge_under_faults_and_each_site_is_deployed_once_for_them(project: Project, seed: int):
    divio, before = project.divio, project.ledger()
    spec = project.declared()
    spec["live"]["variables"]["SENTRY_ENVIRONMENT"] = "new"
    del spec["mirrors"]["acme-news"]
    spec["retired"] = {"acme-news": {}}
    spec["mirrors"]["acme-fair"] = {"name": "Acme Fair"}
    project.declare(spec)
    divio.faults(faults(seed))
    ups_until_it_is_up(project)
    divio.faults([])

    world = divio.world()
    assert sorted(item["slug"] for item in world["applications"]) == [
        "acme-blog",
        "acme-fair",
        "acme-main",
        "acme-shop",
    ]
    assert not twice([(item["environment"], item["name"]) for item in world["environment_variables"]])
    changed = ["acme-main/live", "acme-blog/live", "acme-shop/live", "acme-fair/test", "acme-fair/live"]
    # A deleted application takes its deployments along, so what stood before is counted without it.
    stood = [place for place in before if not place.startswith("acme-news/")]
    assert sorted(project.ledger()) == sorted([*stood, *changed])
    assert divio.deployed("acme-fair", "live")["SITE_ID"] == "5", "an id that was used is not used again"
    project.up("--refresh", "--expect-no-changes")
