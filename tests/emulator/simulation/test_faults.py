"""Faults: what goes wrong with which calls."""

from __future__ import annotations

import time

import pytest
import requests

REGIONS = "/apps/v3/regions/"


def slugs(divio):
    return [row["slug"] for row in divio.all("/apps/v3/applications/")]


def test_a_fault_answers_in_place_of_the_call(estate, divio):
    divio.faults([{"method": "post", "path": "applications/$", "status": 503, "retry_after": 7, "times": 1}])
    answer = divio.call("POST", "/apps/v3/applications/", estate.body("acme-main"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert "detail" in answer.json()
    assert slugs(divio) == []
    estate.application("acme-main")
    assert slugs(divio) == ["acme-main"]


def test_a_fault_may_answer_anything(divio):
    divio.faults([{"path": REGIONS, "status": 200, "body": {"results": "odd"}}])
    assert divio.get(REGIONS) == {"results": "odd"}
    divio.faults([{"path": REGIONS, "status": 502, "body": "<h1>Bad gateway</h1>"}])
    answer = divio.call("GET", REGIONS)
    assert (answer.status_code, answer.text) == (502, "<h1>Bad gateway</h1>")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_call_may_happen_although_its_answer_is_an_error(estate, divio):
    divio.faults([{"method": "POST", "status": 504, "happens": True}])
    assert divio.call("POST", "/apps/v3/applications/", estate.body("acme-main")).status_code == 504
    divio.faults([])
    assert slugs(divio) == ["acme-main"]


@pytest.mark.parametrize(("when", "there"), [("before", []), ("after", ["acme-main"])])
def test_a_connection_may_be_cut_before_or_after_the_effect(estate, divio, when, there):
    divio.clear_calls()
    divio.faults([{"method": "POST", "drop": when}])
    with pytest.raises(requests.ConnectionError):
        divio.call("POST", "/apps/v3/applications/", estate.body("acme-main"))
    divio.faults([])
    assert slugs(divio) == there
    assert [call["status"] for call in divio.calls()] == [None, 200]


def test_a_fault_may_wait(divio):
    divio.faults([{"path": REGIONS, "latency_ms": 200}])
    start = time.perf_counter()
    divio.get(REGIONS)
    assert time.perf_counter() - start >= 0.2
    start = time.perf_counter()
    divio.get("/iam/v3/me/")
    assert time.perf_counter() - start < 0.2


def test_a_fault_may_meet_the_nth_call_only(divio):
    divio.faults([{"path": REGIONS, "nth": [2, 4], "status": 500}])
    assert [divio.call("GET", REGIONS).status_code for _ in range(5)] == [200, 500, 200, 500, 200]


def test_a_seed_repeats_its_faults(divio):
    def statuses(seed: int) -> list[int]:
        divio.faults([{"path": REGIONS, "probability": 0.5, "seed": seed, "status": 500}])
        return [divio.call("GET", REGIONS).status_code for _ in range(30)]

    assert statuses(1) == statuses(1) != statuses(2)
    assert {*statuses(1)} == {200, 500}


@pytest.mark.parametrize(
    "rules",
    [
        [{"path": "("}],
        [{"path": "x"}],
        [{"stauts": 500}],
        [{"status": 99}],
        [{"drop": "sometimes"}],
        {"status": 500},
        [{"status": 500, "probability": 2}],
    ],
)
def test_a_rule_with_a_mistake_is_refused(divio, rules):
    answer = divio.call("PUT", "/_emulator/faults", rules)
    assert answer.status_code == 400
    assert "detail" in answer.json()
    assert divio.get("/_emulator/faults") == []


def test_faults_leave_the_control_api_and_the_sites_alone(estate, divio):
    estate.original()
    divio.faults([{"drop": "before"}])
    assert divio.call("GET", "/_sites/acme-main/live/").status_code == 200
    assert divio.get("/_emulator/faults") == [{"drop": "before"}]
