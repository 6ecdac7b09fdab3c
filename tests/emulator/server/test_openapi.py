"""The schema tells the truth: paths, models, filters, answers."""

from __future__ import annotations

from typing import Any

import pytest

from divio_provider.emulator.server.openapi import FAMILIES
from tests.emulator.conftest import Estate
from tests.local_divio import LocalDivio

NARROWS_NOTHING = {("/billing/v3/application-plan-groups/", "organisation")}
"""Every organisation is offered every plan group."""


def test_every_filter_that_is_shown_narrows_its_list(divio: LocalDivio, estate: Estate):
    estate.application("acme-main")
    for family in FAMILIES:
        for path, operations in divio.get(f"/{family}/v3/schema.json")["paths"].items():
            listed = operations.get("get", {})
            named = [one["name"] for one in listed.get("parameters", []) if one["in"] == "query"]
            if not path.endswith("}/") and "results" in str(listed.get("responses")) and "LogPage" not in str(listed):
                assert {"page", "page_size"} <= set(named), path
            for name in set(named) - {"page", "page_size"}:
                answer = divio.call("GET", f"{path}?{name}=nothing")
                wants_another = answer.status_code == 400
                if not wants_another and (path, name) not in NARROWS_NOTHING:
                    assert answer.json()["count"] == 0, (path, name)


def schema_of(divio) -> Any:
    return divio.get("/apps/v3/schema.json")


def test_the_schema_names_every_path_and_model_that_it_uses(divio):
    schema = schema_of(divio)
    assert schema["openapi"].startswith("3.")
    assert not [path for path in schema["paths"] if path.startswith(("/_", "/iam", "/billing"))]
    models = schema["components"]["schemas"]
    assert {"Application", "ApplicationCreate", "DeploymentDetail", "EnvironmentVariable"} <= set(models)
    references: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            references.update(value for key, value in part.items() if key == "$ref")
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(schema)
    assert {reference.rpartition("/")[2] for reference in references} == set(models)
    assert "/billing/v3/application-plan-groups/" in divio.get("/billing/v3/schema.json")["paths"]


def test_answers_are_as_the_schema_says(estate, divio):
    jsonschema = pytest.importorskip("jsonschema")
    original = estate.original()
    estate.mirror("acme-shop", original)
    divio.set_variable("acme-main", "test", "A", "1")
    divio.set_variable("acme-main", "test", "B", "1", sensitive=True)
    divio.post("/apps/v3/domains/", {"application": original["uuid"], "domain": "www.acme.example"})
    schema = schema_of(divio)
    for path, operations in schema["paths"].items():
        if "get" not in operations or path.endswith(("logs/", "check/")):
            continue
        example = f"{path.partition('{')[0]}?application={original['uuid']}"
        if "{" in path:
            if "get" not in schema["paths"].get(path.partition("{")[0], {}):
                continue
            uuid = divio.get(example)["results"][:1]
            if not uuid:
                continue
            example = path.replace("{uuid}", uuid[0]["uuid"])
        answer = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(divio.get(example), {**answer, "components": schema["components"]})
