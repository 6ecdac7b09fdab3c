"""Deployments that fail when they are told to: by site, by number, by share."""

from __future__ import annotations

import pytest


def outcomes(divio, slug, environment, count):
    return [divio.finished(divio.start_deployment(slug, environment)["uuid"])["success"] for _ in range(count)]


def test_a_site_fails_in_the_named_stage_with_the_given_words(estate, divio):
    for slug in ("acme-main", "acme-shop"):
        estate.application(slug)
    divio.failing([{"site": "acme-s.*", "environment": "live", "stage": "Build", "log": "no space left on device"}])
    assert outcomes(divio, "acme-main", "live", 1) == [True]
    assert outcomes(divio, "acme-shop", "test", 1) == [True]
    assert outcomes(divio, "acme-shop", "live", 1) == [False]
    log = estate.log("acme-shop", "live")
    assert "==> Build" in log
    assert "==> Release Image" not in log
    assert log.endswith("ERROR: no space left on device\nDeployment failed\n")


def test_every_stage_has_last_words_of_its_own(estate, divio):
    estate.application("acme-main")
    said = set()
    for stage in ("Worker", "Provisioning", "Build", "Release Commands", "Sanity Tests", "Finalizing"):
        divio.failing([{"stage": stage}])
        outcomes(divio, "acme-main", "test", 1)
        said.add(estate.log("acme-main", "test").splitlines()[-2])
    assert len(said) == 6


def test_the_nth_deployment_fails_at_most_so_often(estate, divio):
    estate.application("acme-main")
    divio.failing([{"nth": [2, 3, 5], "times": 2}])
    assert outcomes(divio, "acme-main", "test", 5) == [True, False, False, True, True]


def test_a_share_of_deployments_fails_and_the_same_ones_again(estate, divio):
    estate.application("acme-main")
    rule = [{"probability": 0.4, "seed": 7}]
    divio.failing(rule)
    first = outcomes(divio, "acme-main", "test", 20)
    assert 3 <= first.count(False) <= 14
    divio.failing(rule)
    assert outcomes(divio, "acme-main", "test", 20) == first


def test_rules_are_shown_and_taken_back(divio):
    rules = [{"site": "acme-main", "nth": 1}, {"probability": 0.5}]
    divio.failing(rules)
    assert divio.get("/_emulator/deployments") == rules
    divio.failing([])
    assert divio.get("/_emulator/deployments") == []


@pytest.mark.parametrize(
    "wrong", [{}, [{"sites": "x"}], [{"site": "("}], [{"stage": "Lunch"}], [{"probability": 2}], [1], "x"]
)
def test_a_rule_that_makes_no_sense_is_refused(divio, wrong):
    answer = divio.call("PUT", "/_emulator/deployments", wrong)
    assert answer.status_code == 400
    assert answer.json()["detail"]
