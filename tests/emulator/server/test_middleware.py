"""What stands around every answer: the token, the address, the date, the limits of the flags."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
import requests

REGIONS = "/apps/v3/regions/"
APPLICATIONS = "/apps/v3/applications/"


def test_more_requests_than_the_limit_are_told_to_wait(start_divio):
    divio = start_divio(rate_limit="5/s", latency=1)
    answers = [divio.call("GET", REGIONS) for _ in range(12)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].ok
    assert refused
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert refused[0].json()["detail"].startswith("Request was throttled.")
    assert len(divio.calls()) == 12


def test_latency_holds_every_answer_back_but_not_one_another(start_divio):
    divio = start_divio(latency=150)
    start = time.perf_counter()
    divio.get(REGIONS)
    assert time.perf_counter() - start >= 0.15
    start = time.perf_counter()
    divio.calls()
    assert time.perf_counter() - start < 0.15


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


def test_the_date_is_that_of_the_answer_in_whole_seconds(divio):
    before = datetime.now(UTC).replace(microsecond=0)
    date = parsedate_to_datetime(divio.call("GET", "/iam/v3/me/").headers["Date"])
    assert before <= date <= datetime.now(UTC)
