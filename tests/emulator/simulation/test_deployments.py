"""A deployment's life, and the site that it makes."""

from __future__ import annotations

import re


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
