"""What the API cannot do waits for a person, with instructions, and holds up nothing else."""

from __future__ import annotations

import pytest

from tests.conftest import StartDivio
from tests.engine.conftest import NewProject
from tests.engine.project import Project, estate
from tests.engine.test_wiring import MIRRORS, wiring


def is_whole(project: Project) -> None:
    """Every mirror is there, wired and deployed on Test and Live."""
    divio = project.divio
    for slug, site_id in MIRRORS.items():
        for environment in ("test", "live"):
            deployed = divio.deployed(slug, environment)
            assert wiring(deployed) == wiring(divio.deployed("acme-main", environment))
            assert deployed["SITE_ID"] == site_id


@pytest.mark.slow
def test_mirrors_that_only_a_person_can_make_are_pending_with_instructions_until_they_are_made(
    new_project, start: StartDivio
):
    divio = start(mirrors="none")
    project: Project = new_project(divio)
    project.add_stack("demo")

    run = project.up()
    assert sorted(project.ledger()) == ["acme-main/live", "acme-main/test"]
    unfinished = project.outputs()["unfinished"]
    assert unfinished.keys() == MIRRORS.keys()
    codes = {(item["environment"], item["code"]) for item in unfinished["acme-shop"]}
    assert codes == {("", "manual"), ("test", "waits"), ("live", "waits")}
    assert divio.application("acme-shop") is None
    for words in ("acme-shop is pending", "Control Panel", "Duplicate", "Acme Shop", "Small", "do not deploy"):
        assert words in run.output

    run = project.up()
    assert run.of_type("Mirror") == dict.fromkeys(MIRRORS, "update"), "it is tried again, once a run"
    for slug in ("acme-blog", "acme-shop"):
        divio.make_mirror("acme-main", slug, project.declared()["mirrors"][slug]["name"], plan_group="Small")
    project.up()
    assert project.outputs()["unfinished"].keys() == {"acme-news"}, "what was made is not held up by what was not"
    assert divio.deployed("acme-shop", "live")["SITE_ID"] == "3"

    divio.make_mirror("acme-main", "acme-news", "Acme News", plan_group="Small")
    project.up()
    assert project.outputs()["unfinished"] == {}
    is_whole(project)
    assert len(project.ledger()) == len(set(project.ledger())), "each environment was deployed once"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_manual_is_a_setting_too(new_project):
    project: Project = new_project(mirrors="manual")
    project.add_stack("demo")
    project.up()
    assert project.outputs()["unfinished"].keys() == MIRRORS.keys()
    assert project.divio.application("acme-shop") is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("offered", "setting"),
    [
        ("action:/apps/v3/applications/{uuid}/mirror/", "auto"),
        pytest.param(*["action:/apps/v3/applications/{uuid}/mirror/"] * 2, marks=pytest.mark.slow),
        ("field:original", "field:original"),
    ],
)
def test_every_known_way_to_make_a_mirror_works(new_project, start: StartDivio, offered: str, setting: str):
    divio = start(mirrors=offered)
    project: Project = new_project(divio, mirrors=setting)
    project.add_stack("demo")
    project.up()
    is_whole(project)
    project.up("--refresh", "--expect-no-changes")


def test_an_application_that_is_no_mirror_is_left_alone(project: Project):
    divio = project.divio
    world = divio.world()
    fields = {"organisation": "organisations", "region": "regions", "plan_group": "plan_groups"}
    place = {field: world[table][0]["uuid"] for field, table in fields.items()}
    divio.post("/apps/v3/applications/", {"name": "Somebody's", "slug": "acme-docs", **place})
    spec = project.declared()
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs"}
    project.declare(spec)
    before = project.ledger()
    run = project.up(check=False)
    assert run.code != 0
    assert "acme-docs exists on Divio" in run.output
    assert "is no mirror" in run.output
    assert divio.application("acme-docs")["name"] == "Somebody's"
    assert divio.variables("acme-docs", "test") == {}
    assert project.ledger() == before


@pytest.mark.slow
def test_a_mirror_made_on_another_plan_holds_up_nobody(start: StartDivio, new_project: NewProject):
    divio = start(mirrors="none")
    project = new_project(on=divio)
    project.add_stack("demo")
    project.up()
    for slug, name in (("acme-blog", "Acme Blog"), ("acme-shop", "Acme Shop"), ("acme-news", "Acme News")):
        divio.make_mirror("acme-main", slug, name, plan_group="Standard")
    project.up()
    run = project.up("--refresh")
    assert "acme-news is on plan Standard on Divio, declared is Small" in run.output
    assert project.outputs()["unfinished"] == {}
    project.up("--refresh", "--expect-no-changes")
    spec = project.declared()
    spec["plan"]["mirror"] = "Standard"
    project.declare(spec)
    project.up()
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_mirror_whose_relation_the_api_hides_is_not_deployed(start: StartDivio, new_project: NewProject):
    divio = start(switch=["mirror_relation=hidden"])
    project = new_project(on=divio, mirrors="field:mirror_of")
    spec = estate()
    spec["mirrors"] = {"acme-news": spec["mirrors"]["acme-news"]}
    spec["rollout"] = {}
    project.declare(spec)
    project.add_stack("demo", secrets=False)
    for _ in range(2):
        refused = project.up(check=False)
        assert refused.code != 0
        assert "acme-news" in refused.output
    assert [step for step in project.ledger() if step.startswith("acme-news")] == []
