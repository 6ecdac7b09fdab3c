"""Custom variables of an environment."""

from __future__ import annotations

import pytest

VARIABLES = "/apps/v3/environment-variables/"


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
