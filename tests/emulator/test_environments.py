"""Environments beside Test and Live, their logs, and what is told of an application."""

from __future__ import annotations

import pytest

ENVIRONMENTS = "/apps/v3/environments/"


def test_an_application_has_five_environments_at_most(estate, divio):
    application = estate.application("acme-main")
    for number in range(3):
        body = {"application": application["uuid"], "slug": f"feature-{number}", "branch": "develop"}
        made = divio.post(ENVIRONMENTS, body)
        assert (made["slug"], made["branch"], made["last_finished_deployment"]) == (body["slug"], "develop", None)
    assert divio.deploy("acme-main", "feature-0")["success"] is True
    assert divio.deployed("acme-main", "feature-0")["STAGE"] == "feature-0"
    body = {"application": application["uuid"], "slug": "one-more", "branch": "main"}
    refusal = {"non_field_errors": ["Can not add another Environment."]}
    assert divio.call("POST", ENVIRONMENTS, body).json() == refusal
    source = divio.environment("acme-main", "live")["uuid"]
    assert divio.call("POST", f"{ENVIRONMENTS}{source}/copy/", {"new_slug": "one-more"}).json() == refusal
    divio.delete(f"{ENVIRONMENTS}{made['uuid']}/")
    divio.post(ENVIRONMENTS, body)


def test_a_copy_has_the_branch_and_the_variables_but_no_services(estate, divio):
    estate.original()
    divio.set_variable("acme-main", "live", "A", "1")
    divio.set_variable("acme-main", "live", "B", "2", sensitive=True)
    live = divio.environment("acme-main", "live")
    divio.patch(f"{ENVIRONMENTS}{live['uuid']}/", {"branch": "stable"})
    copy = divio.post(f"{ENVIRONMENTS}{live['uuid']}/copy/", {"new_slug": "preview"})
    assert copy["branch"] == "stable"
    assert divio.variables("acme-main", "preview") == {"A": "1", "B": None}
    assert divio.all(f"/apps/v3/service-instances/?environment={copy['uuid']}") == []


@pytest.mark.parametrize("slug", ["", "test", "Feature", "a_b", "a" * 51, None, 0.5, ["a"]])
def test_a_slug_is_free_and_well_formed(estate, divio, slug):
    application = estate.application("acme-main")
    answer = divio.call("POST", ENVIRONMENTS, {"application": application["uuid"], "slug": slug, "branch": "x"})
    assert (answer.status_code, list(answer.json())) == (400, ["slug"])


def test_test_and_live_cannot_be_removed(estate, divio):
    estate.application("acme-main")
    for slug in ("test", "live"):
        uuid = divio.environment("acme-main", slug)["uuid"]
        assert divio.call("DELETE", f"{ENVIRONMENTS}{uuid}/").status_code == 400


def test_a_log_is_read_forwards_for_ever_and_backwards_to_its_beginning(estate, divio, start_divio):
    del estate, divio
    from tests.emulator.conftest import Estate  # noqa: PLC0415

    divio = start_divio(deploy_seconds=0, page_size=2)
    Estate(divio).application("acme-main")
    path = f"{ENVIRONMENTS}{divio.environment('acme-main', 'test')['uuid']}/logs/"
    empty = divio.get(path)
    assert empty["results"] == []
    divio.deploy("acme-main", "test")
    new = divio.get(empty["next"])
    assert [set(line) for line in new["results"]] == [{"timestamp", "service", "message"}] * 2
    rest = divio.get(new["next"])
    assert len(rest["results"]) == 1
    end = divio.get(rest["next"])
    assert (end["results"], end["next"]) == ([], rest["next"])

    newest = divio.get(path)
    assert newest["results"] == [new["results"][1], *rest["results"]]
    older = divio.get(newest["previous"])
    assert older["results"] == [new["results"][0]]
    assert older["previous"] == newest["previous"], "at the beginning it repeats its own address"


def test_a_log_can_be_cut_by_time_and_holds_no_value(estate, divio):
    estate.application("acme-main")
    divio.set_variable("acme-main", "test", "PASSWORD", "s3cret-value", sensitive=True)
    divio.deploy("acme-main", "test")
    path = f"{ENVIRONMENTS}{divio.environment('acme-main', 'test')['uuid']}/logs/"
    assert divio.get(f"{path}?from_ts=2020-01-01T00:00")["results"]
    assert divio.get(f"{path}?to_ts=2020-01-01T00:00")["results"] == []
    assert "s3cret-value" not in str(divio.get(path))
    for query in ("from_ts=yesterday", "cursor=%00", "cursor=YWZ0ZXIgLTE=", "cursor=eA=="):
        answer = divio.call("GET", f"{path}?{query}")
        assert answer.status_code == 400
        assert "results" not in answer.json()


def test_what_happens_to_an_application_is_told_newest_first(estate, divio):
    application = estate.original()
    divio.set_variable("acme-main", "live", "PASSWORD", "s3cret-value", sensitive=True)
    path = "/apps/v3/application-activities/"
    told = divio.all(f"{path}?application={application['uuid']}")
    assert "PASSWORD added on live" in told[0]["description"]
    assert told[-1]["description"] == "Application acme-main created"
    assert "s3cret-value" not in str(told)
    deployments = divio.all(f"{path}?organisation={estate.organisation}&type=deployment")
    assert len(deployments) == 2
    assert divio.get(f"{path}{told[0]['uuid']}/") == told[0]
    assert divio.all(f"{path}?application=nobody") == []


def test_an_application_is_found_by_its_old_number(estate, divio):
    first, second = estate.application("acme-main"), estate.application("acme-shop")
    rows = divio.all("/legacy/v3/applications/")
    assert [row["uuid"] for row in rows] == [first["uuid"], second["uuid"]]
    found = divio.get(f"/legacy/v3/applications/?id={rows[1]['id']}")
    assert [row["uuid"] for row in found["results"]] == [second["uuid"]]
    assert divio.get("/legacy/v3/applications/?id=7")["results"] == []
