"""Addresses, tokens, lists and errors."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
import requests

APPLICATIONS = "/apps/v3/applications/"


def anonymous(divio, path, **headers):
    with requests.Session() as http:
        http.trust_env = False
        return http.get(divio.url + path, headers=headers, timeout=10)


def test_only_the_root_and_the_schema_answer_without_a_token(divio):
    assert anonymous(divio, "/apps/v3/").json()["applications"] == f"{divio.url}{APPLICATIONS}"
    assert anonymous(divio, "/apps/v3/schema.json").ok
    for path in ("/iam/v3/me/", APPLICATIONS, "/billing/v3/application-plan-groups/", "/apps/v3/regions/"):
        assert anonymous(divio, path).status_code == 401
        refused = anonymous(divio, path, Authorization="Token wrong")
        assert (refused.status_code, refused.json()) == (401, {"detail": "Invalid token."})
        assert anonymous(divio, path, authorization=f"token {divio.token}").ok


def test_a_reader_may_leave_the_slash_away_a_writer_not(divio):
    assert divio.get("/apps/v3/regions") == divio.get("/apps/v3/regions/")
    assert divio.call("POST", "/apps/v3/applications", {}).status_code == 404


def test_a_get_may_carry_a_body(divio):
    assert divio.call("GET", APPLICATIONS, {}).ok
    assert divio.call("GET", APPLICATIONS, data=b"no json", headers={"Content-Type": "application/json"}).ok


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_is_not_there_is_404(divio, method):
    for path in ("applications", "environments", "environment-variables", "domains", "deployments"):
        answer = divio.call(method, f"/apps/v3/{path}/aaaaaaaaaaaaaaaaaaaaaaaaaa/", {})
        assert answer.status_code in (404, 405)
        assert "detail" in answer.json()
    assert divio.call(method, "/apps/v3/no-such-thing/", {}).json() == {"detail": "Not found."}


def test_a_method_that_is_not_offered_is_405(divio):
    answer = divio.call("PUT", APPLICATIONS, {})
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PUT" not allowed.'})


def test_pages_carry_absolute_addresses_that_keep_the_filters(estate, divio):
    for number in range(5):
        estate.application(f"site-{number}")
    first = divio.get(f"{APPLICATIONS}?page_size=2&organisation={estate.organisation}&unknown=x")
    assert first["count"] == 5
    assert first["previous"] is None
    assert first["next"].startswith(f"{divio.url}{APPLICATIONS}?")
    assert f"organisation={estate.organisation}" in first["next"]
    slugs = [row["slug"] for row in divio.all(f"{APPLICATIONS}?page_size=2")]
    assert slugs == [f"site-{number}" for number in range(5)]
    last = divio.get(f"{APPLICATIONS}?page_size=2&page=3")
    assert last["next"] is None
    assert "page=2" in last["previous"]
    assert divio.call("GET", f"{APPLICATIONS}?page=9").status_code == 404


def test_no_page_is_longer_than_the_flag_says(start_divio):
    divio = start_divio(page_size=1)
    assert len(divio.get("/apps/v3/regions/?page_size=100")["results"]) == 1
    assert len(divio.all("/apps/v3/regions/")) == 2


def test_all_errors_of_a_body_come_at_once(estate, divio):
    estate.application("acme-main")
    answer = divio.call("POST", APPLICATIONS, {"slug": "acme-main", "region": "nowhere", "app_template": "no url"})
    assert answer.status_code == 400
    assert answer.json() == {
        "name": ["This field is required."],
        "organisation": ["This field is required."],
        "plan_group": ["This field is required."],
        "slug": ["application with this slug already exists."],
        "region": ['Invalid pk "nowhere" - object does not exist.'],
        "app_template": ["Enter a valid URL."],
    }


def test_a_good_field_of_a_partial_body_is_not_among_the_errors(divio):
    assert "slug" not in divio.call("POST", APPLICATIONS, {"slug": "free"}).json()
    assert "name" not in divio.call("POST", APPLICATIONS, {"name": "Free"}).json()


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"x"', b"\xff", b'{"slug": "\\ud800"}', b"null"])
def test_a_body_that_is_no_object_is_refused_in_json(divio, raw):
    answer = divio.call("POST", APPLICATIONS, data=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()


def test_a_simple_form_is_a_body_too(estate, divio):
    estate.application("acme-main")
    environment = divio.environment("acme-main", "test")["uuid"]
    assert divio.call("POST", "/apps/v3/deployments/", data={"environment": environment}).status_code == 201


def test_the_date_is_that_of_the_answer_in_whole_seconds(divio):
    before = datetime.now(UTC).replace(microsecond=0)
    date = parsedate_to_datetime(divio.call("GET", "/iam/v3/me/").headers["Date"])
    assert before <= date <= datetime.now(UTC)


def test_a_new_world_has_what_the_readme_promises(estate, divio):
    assert divio.get("/iam/v3/organisations/")["results"][0]["name"] == "Acme"
    assert set(estate.plans) == {"Standard", "Small"}
    assert set(estate.regions) == {"Frankfurt", "Ireland"}
    for region in estate.regions.values():
        offered = divio.all(f"/apps/v3/services/?region={region}&")
        assert {(row["identifier"], row["type"]) for row in offered} == {("postgres", "DATABASE"), ("s3", "STORAGE")}
    for plan in estate.plans.values():
        regions = divio.get(f"/billing/v3/application-plan-groups/{plan}/")["regions"]
        assert set(regions) == set(estate.regions.values())
    template = divio.get("/apps/v3/app-templates/")["results"][0]
    assert divio.get(f"/apps/v3/app-templates/{template['uuid']}/")["release_commands"]
