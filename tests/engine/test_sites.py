"""Sites come, go, come back and move in the file: each keeps its `SITE_ID`, and nobody else is touched."""

from __future__ import annotations

import pytest

from tests.engine.project import Project

REGISTER = {"acme-main": 1, "acme-blog": 2, "acme-shop": 3, "acme-news": 4}


def ids(project: Project) -> dict[str, int]:
    return {slug: int(site["site_id"]) for slug, site in project.sites().items()}


def test_a_fifth_site_is_planned_with_its_site_id_and_touches_no_other(project: Project):
    spec = project.declared()
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs"}
    project.declare(spec)
    before = project.ledger()

    run = project.preview()
    assert run.steps["site-ids"].new["ids"] == REGISTER | {"acme-docs": 5}
    assert "new SITE_IDs: acme-docs 5" in run.output
    assert run.steps["acme-docs/live"].new["variables"]["SITE_ID"] == "5"
    assert run.ops == {
        "site-ids": "update",
        "acme-docs": "create",
        "acme-docs/test": "create",
        "acme-docs/live": "create",
        "wiring": "update",
        "mirrors-test": "update",
        "live-rest": "update",
    }
    for name in ("wiring", "mirrors-test", "live-rest"):
        step = run.steps[name]
        others = {key: target for key, target in step.new["targets"].items() if "acme-docs" not in key}
        assert others == step.old["targets"], name
    assert project.divio.calls() == []

    project.up()
    assert sorted(project.ledger()[len(before) :]) == ["acme-docs/live", "acme-docs/test"]
    assert project.divio.deployed("acme-docs", "live")["SITE_ID"] == "5"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_site_id_is_never_given_to_another_site_and_a_site_that_comes_back_gets_its_own(project: Project):
    news = project.declared()["mirrors"]["acme-news"]
    project.retire("acme-news")
    before = project.ledger()
    run = project.up()
    assert run.of_type("Mirror") == {"acme-news": "delete"}
    assert project.divio.application("acme-news") is None
    assert project.ledger()[len(before) :] == [], "the deployments of a site that is gone go with it, none is new"

    spec = project.declared()
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs"}
    project.declare(spec)
    assert project.preview().steps["site-ids"].new["ids"]["acme-docs"] == 5

    spec["mirrors"]["acme-news"] = news
    del spec["retired"]
    project.declare(spec)
    project.up()
    assert ids(project) == REGISTER | {"acme-docs": 5}
    assert project.divio.deployed("acme-news", "test")["SITE_ID"] == "4"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_reordering_the_file_changes_nothing(project: Project):
    spec = project.declared()
    spec["mirrors"] = dict(reversed(spec["mirrors"].items()))
    project.declare(spec)
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_pin_that_another_site_has_is_refused_in_the_preview_by_both_names(project: Project):
    spec = project.declared()
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs", "site_id": 3}
    project.declare(spec)
    run = project.preview(check=False)
    assert run.code != 0
    assert "acme-docs" in run.output
    assert "acme-shop" in run.output
    assert project.divio.calls() == []


@pytest.mark.slow
def test_a_renamed_site_is_renamed_and_not_deployed(project: Project):
    spec = project.declared()
    spec["mirrors"]["acme-news"]["name"] = "Acme Today"
    project.declare(spec)
    before = project.ledger()
    project.up()
    assert project.divio.application("acme-news")["name"] == "Acme Today"
    assert project.ledger() == before
    project.up("--refresh", "--expect-no-changes")
