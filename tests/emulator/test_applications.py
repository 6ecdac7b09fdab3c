"""Applications, their environments, variables, services and domains."""

from __future__ import annotations

import pytest

VARIABLES = "/apps/v3/environment-variables/"
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


def test_with_an_application_goes_all_that_is_its_own(estate, divio):
    empty = divio.world()
    original = estate.original()
    divio.set_variable("acme-main", "test", "DEBUG", "1")
    divio.post(DOMAINS, {"application": original["uuid"], "domain": "www.acme.example"})
    divio.delete(f"/apps/v3/applications/{original['uuid']}/")
    assert divio.world() == empty
    assert divio.call("DELETE", f"/apps/v3/applications/{original['uuid']}/").status_code == 404


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


def test_a_variables_list_needs_a_filter_that_may_be_repeated(estate, divio):
    application = estate.application("acme-main")
    divio.set_variable("acme-main", "test", "A", "1")
    divio.set_variable("acme-main", "live", "A", "2")
    divio.set_variable("acme-main", "live", "B", "3")
    assert divio.call("GET", VARIABLES).status_code == 400
    test, live = (divio.environment("acme-main", slug)["uuid"] for slug in ("test", "live"))
    assert divio.get(f"{VARIABLES}?environment={test}&environment={live}")["count"] == 3
    assert divio.get(f"{VARIABLES}?application={application['uuid']}&name=A")["count"] == 2
    assert divio.get(f"{VARIABLES}?environment={live}&name=C")["count"] == 0


def test_a_sensitive_value_is_withheld(estate, divio):
    estate.application("acme-main")
    created = divio.set_variable("acme-main", "test", "PASSWORD", "s3cret", sensitive=True)
    assert "value" not in created
    assert "value" not in divio.get(f"{VARIABLES}{created['uuid']}/")
    assert "value" not in divio.patch(f"{VARIABLES}{created['uuid']}/", {"value": "other"})
    assert divio.variables("acme-main", "test") == {"PASSWORD": None}


@pytest.mark.parametrize("value", ["", "  both ends  ", "two\nlines\n", "é 漢 🎉", "{}", "x" * 32768])
def test_a_value_is_kept_byte_for_byte(estate, divio, value):
    estate.application("acme-main")
    divio.set_variable("acme-main", "test", "V", value)
    assert divio.variables("acme-main", "test") == {"V": value}


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "É", "A" * 256, "A\n"])
def test_a_name_that_no_shell_knows_is_refused(estate, divio, name):
    estate.application("acme-main")
    body = {"environment": divio.environment("acme-main", "test")["uuid"], "name": name, "value": "x"}
    answer = divio.call("POST", VARIABLES, body)
    assert (answer.status_code, list(answer.json())) == (400, ["name"])


def test_a_value_has_a_longest_length(estate, divio):
    estate.application("acme-main")
    body = {"environment": divio.environment("acme-main", "test")["uuid"], "name": "V", "value": "x" * 32769}
    assert list(divio.call("POST", VARIABLES, body).json()) == ["value"]


def test_a_name_is_given_once_per_environment(estate, divio):
    estate.application("acme-main")
    row = divio.set_variable("acme-main", "test", "A", "1")
    body = {"environment": row["environment"], "name": "A", "value": "2"}
    answer = divio.call("POST", VARIABLES, body)
    assert (answer.status_code, list(answer.json())) == (400, ["non_field_errors"])
    divio.delete(f"{VARIABLES}{row['uuid']}/")
    divio.post(VARIABLES, body)


def test_a_service_instance_belongs_to_its_applications_region_and_is_unique(estate, divio):
    estate.application("acme-main")
    estate.services("acme-main", "test")
    environment = divio.environment("acme-main", "test")["uuid"]
    rows = divio.all(f"/apps/v3/service-instances/?environment={environment}")
    assert {(row["prefix"], row["type"], row["service_status"]) for row in rows} == {
        ("DEFAULT", "DATABASE", "new"),
        ("DEFAULT", "STORAGE", "new"),
    }
    again = {key: rows[0][key] for key in ("environment", "region", "service", "prefix")}
    assert list(divio.call("POST", "/apps/v3/service-instances/", again).json()) == ["non_field_errors"]
    elsewhere = again | {"region": estate.regions["Ireland"]}
    assert {"region", "service"} <= set(divio.call("POST", "/apps/v3/service-instances/", elsewhere).json())


def test_a_host_name_belongs_to_one_site_and_can_move(estate, divio):
    main, shop = estate.application("acme-main"), estate.application("acme-shop")
    domain = divio.post(DOMAINS, {"application": main["uuid"], "domain": "shop.acme.example", "is_primary": True})
    body = {"application": shop["uuid"], "domain": "shop.acme.example"}
    assert list(divio.call("POST", DOMAINS, body).json()) == ["domain"]
    moved = divio.patch(f"{DOMAINS}{domain['uuid']}/", {"application": shop["uuid"]})
    assert moved == domain | {"application": shop["uuid"]}
    assert divio.all(f"{DOMAINS}?application={main['uuid']}") == []
    assert divio.all(f"{DOMAINS}?application={shop['uuid']}") == [moved]
    divio.delete(f"{DOMAINS}{domain['uuid']}/")


def test_there_is_one_primary_domain(estate, divio):
    main = estate.application("acme-main")
    for host in ("a.acme.example", "b.acme.example"):
        divio.post(DOMAINS, {"application": main["uuid"], "domain": host, "is_primary": True})
    rows = divio.all(f"{DOMAINS}?application={main['uuid']}")
    assert [row["is_primary"] for row in rows] == [False, True]


def test_domains_reach_live_with_its_next_deployment(estate, divio):
    main = estate.original()
    assert divio.deployed("acme-main", "live")["DOMAIN"] == "acme-main.eu.aldryn.io"
    for host, flags in (("www", {"is_primary": True}), ("b", {}), ("a", {}), ("old", {"is_redirect": True})):
        divio.post(DOMAINS, {"application": main["uuid"], "domain": f"{host}.acme.example", **flags})
    assert divio.deployed("acme-main", "live")["DOMAIN"] == "acme-main.eu.aldryn.io"
    divio.deploy("acme-main", "live")
    divio.deploy("acme-main", "test")
    deployed = divio.deployed("acme-main", "live")
    assert deployed["DOMAIN"] == "www.acme.example"
    assert deployed["DOMAIN_ALIASES"] == "a.acme.example,b.acme.example"
    assert deployed["DOMAIN_REDIRECTS"] == "old.acme.example"
    assert divio.deployed("acme-main", "test")["DOMAIN"] == "acme-main-stage.eu.aldryn.io"
