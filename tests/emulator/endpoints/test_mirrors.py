"""The ways in which a local Divio lets mirrors be made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import Estate

ACTION = "/apps/v3/applications/{uuid}/mirror/"


def test_a_mirror_starts_without_variables_services_or_deployments(estate, divio):
    original = estate.original()
    divio.set_variable("acme-main", "live", "A", "1")
    mirror = estate.mirror("acme-shop", original)
    assert mirror["mirror_of"] == original["uuid"]
    assert divio.all(f"/apps/v3/environment-variables/?application={mirror['uuid']}") == []
    assert divio.all(f"/apps/v3/service-instances/?application={mirror['uuid']}") == []
    assert divio.all(f"/apps/v3/deployments/?application={mirror['uuid']}") == []


def schema_of(divio) -> Any:
    return divio.get("/apps/v3/schema.json")


def fields(divio) -> set[str]:
    schema = schema_of(divio)
    content = schema["paths"]["/apps/v3/applications/"]["post"]["requestBody"]["content"]
    name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return set(schema["components"]["schemas"][name]["properties"])


def test_by_default_a_field_of_a_new_application_names_the_original(estate, divio):
    assert "mirror_of" in fields(divio)
    assert ACTION not in schema_of(divio)["paths"]
    original = estate.application("acme-main")
    mirror = estate.mirror("acme-shop", original)
    assert divio.get(f"/apps/v3/applications/{mirror['uuid']}/")["mirror_of"] == original["uuid"]
    assert divio.application("acme-main")["mirror_of"] is None
    refused = divio.call("POST", "/apps/v3/applications/", estate.body("x", mirror_of="nothing"))
    assert list(refused.json()) == ["mirror_of"]
    again = divio.call("POST", "/apps/v3/applications/", estate.body("x", mirror_of=mirror["uuid"]))
    assert list(again.json()) == ["mirror_of"]


def test_the_field_may_have_another_name(start_divio):
    divio = start_divio(mirrors="field:original")
    estate = Estate(divio)
    assert "original" in fields(divio)
    assert "mirror_of" not in fields(divio)
    main = estate.application("acme-main")
    assert "mirror_of" not in main
    assert estate.application("acme-shop", original=main["uuid"])["original"] == main["uuid"]
    assert estate.application("acme-blog", mirror_of=main["uuid"])["original"] is None


def test_a_call_on_the_original_may_make_the_mirror(start_divio):
    divio = start_divio(mirrors=f"action:{ACTION}", deploy_seconds=0)
    estate = Estate(divio)
    assert ACTION in schema_of(divio)["paths"]
    assert "mirror_of" not in fields(divio)
    main = estate.application("acme-main", region=estate.regions["Ireland"])
    body = {
        "name": "Shop",
        "slug": "acme-shop",
        "organisation": estate.organisation,
        "plan_group": estate.plans["Small"],
    }
    path = ACTION.replace("{uuid}", main["uuid"])
    mirror = divio.call("POST", path, body)
    assert mirror.status_code == 201
    assert mirror.json()["mirror_of"] == main["uuid"]
    assert mirror.json()["region"] == main["region"]
    assert [row["slug"] for row in divio.all(f"/apps/v3/environments/?application={mirror.json()['uuid']}")] == [
        "test",
        "live",
    ]
    assert set(divio.call("POST", path, {"slug": "acme-shop"}).json()) == {"name", "organisation", "plan_group", "slug"}
    assert divio.call("POST", ACTION.replace("{uuid}", "nothing"), body).status_code == 404
    assert estate.application("acme-blog", mirror_of=main["uuid"])["mirror_of"] is None


def test_without_a_call_only_a_person_makes_mirrors(start_divio):
    divio = start_divio(mirrors="none")
    estate = Estate(divio)
    assert "mirror_of" not in fields(divio)
    assert not [path for path in schema_of(divio)["paths"] if "mirror" in path]
    main = estate.application("acme-main")
    assert estate.application("acme-plain", mirror_of=main["uuid"])["mirror_of"] is None
    mirror = divio.make_mirror("acme-main", "acme-shop", "Shop", "Small")
    assert divio.application("acme-shop") == mirror
    assert (mirror["name"], mirror["mirror_of"]) == ("Shop", main["uuid"])
    assert mirror["plan_group"] == estate.plans["Small"]
    assert divio.make_mirror("acme-main", "acme-blog")["plan_group"] == main["plan_group"]
    assert "/_emulator/mirrors" not in {call["path"] for call in divio.calls()}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"original": "nobody", "slug": "x", "name": "X"}, 404),
        ({"original": "acme-main", "slug": "acme-main", "name": "X"}, 400),
        ({"original": "acme-main", "slug": "x"}, 400),
        ({"original": "acme-main", "slug": "x", "name": "X", "plan_group": "None such"}, 400),
    ],
)
def test_a_person_is_told_what_is_wrong_too(estate, divio, body, status):
    estate.application("acme-main")
    assert divio.call("POST", "/_emulator/mirrors", body).status_code == status
