"""What is up stays as it is: nothing declared, nothing done, and a preview asks nobody."""

from __future__ import annotations

import pytest

from tests.engine.project import Project


def test_second_up_changes_nothing(project: Project):
    durations = project.outputs()["durations"]
    run = project.up("--expect-no-changes")
    assert run.steps == {}
    assert project.writes() == []
    assert project.outputs()["durations"] == durations
    assert durations.keys() == {"original-test", "original-live", "mirrors-test", "live-canary", "live-rest"}
    assert durations["mirrors-test"].startswith("3 deployed in ")
    assert durations["live-canary"].startswith("acme-blog live deployed in ")


def test_a_preview_makes_no_call_and_needs_no_token(project: Project):
    run = project.preview("--expect-no-changes", environ={"DIVIO_TOKEN": None})
    assert run.steps == {}
    assert project.divio.calls() == []


def test_a_new_stack_shows_every_site_id_without_a_token_and_its_up_names_the_ways_to_give_one(new_project):
    project = new_project()
    project.add_stack("demo")
    run = project.preview(environ={"DIVIO_TOKEN": None})
    assert run.steps["site-ids"].new["ids"] == {"acme-main": 1, "acme-blog": 2, "acme-shop": 3, "acme-news": 4}
    assert run.steps["acme-news/live"].new["variables"]["SITE_ID"] == "4"
    assert {"live-canary", "live-rest"} <= run.steps.keys()
    assert project.divio.calls() == []

    run = project.up(environ={"DIVIO_TOKEN": None}, check=False)
    assert run.code != 0
    assert "DIVIO_TOKEN" in run.output
    assert "divio:token" in run.output
    assert project.divio.calls() == []


def test_an_up_with_refresh_finds_no_drift_where_there_is_none(project: Project):
    run = project.up("--refresh", "--expect-no-changes")
    assert run.steps == {}
    assert project.writes() == []


@pytest.mark.slow
def test_a_refresh_alone_leaves_nothing_to_do(project: Project):
    project.refresh("--expect-no-changes")
    assert project.preview("--expect-no-changes").steps == {}
