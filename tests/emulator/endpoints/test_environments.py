"""Environments: their branch, and those beside Test and Live."""

from __future__ import annotations

import pytest

ENVIRONMENTS = "/apps/v3/environments/"


def test_a_branch_can_be_changed_but_not_a_mirrors(estate, divio):
    original = estate.original()
    estate.mirror("acme-shop", original)
    live = divio.environment("acme-main", "live")["uuid"]
    assert divio.patch(f"/apps/v3/environments/{live}/", {"branch": "stable"})["branch"] == "stable"
    shop = divio.environment("acme-shop", "test")
    assert shop["branch"] == "stable"
    assert divio.call("PATCH", f"/apps/v3/environments/{shop['uuid']}/", {"branch": "x"}).status_code == 400


def test_environments_are_listed_for_the_account_and_for_several_applications(estate, divio):
    uuids = [estate.application(f"site-{number}")["uuid"] for number in range(3)]
    assert divio.get("/apps/v3/environments/")["count"] == 6
    two = divio.all(f"/apps/v3/environments/?application={uuids[0]}&application={uuids[2]}&slug=live")
    assert [row["application"] for row in two] == [uuids[0], uuids[2]]


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
