"""What exists on Divio and is unknown to the state is taken over where it is equal; where it differs, nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.conftest import NewProject
from tests.engine.project import CANARY, Project, Run, estate

FULL = "was deployed on Divio before this state knew it, and differs"
PLACE = {"organisation": "Acme", "region": "Frankfurt", "plan_group": "Small"}


@pytest.fixture
def lost(project: Project, new_project: NewProject) -> Project:
    """The same file and a state that knows nothing, over an estate that is up."""
    found = new_project()
    found.declare(project.declared())
    found.add_stack("demo")
    found.divio.clear_calls()
    return found


def leaves_alone(project: Project, ledger: list[str]) -> None:
    """Nothing was written, nothing deployed."""
    assert project.writes() == []
    assert project.ledger() == ledger


def refused(project: Project, run: Run, ledger: list[str]) -> str:
    assert run.code != 0, run.output
    leaves_alone(project, ledger)
    return run.output


def test_a_lost_state_takes_over_what_is_equal_and_writes_nothing(project: Project, lost: Project):
    ledger = lost.ledger()
    lost.up()
    leaves_alone(lost, ledger)
    lost.preview("--expect-no-changes")
    lost.up("--refresh", "--expect-no-changes")
    leaves_alone(lost, ledger)
    resources = lost.resources()
    for name in ("acme-main", "acme-news", "acme-news/live"):
        assert resources[name]["outputs"]["adopted"] is True, name
    assert resources["site-ids"]["outputs"]["ids"] == project.resources()["site-ids"]["outputs"]["ids"]


@pytest.mark.slow
def test_a_lost_state_is_up_to_date_with_the_next_change(lost: Project):
    lost.up()
    spec = lost.declared()
    spec["mirrors"]["acme-shop"]["variables"]["THEME"] = "new"
    lost.declare(spec)
    ledger = lost.ledger()
    lost.up()
    assert sorted(lost.ledger()[len(ledger) :]) == ["acme-shop/live", "acme-shop/test"]
    lost.up("--refresh", "--expect-no-changes")


@pytest.mark.parametrize(
    "edit",
    [
        "variable",
        pytest.param("variable not deployed", marks=pytest.mark.slow),
        pytest.param("variable missing", marks=pytest.mark.slow),
        pytest.param("name", marks=pytest.mark.slow),
        pytest.param("branch", marks=pytest.mark.slow),
        pytest.param("shared variable", marks=pytest.mark.slow),
        pytest.param("domain", marks=pytest.mark.slow),
    ],
)
def test_a_lost_state_changes_nothing_that_differs_and_the_cause_is_told_once(lost: Project, edit: str):
    divio = lost.divio
    if edit.startswith("variable"):
        for slug in ("acme-blog", "acme-news", "acme-shop"):
            for environment in ("test", "live"):
                if edit == "variable missing":
                    divio.delete(
                        f"/apps/v3/environment-variables/{_variable(lost, slug, environment, 'LANGUAGE_CODE')}/"
                    )
                else:
                    divio.set_variable(slug, environment, "LANGUAGE_CODE", "de")
                if edit == "variable":
                    divio.deploy(slug, environment, "ADOPT")
    elif edit == "name":
        divio.patch(f"/apps/v3/applications/{divio.application('acme-main')['uuid']}/", {"name": "By hand"})
    elif edit == "branch":
        spec = lost.declared()
        spec["original"]["branch"] = {"live": "release"}
        lost.declare(spec)
    elif edit == "shared variable":
        divio.delete(f"/apps/v3/environment-variables/{_variable(lost, 'acme-news', 'live', 'DATABASE_URL')}/")
        divio.set_variable("acme-news", "live", "DATABASE_URL", f"postgres://another:{CANARY}@db/another")
    else:
        (domain,) = divio.all("/apps/v3/domains/")
        divio.patch(f"/apps/v3/domains/{domain['uuid']}/", {"is_primary": False, "is_redirect": True})
        divio.deploy("acme-blog", "live", "ADOPT")
    divio.clear_calls()
    ledger = lost.ledger()
    said = refused(lost, lost.up(check=False), ledger)
    assert said.partition("Diagnostics:")[2].count(FULL) == 1, said
    assert "DIVIO_TAKE_OVER=" in said
    assert "7 more environments of this estate were deployed" in said
    said = refused(lost, lost.up("--refresh", check=False), ledger)
    assert FULL in said


def _variable(project: Project, slug: str, environment: str, name: str) -> str:
    uuid = project.divio.environment(slug, environment)["uuid"]
    listed = project.divio.all(f"/apps/v3/environment-variables/?environment={uuid}")
    return str(next(item["uuid"] for item in listed if item["name"] == name))


def test_what_is_declared_wins_where_the_environment_names_the_site(lost: Project):
    for environment in ("test", "live"):
        lost.divio.set_variable("acme-news", environment, "LANGUAGE_CODE", "de")
    lost.divio.deploy("acme-news", "live", "ADOPT")
    ledger = lost.ledger()
    assert lost.up(check=False, environ={"DIVIO_TAKE_OVER": "acme-blog"}).code != 0
    lost.up(environ={"DIVIO_TAKE_OVER": "acme-blog,acme-news"})
    assert sorted(lost.ledger()[len(ledger) :]) == ["acme-news/live", "acme-news/test"]
    assert lost.divio.deployed("acme-news", "live")["LANGUAGE_CODE"] == "en"
    lost.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_mirror_that_was_deployed_too_early_is_refused_until_it_is_named(project: Project):
    project.divio.make_mirror("acme-main", "acme-jobs", "Acme Jobs")
    early = project.divio.deploy("acme-jobs", "live")["uuid"]
    spec = project.declared()
    spec["mirrors"]["acme-jobs"] = {"name": "Acme Jobs"}
    project.declare(spec)
    project.divio.clear_calls()
    ledger = project.ledger()
    run = project.up(check=False)
    assert run.code != 0
    assert "acme-jobs live" in run.output
    assert FULL in run.output
    assert [key for key in project.ledger()[len(ledger) :] if key.endswith("/live")] == []
    assert project.divio.variables("acme-jobs", "live") == {}
    project.up(environ={"DIVIO_TAKE_OVER": "acme-jobs"})
    assert project.divio.deployed("acme-jobs", "live")["SITE_ID"] == "5"
    world = project.divio.world()  # whatever a test does, no other deployment is unwired
    world["deployments"] = [row for row in world["deployments"] if row["uuid"] != early]
    project.divio.replace_world(world)


@pytest.mark.slow
def test_a_release_is_not_brought_about_by_a_lost_state(lost: Project):
    spec = {**lost.declared(), "release": {"name": "2026-12"}}
    lost.declare(spec)
    ledger = lost.ledger()
    run = lost.up()
    assert lost.ledger() == ledger
    assert "acme-main live was deployed before this state knew it, and is left as it is" in run.output
    lost.divio.push("acme-main")
    lost.up("--refresh")
    assert {"acme-main/test", "acme-main/live", "acme-blog/live", "acme-news/test"} <= {*lost.ledger()[len(ledger) :]}
    lost.up("--refresh", "--expect-no-changes")


# -- the register ------------------------------------------------------------------------------------------------------


def test_a_register_made_anew_gives_no_site_another_id(lost: Project):
    spec = lost.declared()
    spec["mirrors"] = dict(reversed(spec["mirrors"].items()))
    lost.declare(spec)
    ledger = lost.ledger()
    said = refused(lost, lost.up(check=False), ledger)
    assert "nothing was written" in said
    pins = {"acme-blog": 2, "acme-news": 4}
    for slug, id_ in pins.items():
        assert f"{slug}: site_id: {id_}" in said
        spec["mirrors"][slug]["site_id"] = id_
    assert "acme-shop: site_id" not in said
    lost.declare(spec)
    lost.up()
    leaves_alone(lost, ledger)
    lost.preview("--expect-no-changes")


@pytest.mark.slow
def test_an_id_that_a_foreign_mirror_has_is_given_to_nobody(project: Project):
    project.divio.make_mirror("acme-main", "acme-foreign", "Foreign")
    project.divio.set_variable("acme-foreign", "live", "SITE_ID", "5")
    spec = project.declared()
    spec["mirrors"]["acme-jobs"] = {"name": "Acme Jobs"}
    project.declare(spec)
    project.divio.clear_calls()
    said = refused(project, project.up(check=False), project.ledger())
    assert "reserved: [5]  # acme-foreign's" in said
    project.declare({**spec, "reserved": [5]})
    project.up()
    assert project.divio.deployed("acme-jobs", "live")["SITE_ID"] == "6"
    project.divio.set_variable("acme-foreign", "live", "SITE_ID", "77")
    spec["mirrors"]["acme-jobs"]["site_id"] = 77
    project.declare(spec)
    assert "reserved: [77]  # acme-foreign's" in project.up(check=False).output
    assert project.divio.variables("acme-jobs", "live")["SITE_ID"] == "6"


# -- another application under a slug ----------------------------------------------------------------------------------


def _replaced(project: Project, slug: str = "acme-news", *, by: str) -> Any:
    """A mirror was deleted on Divio, and another application has its slug."""
    divio = project.divio
    place = {name: divio.application(slug)[name] for name in ("organisation", "region", "plan_group")}
    divio.delete(f"/apps/v3/applications/{divio.application(slug)['uuid']}/")
    if by == "stranger":
        divio.post("/apps/v3/applications/", {"name": "Somebody's", "slug": slug, **place})
    else:
        divio.make_mirror("acme-main", slug, "Acme News")
    divio.clear_calls()
    return divio.application(slug)


def test_a_stranger_under_a_declared_slug_is_neither_renamed_wired_deployed_nor_deleted(project: Project):
    stranger, ledger = _replaced(project, by="stranger"), project.ledger()
    for flags in (("--refresh",), (), ("--refresh",)):
        said = refused(project, project.up(*flags, check=False), ledger)
        assert "is no mirror" in said or flags == ()
    project.retire("acme-news")
    project.up()
    assert project.writes() == []
    assert project.divio.application("acme-news") == stranger
    assert project.divio.variables("acme-news", "live") == {}


@pytest.mark.slow
def test_a_mirror_that_was_made_again_is_wired_and_deployed_as_a_new_one(project: Project):
    _replaced(project, by="mirror")
    ledger = project.ledger()
    project.up("--refresh")
    assert sorted(project.ledger()[len(ledger) :]) == ["acme-news/live", "acme-news/test"]
    assert project.divio.deployed("acme-news", "live")["SITE_ID"] == "4"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_mirror_that_became_a_plain_application_is_left_alone(project: Project):
    project.divio.make_plain("acme-news")
    project.divio.clear_calls()
    ledger = project.ledger()
    assert "is no mirror" in refused(project, project.up("--refresh", check=False), ledger)
    spec = project.declared()
    spec["mirrors"]["acme-news"]["variables"] = {"THEME": "new"}
    project.declare(spec)
    assert project.up(check=False).code != 0
    assert project.ledger() == ledger
    project.retire("acme-news")
    assert "is no mirror" in project.up(check=False).output
    assert project.divio.application("acme-news")
    project.up(environ={"DIVIO_FORGET": "acme-news"})
    assert project.divio.application("acme-news")


@pytest.mark.slow
def test_where_divio_hides_whose_mirror_it_is_a_person_has_to_say_it(project: Project):
    _replaced(project, by="mirror")
    project.divio.hide_relation("acme-news")
    ledger = project.ledger()
    assert "does not show whose mirror" in refused(project, project.up("--refresh", check=False), ledger)


# -- places and the original -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_organisation_that_was_renamed_is_the_same_under_either_name(project: Project):
    project.divio.rename_organisation("Acme", "Acme Group")
    ledger = project.ledger()
    project.divio.clear_calls()
    spec = {**estate(), "organisation": "Acme Group"}
    project.declare(spec)
    project.up()
    project.preview("--expect-no-changes")
    project.up("--refresh", "--expect-no-changes")
    project.declare({**spec, "organisation": "Acme"})
    said = refused(project, project.up("--refresh", check=False), ledger)
    assert "Acme Group" in said


@pytest.mark.slow
def test_an_organisation_that_was_renamed_is_told_and_a_refresh_takes_the_name_over(project: Project):
    project.divio.rename_organisation("Acme", "Acme Group")
    project.refresh()
    assert project.resources()["acme-main"]["inputs"]["organisation"] == "Acme Group"
    project.declare({**estate(), "organisation": "Acme Group"})
    project.preview("--expect-no-changes")


@pytest.mark.slow
def test_a_site_is_never_moved_into_another_organisation(project: Project):
    world = project.divio.world()
    world["organisations"].append({**world["organisations"][0], "uuid": "5dder6dmmjaojm6yykrrjkbi3u", "name": "Other"})
    project.divio.replace_world(world)
    for other in ("Other", "5dder6dmmjaojm6yykrrjkbi3u"):
        project.divio.clear_calls()
        project.declare({**estate(), "organisation": other})
        assert 'not in the organisation "' in refused(project, project.up(check=False), project.ledger())


@pytest.mark.slow
def test_an_original_whose_mirrors_divio_hides_is_not_deleted(project: Project):
    project.divio.switch(original_deletion="allowed")
    try:
        project.divio.make_mirror("acme-main", "acme-foreign", "Foreign")
        project.divio.hide_relation("acme-foreign")
        run = project.destroy("--run-program", check=False, environ={"DIVIO_ALLOW_DELETE": "all"})
    finally:
        project.divio.switch(original_deletion="refused")
    assert run.code != 0
    assert "Divio does not show whether acme-foreign" in run.output
    assert project.divio.application("acme-main")


@pytest.mark.slow
def test_a_release_reaches_sites_whose_wave_got_another_name_with_it(project: Project):
    project.divio.push("acme-main")
    spec = {**project.declared(), "release": {"name": "2026-12"}}
    spec["rollout"] = {"waves": [{"name": "first", "sites": ["acme-blog"]}, {"name": "others", "sites": "rest"}]}
    project.declare(spec)
    ledger = project.ledger()
    project.up()
    released = project.ledger()[len(ledger) :]
    assert {f"{slug}/live" for slug in ("acme-main", "acme-blog", "acme-shop", "acme-news")} <= {*released}
    project.up("--refresh", "--expect-no-changes")


# -- what somebody moved on Divio --------------------------------------------------------------------------------------


def _other_original(project: Project) -> str:
    main = project.divio.application("acme-main")
    place = {name: main[name] for name in ("organisation", "region", "plan_group")}
    return str(project.divio.post("/apps/v3/applications/", {"name": "Other", "slug": "other-main", **place})["uuid"])


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["acme-news", "other-site"])
def test_a_mirror_that_is_anothers_now_is_neither_renamed_given_a_domain_nor_deleted(project: Project, slug: str):
    main, uuid = project.divio.application("acme-main")["uuid"], project.divio.application("acme-news")["uuid"]
    project.divio.change("applications", uuid, mirror_of=_other_original(project), slug=slug)
    project.divio.clear_calls()
    ledger, spec = project.ledger(), project.declared()
    for edit in ({"name": "Renamed"}, {"domains": ["news.acme.example"]}):
        project.declare({**spec, "mirrors": {**spec["mirrors"], "acme-news": {"name": "Acme News", **edit}}})
        assert "mirror of another" in refused(project, project.up(check=False), ledger)
    project.declare(spec)
    project.retire("acme-news", site_id=4)
    assert "mirror of another" in refused(project, project.up(check=False), ledger)
    project.up(environ={"DIVIO_FORGET": "acme-news"})
    assert project.writes() == []
    project.divio.change("applications", uuid, mirror_of=main)  # its deployments were right when they were made


@pytest.mark.slow
def test_a_mirror_whose_slug_was_changed_is_not_deleted_under_its_old_one(project: Project):
    project.divio.change("applications", "acme-news", slug="acme-daily")
    project.divio.clear_calls()
    project.retire("acme-news", site_id=4)
    assert "is called acme-daily on Divio now" in refused(project, project.up(check=False), project.ledger())


@pytest.mark.slow
def test_what_is_taken_over_goes_through_the_waves(lost: Project):
    spec = lost.declared()
    spec["mirrors"]["acme-shop"]["variables"]["THEME"] = "new"
    lost.declare(spec)
    config = lost.folder / "stacks" / "Pulumi.demo.yaml"
    config.write_text(config.read_text().replace("config:", "config:\n  divio-estate:until: canary", 1))
    ledger = lost.ledger()
    run = lost.up(environ={"DIVIO_TAKE_OVER": "acme-shop"})
    assert lost.ledger()[len(ledger) :] == ["acme-shop/test"]
    assert "set by hand" not in run.output.replace("overwrites THEME, set by hand", "")
    lost.pulumi("config", "rm", "--stack", "demo", "divio-estate:until")
    lost.up()
    assert lost.ledger()[len(ledger) :] == ["acme-shop/test", "acme-shop/live"]
    lost.up("--refresh", "--expect-no-changes")
