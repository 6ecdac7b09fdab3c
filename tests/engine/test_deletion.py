"""A site leaves only by `retired:`. Whatever else would delete one is refused, in the preview too."""

from __future__ import annotations

import pytest

from tests.engine.project import Project, Run

REGISTER = {"acme-main": 1, "acme-blog": 2, "acme-shop": 3, "acme-news": 4}
SLUGS = sorted(REGISTER)


def slugs(project: Project) -> list[str]:
    return sorted(item["slug"] for item in project.divio.world()["applications"])


def refused(project: Project, run: Run) -> str:
    """What a run said that was refused before it wrote anything."""
    assert run.code != 0, run.output
    assert [call for call in project.divio.calls() if call["method"] != "GET"] == []
    assert slugs(project) == SLUGS
    return run.output


def test_a_retired_site_is_deleted_and_its_site_id_never_given_again(project: Project):
    project.retire("acme-news")
    run = project.up()
    assert run.of_type("Mirror") == {"acme-news": "delete"}
    assert slugs(project) == sorted({*SLUGS} - {"acme-news"})
    spec = project.declared()
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs"}
    project.declare(spec)
    assert project.preview().steps["site-ids"].new["ids"]["acme-docs"] == 5
    assert project.outputs()["retired_site_ids"] == {"acme-news": 4}


@pytest.mark.parametrize("edit", [pytest.param("line deleted", marks=pytest.mark.slow), "slug mistyped"])
def test_a_site_that_is_neither_declared_nor_retired_is_refused_at_preview(project: Project, edit: str):
    spec = project.declared()
    news = spec["mirrors"].pop("acme-news")
    if edit == "slug mistyped":
        spec["mirrors"]["acme-nevs"] = news
    project.declare(spec)
    for run in (project.preview(check=False), project.up("--skip-preview", check=False)):
        said = refused(project, run)
        assert "acme-news is no longer declared, and not retired either" in said
        assert "retired: {acme-news: {site_id: 4}}" in said
        assert "DIVIO_FORGET=acme-news" in said


@pytest.mark.parametrize(
    "program",
    [
        pytest.param((), marks=pytest.mark.slow, id="without the program"),
        pytest.param(("--run-program",), id="with it"),
    ],
)
def test_a_destroy_deletes_nothing(project: Project, program: tuple[str, ...]):
    said = refused(project, project.destroy(*program, check=False))
    if program:
        assert "DIVIO_ALLOW_DELETE=" in said
        assert "DIVIO_FORGET=" in said
    else:
        assert "--run-program" in said


def test_a_stack_forgets_everything_and_divio_keeps_it(project: Project):
    project.divio.clear_calls()
    project.destroy("--run-program", environ={"DIVIO_FORGET": "all"})
    assert [call for call in project.divio.calls() if call["method"] != "GET"] == []
    assert slugs(project) == SLUGS
    assert project.resources() == {}


def test_an_estate_that_may_be_deleted_is_destroyed_mirrors_first(project: Project):
    project.divio.clear_calls()
    project.destroy("--run-program", environ={"DIVIO_ALLOW_DELETE": "all"})
    assert project.divio.world()["applications"] == []
    deleted = [call["path"] for call in project.divio.calls() if call["method"] == "DELETE" and call["status"] == 204]
    assert len([path for path in deleted if "/applications/" in path]) == 4
    assert project.resources() == {}


@pytest.mark.slow
def test_a_replacement_deletes_nothing(project: Project):
    urn = project.resources()["acme-news"]["urn"]
    said = refused(project, project.preview("--replace", urn, check=False))
    assert "what is declared is neither destroyed nor replaced" in said
    project.divio.clear_calls()
    refused(project, project.up("--skip-preview", "--replace", urn, check=False))


@pytest.mark.slow
def test_a_site_keeps_its_site_id_under_its_successors_slug(project: Project):
    spec = project.declared()
    spec["mirrors"]["acme-today"] = {**spec["mirrors"].pop("acme-news"), "site_id": 4}
    spec["retired"] = {"acme-news": {"site_id": 4, "successor": "acme-today"}}
    project.declare(spec)
    run = project.up()
    assert "waits until acme-news" in run.output
    assert "SITE_ID" not in project.divio.variables("acme-today", "live")
    project.up()
    assert project.divio.deployed("acme-today", "live")["SITE_ID"] == "4"
    assert "acme-news" not in slugs(project)
    project.up("--refresh", "--expect-no-changes")
