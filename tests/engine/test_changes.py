"""A change reaches the environment that it is for, once, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.project import Project


def changed(project: Project, slug: str, **fields: Any) -> None:
    spec = project.declared()
    spec["mirrors"][slug] |= fields
    project.declare(spec)


def test_one_sites_variable_is_changed_in_place_and_that_environment_alone_redeployed_once(project: Project):
    changed(project, "acme-shop", live={"variables": {"THEME": "dark"}})
    before = project.ledger()
    run = project.up()
    assert run.of_type("EnvironmentVariables") == {"acme-shop/live": "update"}
    assert "replace" not in run.output
    assert project.ledger()[len(before) :] == ["acme-shop/live"]
    assert project.divio.deployed("acme-shop", "live")["THEME"] == "dark"
    assert len([call for call in project.writes() if "environment-variables" in call]) == 1
    project.up("--refresh", "--expect-no-changes")


def test_a_preview_of_one_changed_variable_touches_no_other_sites_resources(project: Project):
    changed(project, "acme-shop", live={"variables": {"THEME": "dark"}})
    run = project.preview()
    assert run.of_type("EnvironmentVariables") == {"acme-shop/live": "update"}
    assert run.of_type("Mirror") == {}
    assert '"shop" => "dark"' in run.output
    assert project.divio.calls() == []


@pytest.mark.slow
def test_a_variable_no_longer_declared_is_removed(project: Project):
    spec = project.declared()
    del spec["live"]
    project.declare(spec)
    before = project.ledger()
    project.up()
    for slug in ("acme-main", "acme-blog"):
        assert "SENTRY_ENVIRONMENT" not in project.divio.variables(slug, "live")
        assert "SENTRY_ENVIRONMENT" not in project.divio.deployed(slug, "live")
    started = project.ledger()[len(before) :]
    assert sorted(started) == sorted(f"{slug}/live" for slug in ("acme-main", "acme-blog", "acme-shop", "acme-news"))


@pytest.mark.slow
def test_a_variable_of_the_original_deploys_the_original_alone(project: Project):
    spec = project.declared()
    spec["original"]["variables"]["THEME"] = "new"
    project.declare(spec)
    before = project.ledger()
    project.up()
    assert project.ledger()[len(before) :] == ["acme-main/test", "acme-main/live"]
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_domain_reaches_its_site_by_one_deployment_of_live(project: Project):
    changed(project, "acme-shop", domains=["shop.acme.example"])
    before = project.ledger()
    project.up()
    assert project.divio.deployed("acme-shop", "live")["DOMAIN"] == "shop.acme.example"
    assert project.ledger()[len(before) :] == ["acme-shop/live"]
    project.up("--refresh", "--expect-no-changes")
