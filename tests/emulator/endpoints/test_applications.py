"""Applications: made, renamed, removed."""

from __future__ import annotations

import pytest

DOMAINS = "/apps/v3/domains/"


def test_an_application_starts_with_test_and_live_and_nothing_else(estate, divio):
    application = estate.application("acme-main", branch="trunk")
    assert divio.get(f"/apps/v3/applications/{application['uuid']}/") == application
    rows = divio.all(f"/apps/v3/environments/?application={application['uuid']}")
    assert [row["slug"] for row in rows] == ["test", "live"]
    for row in rows:
        assert row["branch"] == "trunk"
        assert row["last_finished_deployment"] is None
        assert row["deployed_url"] is None
        assert divio.all(f"/apps/v3/service-instances/?environment={row['uuid']}") == []
    assert divio.all("/apps/v3/deployments/") == []


def test_a_region_must_belong_to_the_plan_group(estate, divio):
    world = divio.world()
    small = next(row for row in world["plan_groups"] if row["name"] == "Small")
    small["regions"] = [estate.regions["Frankfurt"]]
    divio.replace_world(world)
    body = estate.body("acme-main", plan_group=estate.plans["Small"], region=estate.regions["Ireland"])
    answer = divio.call("POST", "/apps/v3/applications/", body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["region"]


@pytest.mark.parametrize("slug", ["", "Acme", "a_b", "-a", "a-", "a--b", "é", "a" * 58, "a b", "a/b"])
def test_a_slug_that_is_no_host_label_is_refused(estate, divio, slug):
    answer = divio.call("POST", "/apps/v3/applications/", estate.body("x") | {"slug": slug})
    assert list(answer.json()) == ["slug"]


def test_only_the_name_changes(estate, divio):
    application = estate.application("acme-main")
    changed = divio.patch(f"/apps/v3/applications/{application['uuid']}/", {"name": "New", "slug": "other"})
    assert changed == application | {"name": "New"}


def test_an_application_with_mirrors_is_not_deleted(estate, divio):
    original = estate.original()
    mirror = estate.mirror("acme-shop", original)
    refused = divio.call("DELETE", f"/apps/v3/applications/{original['uuid']}/")
    assert refused.status_code == 400
    assert "acme-shop" in refused.json()["non_field_errors"][0]
    divio.delete(f"/apps/v3/applications/{mirror['uuid']}/")
    divio.delete(f"/apps/v3/applications/{original['uuid']}/")


def test_a_stranger_may_take_the_slug_of_a_deleted_mirror(estate, divio):
    original = estate.original()
    mirror = estate.mirror("acme-shop", original)
    divio.set_variable("acme-shop", "live", "SITE_ID", "2")
    divio.delete(f"/apps/v3/applications/{mirror['uuid']}/")
    stranger = estate.application("acme-shop")
    assert stranger["uuid"] != mirror["uuid"]
    assert stranger["mirror_of"] is None
    assert divio.application("acme-shop") == stranger
    assert divio.variables("acme-shop", "live") == {}
    divio.deploy("acme-shop", "live")
    assert estate.image("acme-shop", "live") != estate.image("acme-main", "live")


def test_with_an_application_goes_all_that_is_its_own(estate, divio):
    empty = divio.world()
    original = estate.original()
    divio.set_variable("acme-main", "test", "DEBUG", "1")
    divio.post(DOMAINS, {"application": original["uuid"], "domain": "www.acme.example"})
    divio.delete(f"/apps/v3/applications/{original['uuid']}/")
    assert divio.world() == empty
    assert divio.call("DELETE", f"/apps/v3/applications/{original['uuid']}/").status_code == 404


def test_an_application_is_found_by_its_old_number(estate, divio):
    first, second = estate.application("acme-main"), estate.application("acme-shop")
    rows = divio.all("/legacy/v3/applications/")
    assert [row["uuid"] for row in rows] == [first["uuid"], second["uuid"]]
    found = divio.get(f"/legacy/v3/applications/?id={rows[1]['id']}")
    assert [row["uuid"] for row in found["results"]] == [second["uuid"]]
    assert divio.get("/legacy/v3/applications/?id=7")["results"] == []
