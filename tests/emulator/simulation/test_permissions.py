"""What an account may not see is left out of lists and answers like what is missing."""

from __future__ import annotations

import pytest

LISTS = ("applications", "environments", "deployments", "domains", "application-activities", "backups")


def test_an_account_without_its_organisation_sees_nothing_of_it(divio, estate):
    estate.original()
    application = divio.application("acme-main")["uuid"]
    environment = divio.environment("acme-main", "test")["uuid"]
    variable = divio.set_variable("acme-main", "test", "A", "1")["uuid"]
    divio.permit(organisations=[])

    assert divio.all("/iam/v3/organisations/") == []
    for noun in LISTS:
        assert divio.all(f"/apps/v3/{noun}/") == []
    for noun in ("environment-variables", "service-instances", "deployments"):
        assert divio.all(f"/apps/v3/{noun}/?environment={environment}") == []
    for path in (f"applications/{application}", f"environments/{environment}", f"environment-variables/{variable}"):
        for method in ("GET", "PATCH", "DELETE"):
            answer = divio.call(method, f"/apps/v3/{path}/", {})
            assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    taken = divio.call("POST", "/apps/v3/applications/", estate.body("acme-main"))
    assert "already exists" in taken.json()["slug"][0], "a slug is unique whoever sees it"

    divio.permit()
    assert divio.application("acme-main")["uuid"] == application
    assert divio.variables("acme-main", "test")["A"] == "1"


def test_an_invited_account_sees_its_application_alone(divio, estate):
    estate.original()
    estate.application("other")
    divio.permit(applications=["other"])
    assert [item["name"] for item in divio.all("/iam/v3/organisations/")] == ["Acme"]
    assert [item["slug"] for item in divio.all("/apps/v3/applications/")] == ["other"]
    assert {item["slug"] for item in divio.all("/apps/v3/environments/")} == {"test", "live"}
    assert divio.all("/apps/v3/deployments/") == []


@pytest.mark.parametrize("wrong", [{"organisation": []}, {"applications": "acme-main"}, []])
def test_a_typing_mistake_is_refused(divio, wrong):
    assert divio.call("PUT", "/_emulator/permissions", wrong).status_code == 400
    assert divio.get("/_emulator/permissions") == {"organisations": None, "applications": None}
