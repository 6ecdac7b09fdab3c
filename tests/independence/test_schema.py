"""schemathesis sends the local Divio what its own schema allows, and what it does not: nothing may break it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

FAMILIES = ("apps", "iam", "billing", "legacy")
EXAMPLES = 8
"""For each call and each way of making values: some fifty calls, well under a minute."""

RELATED = {
    "application": "applications",
    "backup": "backups",
    "environment": "environments",
    "organisation": "organisations",
    "plan_group": "plan_groups",
    "region": "regions",
    "repository": "repositories",
    "service": "services",
    "mirror_of": "applications",
}
"""Fields that name another object, with the table of the world that has some."""

QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
)


@pytest.fixture
def world(divio, estate) -> dict[str, list[dict[str, Any]]]:
    """A world with something in every table."""
    original = estate.original()
    estate.mirror("acme-shop", original)
    divio.set_variable("acme-shop", "live", "SITE_ID", "2")
    divio.deploy("acme-shop", "live")
    divio.post("/apps/v3/domains/", {"application": original["uuid"], "domain": "www.acme.example"})
    repository = {"organisation": estate.organisation, "url": "git@git.example:acme/main.git"}
    divio.post("/apps/v3/repositories/", repository)
    estate.backup("acme-main", "live")
    world: dict[str, list[dict[str, Any]]] = divio.world()
    return world


def refused_or_done(divio, method, path, **options):
    """The answer, which is no failure of the server's and speaks Divio's language."""
    answer = divio.call(method, path, **options)
    assert answer.status_code < 500, f"{method} {path} {options}: {answer.status_code}\n{''.join(divio.log[-60:])}"
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.json(), f"{method} {path} {options}: {answer.status_code} {answer.text}"
    return answer


def send_examples(divio, world, operation, mode):
    """Some requests for one call, as the schema allows them or not, as the mode says."""
    rows = world.get(operation.path.split("/")[3].replace("-", "_")) or world["applications"]

    @seed(4711)
    @QUIET
    @given(case=operation.as_strategy(generation_mode=mode), choice=st.randoms(use_true_random=False))
    def send(case, choice):
        # Ids that lead nowhere end every call at once: most of the time, real ones.
        path = case.formatted_path
        if case.path_parameters and choice.random() < 0.7:
            path = operation.path.format_map(dict.fromkeys(case.path_parameters, choice.choice(rows)["uuid"]))
        body = case.body
        if isinstance(body, dict):
            for field in sorted(body.keys() & RELATED.keys()):
                if choice.random() < 0.7 and world[RELATED[field]]:
                    body = {**body, field: choice.choice(world[RELATED[field]])["uuid"]}
        raw = b"" if type(body).__name__ == "NotSet" else json.dumps(body, default=str).encode()
        query = {name: str(value) for name, value in (case.query or {}).items()}
        headers = {"Content-Type": "application/json"}
        statuses.append(refused_or_done(divio, case.method, path, data=raw, params=query, headers=headers).status_code)

    statuses: list[int] = []
    send()
    return statuses


@pytest.mark.slow
# Any text may be an id: only bodies can be wrong, and only the first family takes some.
@pytest.mark.parametrize(
    ("family", "mode"),
    [*((family, GenerationMode.POSITIVE) for family in FAMILIES), ("apps", GenerationMode.NEGATIVE)],
    ids=[*FAMILIES, "apps-wrong"],
)
def test_no_call_of_the_schema_breaks_the_server(divio, world, family, mode):
    schema = schemathesis.openapi.from_dict(divio.get(f"/{family}/v3/schema.json"))
    statuses: list[int] = []
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]  # anything else fails the test, as it should
        if mode is GenerationMode.NEGATIVE and not operation.body:
            continue
        statuses += send_examples(divio, world, operation, mode)
        divio.replace_world(world)
    if mode is GenerationMode.POSITIVE:
        assert 200 in statuses, "something came through"


ODD_BODIES = [
    b"\x00",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a": ' * 50_000 + b"1" + b"}" * 50_000,
    b'{"name": ' + b"9" * 10_000 + b"}",
    b'{"name": 1e999, "slug": NaN, "environment": -Infinity}',
    b'{"name": "\\u0000", "slug": "\\u0000", "environment": "\\u0000", "value": "\\u0000"}',
    b'{"name": "\\ud800"}',
    b'{"name": {"a": []}, "slug": [], "environment": {}, "services": {}, "region": true, "application": 0}',
    b'{"services": [{}], "service_instance_restores": ["x"], "service_instance_backups": [1], "backup": {}}',
    b"name=%00&slug=%ff&environment=&services=x",
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
]
ODD_TYPES = [
    None,
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "x",
    "\u00e9/*",
]
ODD_QUERIES = [
    "page=99999999999999999999&page_size=99999999999999999999",
    f"page={'9' * 5000}&page_size={'9' * 5000}",
    "page=-1&page_size=0",
    "page=%00&page_size=1e3",
    "page=\u0663",
    "application=%00&environment=%ff&slug=%ed%a0%80&uuid=&name=%00&id=%00",
    "&&==&;&a[]=1&cursor=%ff&from_ts=%00&to_ts=0001-01-01T00:00",
    "from_ts=9999-12-31T23:59:59-23:59&cursor=" + "A" * 4000,
]


def places(divio):
    """Every path of the API, with an id of nothing in it."""
    for family in FAMILIES:
        for path, operations in divio.get(f"/{family}/v3/schema.json")["paths"].items():
            for method in operations:
                yield method.upper(), path


def test_odd_bodies_are_refused_in_json(divio, world):
    writers = [(method, path) for method, path in places(divio) if method in ("POST", "PATCH")]
    environment = world["environments"][0]["uuid"]
    for number, body in enumerate(ODD_BODIES):
        content_type = ODD_TYPES[number % len(ODD_TYPES)]
        headers = {} if content_type is None else {"Content-Type": content_type.encode()}
        for method, path in writers:
            refused_or_done(divio, method, path.replace("{uuid}", environment), data=body, headers=headers)
    for path in ("faults", "deployments", "switches", "world", "mirrors", "sites/acme-main/test"):
        method = "POST" if path in ("world", "mirrors") else "PUT"
        for body in ODD_BODIES:
            refused_or_done(divio, method, f"/_emulator/{path}", data=body)


def test_odd_queries_and_ids_are_answered(divio, world):
    readers = [path for method, path in places(divio) if method == "GET"]
    for path in readers:
        rows = world.get(path.split("/")[3].replace("-", "_")) or [{"uuid": "x"}]
        for query in ODD_QUERIES:
            refused_or_done(divio, "GET", f"{path.replace('{uuid}', rows[0]['uuid'])}?{query}")
        for uuid in ("%00", "%ff", "%2e%2e", "a" * 3000, "%F0%9F%8E%89", "-", "'; DROP TABLE users; --"):
            refused_or_done(divio, "GET", path.replace("{uuid}", uuid))


def test_what_does_not_exist_is_a_loud_404(divio):
    for path in ("/apps/v3/builds/", "/apps/v3/patches/", "/apps/v4/applications/", "/legacy/v3/addons/", "/v3/", "/x"):
        answer = refused_or_done(divio, "GET", path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        assert refused_or_done(divio, method, "/apps/v3/applications/").status_code == 405
