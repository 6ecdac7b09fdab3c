"""Every mirror shares the original's database and storage and has a `SITE_ID` of its own, whatever people do by hand."""

from __future__ import annotations

import pytest

from tests.engine.conftest import unwired_deployments
from tests.engine.project import SHARED, Project
from tests.local_divio import LocalDivio

MIRRORS = {"acme-blog": "2", "acme-shop": "3", "acme-news": "4"}


def wiring(values: dict[str, str]) -> dict[str, str]:
    return {name: values[name] for name in SHARED}


def test_every_mirror_is_deployed_with_the_originals_values_byte_for_byte(project: Project):
    divio = project.divio
    test, live = (wiring(divio.deployed("acme-main", environment)) for environment in ("test", "live"))
    assert test["DATABASE_URL"] != live["DATABASE_URL"]
    for slug, site_id in MIRRORS.items():
        for environment, originals in (("test", test), ("live", live)):
            deployed = divio.deployed(slug, environment)
            assert wiring(deployed) == originals
            assert deployed["SITE_ID"] == site_id


def test_no_deployment_of_a_mirror_ever_started_before_its_variables_were_there(project: Project):
    assert len(project.ledger()) == 2 + 2 * len(MIRRORS), "each environment was deployed once"
    assert project.ledger()[:2] == ["acme-main/test", "acme-main/live"]
    assert unwired_deployments(project.divio) == []


def test_an_unwired_deployment_would_be_noticed(divio: LocalDivio):
    world = divio.world()
    fields = {"organisation": "organisations", "region": "regions", "plan_group": "plan_groups"}
    place = {field: world[table][0]["uuid"] for field, table in fields.items()}
    divio.post("/apps/v3/applications/", {"name": "Main", "slug": "main", **place})
    divio.deploy("main", "test")
    divio.deploy("main", "live")
    divio.make_mirror("main", "shop")
    divio.deploy("shop", "test")
    assert unwired_deployments(divio) == ["shop test"]


def deleted(divio: LocalDivio, slug: str, environment: str, name: str) -> None:
    """As somebody does it by hand."""
    uuid = divio.environment(slug, environment)["uuid"]
    row = divio.get(f"/apps/v3/environment-variables/?environment={uuid}&name={name}")["results"][0]
    divio.delete(f"/apps/v3/environment-variables/{row['uuid']}/")


def test_what_people_change_by_hand_is_put_back_and_deployed_there_alone(project: Project):
    divio, before = project.divio, len(project.ledger())
    divio.set_variable("acme-shop", "live", "THEME", "by hand")
    divio.deploy("acme-shop", "live", "ADOPT")
    divio.set_variable("acme-shop", "live", "FOREIGN", "somebody's")
    deleted(divio, "acme-shop", "test", "SMTP_PASSWORD")
    divio.set_variable("acme-news", "test", "SITE_ID", "2")
    deleted(divio, "acme-news", "live", "DATABASE_URL")
    touched = {"acme-shop/live", "acme-shop/test", "acme-news/test", "acme-news/live"}

    run = project.preview("--refresh")
    assert run.of_type("EnvironmentVariables") == dict.fromkeys(touched, "update")
    assert '"by hand" => "shop"' in run.output
    assert 'DATABASE_URL: "not set" => "the original\'s"' in " ".join(run.output.split())

    project.up("--refresh")
    assert divio.variables("acme-shop", "live")["THEME"] == "shop"
    assert divio.variables("acme-shop", "live")["FOREIGN"] == "somebody's"
    assert divio.deployed("acme-shop", "live")["THEME"] == "shop"
    assert "SMTP_PASSWORD" in divio.variables("acme-shop", "test")
    assert divio.variables("acme-news", "test")["SITE_ID"] == "4"
    assert divio.deployed("acme-news", "test")["SITE_ID"] == "4"
    assert wiring(divio.deployed("acme-news", "live")) == wiring(divio.deployed("acme-main", "live"))
    started = project.ledger()[before + 1 :]
    assert len(started) == len(set(started)), "each once"
    assert touched - {"acme-news/test"} <= set(started) <= touched, "the wrong SITE_ID was never deployed"
    project.up("--refresh", "--expect-no-changes")


def test_a_rotated_password_shows_as_drift_and_every_mirror_is_wired_anew(project: Project):
    divio = project.divio
    old = divio.deployed("acme-main", "live")["DATABASE_URL"]
    divio.rotate("acme-main", "live")
    divio.deploy("acme-main", "live", "ADOPT")
    before = project.ledger()

    run = project.preview("--refresh")
    assert 'DATABASE_URL: "differs from the original\'s" => "the original\'s"' in " ".join(run.output.split())
    assert {name for name, op in run.of_type("EnvironmentVariables").items() if op == "update"} == {
        f"{slug}/live" for slug in MIRRORS
    }

    project.up("--refresh")
    new = divio.deployed("acme-main", "live")["DATABASE_URL"]
    assert new != old
    for slug in MIRRORS:
        assert divio.deployed(slug, "live")["DATABASE_URL"] == new
    started = project.ledger()[len(before) :]
    assert sorted(key for key in started if key.endswith("/live")) == sorted(f"{slug}/live" for slug in MIRRORS)
    assert len(started) == len(set(started)), "each at most once"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_password_rotated_in_test_leaves_every_live_alone(project: Project):
    divio = project.divio
    divio.rotate("acme-main", "test")
    divio.deploy("acme-main", "test", "ADOPT")
    before = project.ledger()
    project.up("--refresh")
    assert sorted(project.ledger()[len(before) :]) == sorted(f"{slug}/test" for slug in MIRRORS)
    for slug in MIRRORS:
        assert wiring(divio.deployed(slug, "test")) == wiring(divio.deployed("acme-main", "test"))
