"""Custom domains: of Live, moved in place, and by a person where the API is not known to have the call."""

from __future__ import annotations

import pytest

from tests.engine.conftest import NewProject
from tests.engine.project import Project


def domains(project: Project) -> dict[str, tuple[str, bool]]:
    slugs = {item["uuid"]: item["slug"] for item in project.divio.all("/apps/v3/applications/")}
    listed = project.divio.all("/apps/v3/domains/")
    return {item["domain"]: (slugs[item["application"]], item["is_primary"]) for item in listed}


def test_the_first_domain_is_primary_and_is_deployed(project: Project):
    assert domains(project) == {"blog.acme.example": ("acme-blog", True)}
    assert project.divio.deployed("acme-blog", "live")["DOMAIN"] == "blog.acme.example"


@pytest.mark.slow
def test_a_new_domain_deploys_that_live_alone(project: Project):
    spec = project.declared()
    spec["mirrors"]["acme-shop"]["domains"] = ["shop.acme.example", "store.acme.example"]
    project.declare(spec)
    before = len(project.ledger())
    project.up()
    assert project.ledger()[before:] == ["acme-shop/live"]
    deployed = project.divio.deployed("acme-shop", "live")
    assert (deployed["DOMAIN"], deployed["DOMAIN_ALIASES"]) == ("shop.acme.example", "store.acme.example")


def test_a_domain_moves_to_another_site_in_place(project: Project):
    spec = project.declared()
    spec["mirrors"]["acme-shop"]["domains"] = spec["mirrors"]["acme-blog"].pop("domains")
    project.declare(spec)
    run = project.up()
    assert run.of_type("Domain") == {"blog.acme.example": "update"}
    assert domains(project) == {"blog.acme.example": ("acme-shop", True)}
    assert project.divio.deployed("acme-shop", "live")["DOMAIN"] == "blog.acme.example"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_in_manual_mode_a_domain_waits_for_a_person(new_project: NewProject):
    project = new_project(domains="manual")
    project.add_stack("demo")
    run = project.up()
    assert "add blog.acme.example as primary" in run.output
    assert domains(project) == {}
    blog = project.divio.application("acme-blog")
    project.divio.post(
        "/apps/v3/domains/",
        {"application": blog["uuid"], "domain": "blog.acme.example", "is_primary": True, "is_redirect": False},
    )
    project.divio.deploy("acme-blog", "live")
    project.up()
    assert project.outputs()["unfinished"] == {}
    project.up("--expect-no-changes")
