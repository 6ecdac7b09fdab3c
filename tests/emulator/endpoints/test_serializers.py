"""Bodies in, errors out."""

from __future__ import annotations

import pytest

APPLICATIONS = "/apps/v3/applications/"


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
