"""Whatever broke off or failed: the next `up` reaches the same end, with nothing twice and nothing lost."""

from __future__ import annotations

import pytest

from tests.engine.project import Project
from tests.engine.test_wiring import MIRRORS, wiring


def themed(project: Project, theme: str) -> None:
    """Changes a variable of every mirror's Live."""
    spec = project.declared()
    spec["live"]["variables"]["SENTRY_ENVIRONMENT"] = theme
    project.declare(spec)


def variable(project: Project, slug: str, environment: str, name: str) -> str:
    """Divio's id of a variable."""
    divio = project.divio
    uuid = divio.environment(slug, environment)["uuid"]
    found = divio.get(f"/apps/v3/environment-variables/?environment={uuid}&name={name}")["results"]
    identifier: str = found[0]["uuid"]
    return identifier


def test_a_failing_deployment_is_one_sites_trouble_and_the_next_up_deploys_that_site_alone(project: Project):
    divio, before = project.divio, project.ledger()
    themed(project, "new")
    divio.site("acme-shop", "live", deployment="fail", log="Collecting static files\nImportError: no module theme")

    run = project.up(check=False)
    assert run.code != 0
    assert divio.deployed("acme-news", "live")["SENTRY_ENVIRONMENT"] == "new"
    assert divio.deployed("acme-shop", "live")["SENTRY_ENVIRONMENT"] == "live"
    named = [line for line in run.output.splitlines() if line.strip().startswith("acme-shop live: deployment failed")]
    assert named, run.output
    assert "ImportError: no module theme" in named[0]
    assert divio.application("acme-shop")["uuid"] in named[0], "the address of the Control Panel"
    assert "acme-news" not in named[0]
    assert sorted(project.ledger()[len(before) :]) == sorted(f"{slug}/live" for slug in ("acme-main", *MIRRORS))

    divio.site("acme-shop", "live", deployment=None, log=None)
    before = project.ledger()
    project.up()
    assert project.ledger()[len(before) :] == ["acme-shop/live"]
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_failing_original_stops_every_mirror(project: Project):
    divio, before = project.divio, project.ledger()
    themed(project, "new")
    divio.site("acme-main", "live", deployment="fail", log="migration failed")
    run = project.up(check=False)
    assert run.code != 0
    assert "acme-main live" in run.output
    assert "migration failed" in run.output
    assert project.ledger()[len(before) :] == ["acme-main/live"]


@pytest.mark.slow
def test_a_variable_that_divio_refuses_is_one_sites_trouble_and_is_tried_again(project: Project):
    divio = project.divio
    spec = project.declared()
    for slug in MIRRORS:
        spec["mirrors"][slug].setdefault("variables", {})["THEME"] = "new"
    project.declare(spec)
    path = f"/environment-variables/{variable(project, 'acme-shop', 'live', 'THEME')}/"
    divio.faults([{"method": "PATCH", "path": path, "status": 400, "body": {"value": ["Not this one."]}}])

    project.up()
    unfinished = project.outputs()["unfinished"]
    assert unfinished.keys() == {"acme-shop"}
    [item] = unfinished["acme-shop"]
    assert (item["environment"], item["code"]) == ("live", "refused"), "said once, although its deployment waits for it"
    assert "THEME" in item["text"]
    assert "Not this one." in item["text"]
    for slug in ("acme-blog", "acme-news"):
        assert divio.deployed(slug, "live")["THEME"] == "new"
    assert divio.deployed("acme-shop", "live")["THEME"] == "shop", "it is not deployed half"

    project.up()
    assert project.outputs()["unfinished"].keys() == {"acme-shop"}
    divio.faults([])
    before = project.ledger()
    project.up()
    assert project.outputs()["unfinished"] == {}
    assert divio.deployed("acme-shop", "live")["THEME"] == "new"
    assert project.ledger()[len(before) :] == ["acme-shop/live"]
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_mirror_deleted_and_made_again_by_hand_is_wired_and_deployed(project: Project):
    divio = project.divio
    divio.delete(f"/apps/v3/applications/{divio.application('acme-shop')['uuid']}/")
    divio.make_mirror("acme-main", "acme-shop", "Acme Shop", plan_group="Small")
    before = project.ledger()
    project.up("--refresh")
    assert sorted(project.ledger()[len(before) :]) == ["acme-shop/live", "acme-shop/test"]
    for environment in ("test", "live"):
        deployed = divio.deployed("acme-shop", environment)
        assert deployed["SITE_ID"] == "3"
        assert wiring(deployed) == wiring(divio.deployed("acme-main", environment))
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_mirror_deleted_by_hand_is_made_again_with_its_site_id(project: Project):
    divio = project.divio
    divio.delete(f"/apps/v3/applications/{divio.application('acme-blog')['uuid']}/")
    before = project.ledger()
    project.up("--refresh")
    assert sorted(project.ledger()[len(before) :]) == ["acme-blog/live", "acme-blog/test"]
    assert divio.deployed("acme-blog", "live")["SITE_ID"] == "2"
    assert divio.deployed("acme-blog", "live")["DOMAIN"] == "blog.acme.example"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_lost_state_is_found_again_without_a_second_of_anything(project: Project, new_project):
    before, divio = project.ledger(), project.divio
    anew: Project = new_project()
    anew.add_stack("demo")
    anew.up()
    assert len(divio.world()["applications"]) == 1 + len(MIRRORS)
    # The copies cannot be read back, so they are written again, and no proof is left that mirrors carry them.
    started = project.ledger()[len(before) :]
    assert len(started) == len(set(started))
    assert not [key for key in started if key.startswith("acme-main")], "the original proves itself"
    anew.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_deployment_that_a_person_started_too_early_is_not_taken_for_ours(new_project):
    project: Project = new_project()
    project.add_stack("demo")
    divio, world = project.divio, project.divio.world()
    fields = {"organisation": "organisations", "region": "regions", "plan_group": "plan_groups"}
    place = {field: world[table][0]["uuid"] for field, table in fields.items()}
    divio.post("/apps/v3/applications/", {"name": "Acme", "slug": "acme-main", **place})
    spec = project.declared()
    del spec["variables"], spec["live"], spec["original"]["variables"]
    project.declare(spec)
    divio.site("acme-main", "test", deploy_seconds=8)
    early = divio.start_deployment("acme-main", "test")
    divio.site("acme-main", "test", deploy_seconds=None)

    project.up()
    carried = divio.get(f"/apps/v3/deployments/{early['uuid']}/environment-variables")["environment_variables"]
    assert "DATABASE_URL" not in carried, "it was started before there was a database"
    assert "DATABASE_URL" in divio.deployed("acme-main", "test")
    assert project.outputs()["unfinished"] == {}
    project.up("--refresh", "--expect-no-changes")
