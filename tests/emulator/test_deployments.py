"""A deployment's life, what it carries, and which image it runs."""

from __future__ import annotations

import re

import pytest

DATABASE = re.compile(r"postgres://[^:/@]+:[^:/@]+@[^:/@]+:5432/\w+")
STORAGE = re.compile(r"s3://[A-Z0-9]+:[^:/@]*%2B[^:/@]*@[^/@]+\.s3-eu-central-1\.amazonaws\.com/\?auth=s3v4&domain=.+")


def test_a_deployment_runs_for_its_time_and_then_has_ended_once(estate, divio):
    estate.application("acme-main")
    divio.site("acme-main", "test", deploy_seconds=0.5)
    started = divio.start_deployment("acme-main", "test")
    assert (started["ended_at"], started["success"], started["is_usable"]) == (None, None, False)
    assert started["percent"] < 100
    assert divio.environment("acme-main", "test")["last_finished_deployment"] is None
    ended = divio.finished(started["uuid"])
    assert (ended["success"], ended["percent"], ended["is_usable"]) == (True, 100, True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", ended["started_at"])
    assert ended["ended_at"] > ended["started_at"]
    environment = divio.environment("acme-main", "test")
    assert environment["last_finished_deployment"]["uuid"] == started["uuid"]
    assert environment["deployed_url"] == f"{divio.url}/_sites/acme-main/test/"
    assert divio.get(f"/apps/v3/deployments/{started['uuid']}/") == ended


def test_percent_and_stage_go_up_while_it_runs(estate, divio):
    estate.application("acme-main")
    divio.site("acme-main", "test", deploy_seconds=0.4)
    uuid = divio.start_deployment("acme-main", "test")["uuid"]
    seen = []
    while (shown := divio.get(f"/apps/v3/deployments/{uuid}/"))["ended_at"] is None:
        seen.append((shown["percent"], shown["status"]))
    percents = [percent for percent, _ in seen]
    assert percents == sorted(percents)
    assert len({status for _, status in seen}) > 3


def test_a_second_deployment_waits_for_the_first(estate, divio):
    estate.application("acme-main")
    divio.site("acme-main", "test", deploy_seconds=60)
    divio.start_deployment("acme-main", "test")
    body = {"environment": divio.environment("acme-main", "test")["uuid"]}
    answer = divio.call("POST", "/apps/v3/deployments/", body)
    assert answer.status_code == 400
    assert answer.json() == {"non_field_errors": ["A deployment is already running."]}
    divio.start_deployment("acme-main", "live")


def test_the_newest_deployment_comes_first(estate, divio):
    application = estate.application("acme-main")
    uuids = [divio.deploy("acme-main", environment)["uuid"] for environment in ("test", "live", "test")]
    shown = divio.all(f"/apps/v3/deployments/?application={application['uuid']}")
    assert [row["uuid"] for row in shown] == uuids[::-1]
    live = divio.environment("acme-main", "live")["uuid"]
    assert [row["uuid"] for row in divio.all(f"/apps/v3/deployments/?environment={live}")] == [uuids[1]]


def test_a_variable_reaches_a_site_by_deploying_and_changes_no_old_deployment(estate, divio):
    estate.application("acme-main")
    divio.set_variable("acme-main", "test", "A", "old", sensitive=True)
    divio.site("acme-main", "test", deploy_seconds=0.2)
    first = divio.start_deployment("acme-main", "test")
    divio.set_variable("acme-main", "test", "A", "new", sensitive=True)
    divio.finished(first["uuid"])
    assert divio.deployed("acme-main", "test")["A"] == "old"
    assert "A" in divio.get(f"/apps/v3/deployments/{first['uuid']}/")["environment_variables"]
    divio.deploy("acme-main", "test", "ADOPT")
    assert divio.deployed("acme-main", "test")["A"] == "new"
    shown = divio.get(f"/apps/v3/deployments/{first['uuid']}/environment-variables/")
    assert shown["environment_variables"]["A"] == "old"


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


def test_a_failed_deployment_leaves_the_previous_one_running(estate, divio):
    estate.application("acme-main")
    estate.services("acme-main", "test")
    divio.site("acme-main", "test", deployment="fail", log="migrate: no such table", times=1)
    failed = divio.finished(divio.start_deployment("acme-main", "test")["uuid"])
    assert (failed["success"], failed["is_usable"]) == (False, False)
    environment = divio.environment("acme-main", "test")
    assert environment["last_finished_deployment"]["uuid"] == failed["uuid"]
    assert environment["deployed_url"] is None
    assert "migrate: no such table" in estate.log("acme-main", "test")
    assert "DATABASE_URL" not in failed["environment_variables"]
    divio.deploy("acme-main", "test")
    assert "DATABASE_URL" in divio.deployed("acme-main", "test")
    divio.site("acme-main", "test", deployment="fail")
    for _ in range(2):
        assert divio.finished(divio.start_deployment("acme-main", "test")["uuid"])["success"] is False
    assert divio.call("GET", "/_sites/acme-main/test/").status_code == 200
    divio.site("acme-main", "test", deployment="succeed")
    divio.deploy("acme-main", "test")


def test_no_log_holds_a_value(estate, divio):
    estate.application("acme-main")
    divio.set_variable("acme-main", "test", "PASSWORD", "s3cret-value", sensitive=True)
    divio.deploy("acme-main", "test")
    assert "s3cret-value" not in estate.log("acme-main", "test")
    assert "s3cret-value" not in "".join(divio.log)


def test_an_image_is_built_once_per_commit_unless_forced(estate, divio):
    estate.application("acme-main")
    divio.deploy("acme-main", "test")
    divio.deploy("acme-main", "live")
    first = estate.image("acme-main", "test")
    assert estate.image("acme-main", "live") == first
    divio.push("acme-main")
    divio.deploy("acme-main", "live", "ADOPT")
    assert estate.image("acme-main", "live") == first
    divio.deploy("acme-main", "test")
    second = estate.image("acme-main", "test")
    assert second != first
    divio.deploy("acme-main", "live")
    assert estate.image("acme-main", "live") == second
    divio.deploy("acme-main", "live", "FORCE")
    assert estate.image("acme-main", "live") not in (first, second)


def test_there_is_nothing_to_adopt_before_the_first_image(estate, divio):
    estate.application("acme-main")
    failed = divio.finished(divio.start_deployment("acme-main", "test", "ADOPT")["uuid"])
    assert failed["success"] is False
    assert "no image to adopt" in estate.log("acme-main", "test")


@pytest.mark.parametrize("build_mode", ["AUTO", "ADOPT", "FORCE"])
def test_a_mirror_runs_the_image_of_its_originals_live(estate, divio, build_mode):
    original = estate.original()
    estate.mirror("acme-shop", original)
    live = estate.image("acme-main", "live")
    divio.push("acme-main")
    divio.deploy("acme-main", "test")
    for environment in ("test", "live"):
        divio.deploy("acme-shop", environment, build_mode)
        assert estate.image("acme-shop", environment) == live
    divio.deploy("acme-main", "live")
    divio.site("acme-main", "live", deployment="fail")
    divio.finished(divio.start_deployment("acme-main", "live", "FORCE")["uuid"])
    divio.deploy("acme-shop", "test", build_mode)
    assert estate.image("acme-shop", "test") == estate.image("acme-main", "live") != live


def test_a_mirror_of_an_original_without_live_fails_and_says_why(estate, divio):
    original = estate.application("acme-main")
    divio.deploy("acme-main", "test")
    estate.mirror("acme-shop", original)
    assert divio.finished(divio.start_deployment("acme-shop", "test")["uuid"])["success"] is False
    assert "the Live environment of acme-main was never deployed" in estate.log("acme-shop", "test")


def test_a_mirror_in_another_region_is_made_but_its_deployment_fails(estate, divio):
    original = estate.original()
    estate.mirror("acme-shop", original, region=estate.regions["Ireland"])
    assert divio.finished(divio.start_deployment("acme-shop", "live")["uuid"])["success"] is False
    assert "another region" in estate.log("acme-shop", "live")


def test_a_mirror_starts_without_variables_services_or_deployments(estate, divio):
    original = estate.original()
    divio.set_variable("acme-main", "live", "A", "1")
    mirror = estate.mirror("acme-shop", original)
    assert mirror["mirror_of"] == original["uuid"]
    assert divio.all(f"/apps/v3/environment-variables/?application={mirror['uuid']}") == []
    assert divio.all(f"/apps/v3/service-instances/?application={mirror['uuid']}") == []
    assert divio.all(f"/apps/v3/deployments/?application={mirror['uuid']}") == []


def test_a_site_answers_as_it_was_deployed(estate, divio):
    original = estate.original()
    estate.mirror("acme-shop", original)
    path = "/_sites/acme-shop/live/"
    assert divio.call("GET", path).status_code == 503
    assert divio.call("GET", "/_sites/nobody/live/").status_code == 404
    divio.set_variable("acme-shop", "live", "SITE_ID", "3")
    divio.deploy("acme-shop", "live")
    divio.set_variable("acme-shop", "live", "SITE_ID", "4")
    answer = divio.call("GET", f"{path}any/page", headers={"Host": "shop.acme.example"})
    assert answer.status_code == 200
    assert "acme-shop live SITE_ID 3" in answer.text
    divio.site("acme-shop", "live", status=500)
    assert divio.call("GET", path).status_code == 500
    divio.site("acme-shop", "live", status=None)
    assert divio.call("GET", path).status_code == 200
