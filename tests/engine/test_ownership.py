"""Nothing that it does not own is touched: other people's variables, applications in use, what holds data."""

from __future__ import annotations

import pytest

from tests.engine.conftest import NewProject
from tests.engine.project import Project, estate


@pytest.mark.slow
def test_exclusive_ownership_removes_what_others_set_and_shows_it_first(project: Project):
    project.divio.set_variable("acme-news", "live", "FOREIGN", "here before")
    project.divio.set_variable("acme-blog", "live", "FOREIGN", "here before")
    spec = project.declared()
    spec["mirrors"]["acme-news"]["ownership"] = "exclusive"
    project.declare(spec)
    project.up()
    assert "FOREIGN" not in project.divio.variables("acme-news", "live")
    assert {"SITE_ID", "DATABASE_URL", "DEFAULT_STORAGE_DSN"} <= project.divio.variables("acme-news", "live").keys()
    assert project.divio.variables("acme-blog", "live")["FOREIGN"] == "here before"
    project.divio.set_variable("acme-news", "live", "LATER", "by hand")
    assert "LATER" in project.preview("--refresh").output
    project.up("--refresh")
    assert "LATER" not in project.divio.variables("acme-news", "live")
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_retained_mirror_stays_as_it_is_when_it_is_retired(project: Project):
    spec = project.declared()
    spec["mirrors"]["acme-news"]["retain"] = True
    project.declare(spec)
    project.up()
    before = {env: project.divio.variables("acme-news", env) for env in ("test", "live")}
    project.retire("acme-news")
    project.up()
    assert {env: project.divio.variables("acme-news", env) for env in ("test", "live")} == before
    assert project.outputs()["retired_site_ids"] == {"acme-news": 4}


@pytest.mark.slow
def test_an_application_in_use_before_is_adopted_and_leaves_like_any_other(project: Project, new_project: NewProject):
    successor = new_project()
    successor.declare(project.declared())
    successor.add_stack("demo")
    successor.up()
    assert successor.resources()["acme-news"]["outputs"]["adopted"] is True
    successor.retire("acme-news")
    successor.up()
    assert "acme-news" not in [item["slug"] for item in successor.divio.all("/apps/v3/applications/")]


@pytest.mark.slow
def test_a_site_id_that_is_in_use_is_never_changed_silently(project: Project):
    for environment in ("test", "live"):
        project.divio.set_variable("acme-news", environment, "SITE_ID", "9")
        project.divio.deploy("acme-news", environment, "ADOPT")
    ledger = project.ledger()
    refused = project.up("--refresh", check=False)
    assert refused.code != 0
    assert "SITE_ID is 9 on Divio, declared is 4" in refused.output
    assert "pin it: site_id: 9" in refused.output
    assert project.divio.variables("acme-news", "live")["SITE_ID"] == "9"
    assert project.ledger() == ledger
    spec = project.declared()
    spec["mirrors"]["acme-news"]["site_id"] = 9
    project.declare(spec)
    project.up()
    assert project.divio.variables("acme-news", "live")["SITE_ID"] == "9"
    assert project.outputs()["retired_site_ids"] == {"acme-news/4": 4}
    project.up("--refresh", "--expect-no-changes")


def test_the_original_is_not_deleted_while_foreign_mirrors_live_on_it(project: Project):
    project.divio.make_mirror("acme-main", "acme-foreign", "Foreign")
    refused = project.destroy("--run-program", check=False, environ={"DIVIO_ALLOW_DELETE": "all"})
    assert refused.code != 0
    assert "acme-main has mirrors (acme-foreign)" in refused.output
    assert project.divio.application("acme-main")


def test_a_service_no_longer_declared_is_refused_at_preview(project: Project):
    spec = project.declared()
    del spec["original"]["services"]["STORAGE"]
    project.declare(spec)
    refused = project.preview(check=False)
    assert refused.code != 0
    assert "DEFAULT_STORAGE_DSN is no longer declared" in refused.output
    assert project.divio.calls() == []


def test_what_cannot_change_is_refused_at_preview_with_the_way_out(project: Project):
    project.declare({**estate(), "region": "Ireland", "plan": {"original": "Small", "mirror": "Small"}})
    refused = project.preview(check=False)
    assert refused.code != 0
    assert 'region cannot change from "Frankfurt" to "Ireland"' in refused.output
    assert "declare a new site" in refused.output
    assert 'plan cannot change from "Standard" to "Small"' in refused.output
    assert project.divio.calls() == []
