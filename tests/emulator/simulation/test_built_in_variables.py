"""The variables that Divio itself gives a deployment."""

from __future__ import annotations

import re

DATABASE = re.compile(r"postgres://[^:/@]+:[^:/@]+@[^:/@]+:5432/\w+")
STORAGE = re.compile(r"s3://[A-Z0-9]+:[^:/@]*%2B[^:/@]*@[^/@]+\.s3-eu-central-1\.amazonaws\.com/\?auth=s3v4&domain=.+")


def test_dsns_exist_only_after_the_deployment_that_provisions_the_service(estate, divio):
    estate.application("acme-main")
    divio.deploy("acme-main", "live")
    estate.services("acme-main", "live")
    assert "DATABASE_URL" not in divio.deployed("acme-main", "live")
    divio.site("acme-main", "live", deploy_seconds=0.3)
    running = divio.start_deployment("acme-main", "live")
    path = f"/apps/v3/deployments/{running['uuid']}/environment-variables"
    assert "DATABASE_URL" not in divio.get(path)["environment_variables"]
    divio.finished(running["uuid"])
    deployed = divio.deployed("acme-main", "live")
    assert DATABASE.fullmatch(deployed["DATABASE_URL"])
    assert deployed["DEFAULT_DATABASE_DSN"] == deployed["DATABASE_URL"]
    assert STORAGE.fullmatch(deployed["DEFAULT_STORAGE_DSN"])
    environment = divio.environment("acme-main", "live")["uuid"]
    rows = divio.all(f"/apps/v3/service-instances/?environment={environment}")
    assert {row["service_status"] for row in rows} == {"attached"}
    assert divio.variables("acme-main", "live") == {}


def test_every_environment_has_secrets_of_its_own_and_keeps_them(estate, divio):
    estate.original()
    test, live = divio.deployed("acme-main", "test"), divio.deployed("acme-main", "live")
    for name in ("DATABASE_URL", "DEFAULT_STORAGE_DSN", "SECRET_KEY"):
        assert test[name] != live[name]
    assert (test["STAGE"], live["STAGE"]) == ("test", "live")
    divio.deploy("acme-main", "live")
    assert divio.deployed("acme-main", "live") == live


def test_a_custom_variable_overrides_the_built_in_one(estate, divio):
    estate.application("acme-main")
    estate.services("acme-main", "test")
    divio.set_variable("acme-main", "test", "DATABASE_URL", "mine")
    divio.set_variable("acme-main", "test", "STAGE", "mine, too")
    divio.deploy("acme-main", "test")
    deployed = divio.deployed("acme-main", "test")
    assert (deployed["DATABASE_URL"], deployed["STAGE"]) == ("mine", "mine, too")
    assert DATABASE.fullmatch(deployed["DEFAULT_DATABASE_DSN"])


def test_a_rotated_password_arrives_with_the_next_deployment(estate, divio):
    estate.original()
    before = divio.deployed("acme-main", "live")
    divio.rotate("acme-main", "live")
    assert divio.deployed("acme-main", "live") == before
    divio.deploy("acme-main", "live")
    after = divio.deployed("acme-main", "live")
    assert {name for name in after if after[name] != before[name]} == {"DATABASE_URL", "DEFAULT_DATABASE_DSN"}
    assert DATABASE.fullmatch(after["DATABASE_URL"])
