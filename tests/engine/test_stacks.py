"""One stack for everything, or `sites`, `test` and `live` apart: the same estate in the end."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.engine.estates import STACKS, add_stacks
from tests.engine.project import SHARED, Project, until
from tests.engine.test_wiring import MIRRORS, wiring

pytestmark = pytest.mark.xdist_group("stacks")


def end_state(world: dict[str, Any]) -> dict[str, Any]:
    """What the estate is, without what differs from one making of it to the next."""
    slugs = {item["uuid"]: item["slug"] for item in (*world["applications"], *world["environments"])}
    variables: dict[str, Any] = {}
    for row in world["environment_variables"]:
        environment = next(item for item in world["environments"] if item["uuid"] == row["environment"])
        key = f"{slugs[environment['application']]}/{environment['slug']}"
        value = "copied" if row["name"] in SHARED else row["value"]
        variables.setdefault(key, {})[row["name"]] = (value, bool(row["is_sensitive"]))
    deployed = {}
    for row in world["deployments"]:
        key = f"{slugs[row['application']]}/{slugs[row['environment']]}"
        assert row["success"] in (1, True)
        own = variables.get(key, {})
        deployed[key] = sorted(name for name in row["variables"] if name in own)
    return {
        "applications": {item["slug"]: slugs.get(item["mirror_of"]) for item in world["applications"]},
        "variables": variables,
        "deployed": deployed,
        "domains": {item["domain"]: slugs[item["application"]] for item in world["domains"]},
        "services": sorted(item["prefix"] for item in world["service_instances"]),
    }


def test_three_stacks_run_twice_reach_the_same_end_as_one(first_up: tuple[Project, dict[str, Any]], stacks: Project):
    assert end_state(stacks.divio.world()) == end_state(first_up[1])


@pytest.mark.slow
def test_a_third_run_of_all_three_stacks_changes_nothing(stacks: Project):
    before = stacks.ledger()
    for stack in STACKS:
        assert stacks.preview("--expect-no-changes", stack=stack).steps == {}
    assert stacks.divio.calls() == []
    for stack in STACKS:
        stacks.up("--refresh", "--expect-no-changes", stack=stack)
    assert stacks.ledger() == before
    assert stacks.writes() == []


@pytest.mark.slow
@pytest.mark.parametrize("edit", ["line deleted", "slug mistyped"])
def test_a_site_that_nobody_retired_is_refused_at_preview_by_each_of_three_stacks(stacks: Project, edit: str):
    spec = stacks.declared()
    news = spec["mirrors"].pop("acme-news")
    if edit == "slug mistyped":
        spec["mirrors"]["acme-nevs"] = news
    stacks.declare(spec)
    for stack in STACKS:
        for run in (stacks.preview(stack=stack, check=False), stacks.up(stack=stack, check=False)):
            assert run.code != 0, (stack, run.output)
            assert "acme-news is no longer declared, and not retired either" in run.output
    assert stacks.writes() == []


@pytest.mark.slow
def test_a_retired_site_leaves_three_stacks_and_its_id_is_given_to_nobody(stacks: Project):
    stacks.retire("acme-news", site_id=4)
    for stack in STACKS:
        stacks.up(stack=stack)
    assert "acme-news" not in [item["slug"] for item in stacks.divio.all("/apps/v3/applications/")]
    for stack in STACKS:
        stacks.preview("--expect-no-changes", stack=stack)
    spec = stacks.declared()
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs"}
    stacks.declare(spec)
    assert stacks.preview(stack="sites").steps["site-ids"].new["ids"]["acme-docs"] == 5


@pytest.mark.slow
def test_a_destroy_of_any_of_three_stacks_deletes_nothing(stacks: Project):
    for stack in reversed(STACKS):
        run = stacks.destroy("--run-program", stack=stack, check=False)
        assert run.code != 0, (stack, run.output)
        assert "DIVIO_ALLOW_DELETE=" in run.output
        assert "DIVIO_FORGET=" in run.output
    assert stacks.writes() == []


@pytest.mark.slow
def test_three_stacks_that_lost_their_states_take_over_what_is_equal(stacks: Project):
    for stack in STACKS:
        stacks.pulumi("stack", "rm", stack, "--yes", "--force", "--preserve-config")
        stacks.pulumi("stack", "init", stack)
    ledger = stacks.ledger()
    for stack in STACKS:
        stacks.up(stack=stack)
    assert stacks.writes() == []
    assert stacks.ledger() == ledger
    for stack in STACKS:
        stacks.preview("--expect-no-changes", stack=stack)


@pytest.mark.slow
def test_a_preview_of_test_plans_a_site_that_sites_has_not_created_yet(stacks: Project):
    spec = stacks.declared()
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs"}
    stacks.declare(spec)
    run = stacks.preview(stack="test")
    assert run.steps["acme-docs/test"].op == "create"
    assert run.steps["acme-docs/test"].new["variables"]["SITE_ID"] == "5"
    assert run.of_type("EnvironmentVariables") == {"acme-docs/test": "create"}
    assert stacks.divio.calls() == []


@pytest.mark.slow
def test_an_up_of_test_before_sites_leaves_the_new_site_unfinished_and_goes_on_later(stacks: Project):
    spec = stacks.declared()
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs"}
    stacks.declare(spec)
    before = stacks.ledger()
    stacks.up(stack="test")
    assert stacks.outputs("test")["unfinished"].keys() == {"acme-docs"}
    assert stacks.ledger() == before
    for stack in STACKS:
        stacks.up(stack=stack)
    assert stacks.ledger()[len(before) :] == ["acme-docs/test", "acme-docs/live"]
    assert stacks.divio.deployed("acme-docs", "live")["SITE_ID"] == "5"
    for stack in STACKS:
        stacks.preview("--expect-no-changes", stack=stack)


@pytest.mark.slow
def test_destroying_test_leaves_every_mirrors_test_with_its_site_id_and_dsns_and_one_up_takes_it_over_again(
    stacks: Project,
):
    divio = stacks.divio
    before = {slug: divio.deployed(slug, "test") for slug in MIRRORS}
    stacks.destroy("--run-program", stack="test", environ={"DIVIO_ALLOW_DELETE": "all"})
    assert stacks.resources("test") == {}
    for slug, site_id in MIRRORS.items():
        variables = divio.variables(slug, "test")
        assert variables["SITE_ID"] == site_id
        assert set(SHARED) <= variables.keys()
        assert "THEME" not in variables
        # What counts is what the next deployment carries, by whoever it may be.
        divio.deploy(slug, "test", "ADOPT")
        deployed = divio.deployed(slug, "test")
        assert wiring(deployed) == wiring(before[slug])
        assert deployed["SITE_ID"] == site_id
    assert divio.environment("acme-main", "test")["last_finished_deployment"] is not None

    assert "THEME is not set" in stacks.up(stack="test", check=False).output
    stacks.up(stack="test", environ={"DIVIO_TAKE_OVER": "all"})
    for slug in MIRRORS:
        assert wiring(divio.deployed(slug, "test")) == wiring(before[slug])
        assert divio.variables(slug, "test")["LANGUAGE_CODE"] == "en"
    stacks.up("--refresh", "--expect-no-changes", stack="test")


@pytest.mark.slow
def test_a_site_removed_goes_from_all_three_stacks_in_any_order(stacks: Project):
    stacks.retire("acme-news")
    before = stacks.ledger()
    for stack in ("test", "sites", "live"):
        stacks.up(stack=stack)
    assert stacks.divio.application("acme-news") is None
    assert set(stacks.ledger()) == {key for key in before if not key.startswith("acme-news/")}
    assert stacks.outputs("sites")["retired_site_ids"] == {"acme-news": 4}
    for stack in STACKS:
        stacks.up("--refresh", "--expect-no-changes", stack=stack)


def test_without_the_stack_of_sites_the_others_say_to_run_it_first(new_project):
    project: Project = new_project()
    project.add_stack("test", manage=["test"], sitesStack="sites")
    for run in (project.preview(stack="test", check=False), project.up(stack="test", check=False)):
        assert run.code != 0
        assert "run stack sites first" in run.output
    assert project.divio.calls() == []


@pytest.mark.slow
def test_a_stack_of_sites_that_never_ran_is_to_be_run_first(new_project):
    project: Project = new_project()
    add_stacks(project)
    run = project.up(stack="live", check=False)
    assert run.code != 0
    assert "run stack sites first" in run.output
    assert project.divio.calls() == []


@pytest.mark.slow
def test_a_release_that_breaks_old_code_in_the_stack_of_test_does_not_reach_live(stacks: Project):
    divio = stacks.divio
    stacks.declare({**stacks.declared(), "release": {"name": "2026-11"}, "rollout": {"verify": {"timeout": "1s"}}})
    divio.site("acme-main", "test", deploy_seconds=2)
    before = len(stacks.ledger())
    early = stacks.up(stack="live", check=False)
    assert early.code != 0
    assert "the original's Test does not run release 2026-11 yet" in early.output

    def break_old_code() -> None:
        until(lambda: stacks.ledger()[before:], within=60, what="the original's Test")
        divio.site("acme-shop", "test", status=500)

    migration = threading.Thread(target=break_old_code)
    migration.start()
    stopped = stacks.up(stack="test", check=False)
    migration.join()
    assert stopped.code != 0
    assert "acme-shop's Test answered before and now answers 500" in stopped.output
    alone = stacks.up(stack="live", check=False)
    assert alone.code != 0
    assert "acme-shop's Test is current and now answers 500" in alone.output
    assert stacks.ledger()[before:] == ["acme-main/test"]

    divio.site("acme-shop", "test", status=200)
    stacks.up(stack="test")
    divio.site("acme-news", "test", status=503)
    stacks.declare({**stacks.declared(), "release": {"name": "2026-12"}})
    assert "acme-news does not count" in stacks.up(stack="test").output
    stacks.pulumi("config", "set", "--stack", "live", "testStack", "test")
    stacks.up(stack="live", check=False)
    assert "acme-main/live" in stacks.ledger()[before:], "what the stack of Test left out stops nothing"
