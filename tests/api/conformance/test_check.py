"""The contract held against the API's own schema."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from divio_provider.api import contract
from divio_provider.api.conformance.check import check
from divio_provider.api.conformance.openapi import OpenApi
from divio_provider.api.conformance.results import Verdict


def document(**operation: Any) -> dict[str, Any]:
    return {"paths": {"/apps/v3/deployments/": {"post": operation}}}


def verdict(described: dict[str, Any], name: str) -> Verdict:
    items = check([OpenApi(described)])
    return next(item.verdict for item in items if item.about == "deployments" and item.name == name)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, Verdict.FINE),
        ({"type": ["string", "null"]}, Verdict.FINE),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, Verdict.FINE),
        ({"allOf": [{"$ref": "#/components/schemas/Mode"}], "nullable": True}, Verdict.FINE),
        ({"$ref": "#/components/schemas/Mode"}, Verdict.FINE),
        ({"enum": ["AUTO", "ADOPT", "FORCE"]}, Verdict.FINE),
        ({"type": "string", "enum": ["AUTO", "FORCE"]}, Verdict.DIFFERS),
        ({"type": "integer"}, Verdict.DIFFERS),
        ({"type": "array", "items": {"type": "string"}}, Verdict.DIFFERS),
        ({"type": "string", "readOnly": True}, Verdict.MISSING),
        ({}, Verdict.UNKNOWN),
    ],
)
def test_a_type_is_read_in_every_way_that_openapi_writes_it(schema: dict[str, Any], expected: Verdict):
    body = {"type": "object", "properties": {"environment": {"type": "string"}, "build_mode": schema}}
    described = document(requestBody={"content": {"application/json": {"schema": body}}})
    described["components"] = {"schemas": {"Mode": {"type": "string", "enum": ["AUTO", "ADOPT", "FORCE", "DRY"]}}}
    assert verdict(described, "build_mode") is expected


@pytest.mark.parametrize("within", [{"properties": {"id": {"type": "string"}}}, {"anyOf": [{"type": "null"}]}, {}])
def test_what_is_within_a_field_is_judged_where_the_document_shows_it(within: dict[str, Any]):
    item = {"type": "object", "properties": {"last_finished_deployment": {"type": "object", **within}}}
    answer = {"200": {"content": {"application/json": {"schema": item}}}}
    described = {"paths": {"/apps/v3/environments/{uuid}/": {"get": {"responses": answer}}}}
    found = [one for one in check([OpenApi(described)]) if one.name == "last_finished_deployment.uuid"]
    assert [one.verdict for one in found] == [Verdict.MISSING if "properties" in within else Verdict.UNKNOWN]


def test_swagger_2_is_read_as_well():
    model = {"type": "object", "properties": {"environment": {"type": "string"}, "uuid": {"type": "string"}}}
    operation = {
        "parameters": [{"in": "body", "name": "data", "schema": {"$ref": "#/definitions/Deployment"}}],
        "responses": {"201": {"schema": {"$ref": "#/definitions/Deployment"}}},
    }
    paths = {"/deployments/": {"post": operation}}
    described = {"swagger": "2.0", "basePath": "/apps/v3", "paths": paths, "definitions": {"Deployment": model}}
    assert verdict(described, "uuid") is Verdict.FINE
    assert verdict(described, "build_mode") is Verdict.MISSING


def test_a_filter_is_missing_only_where_the_document_shows_filters():
    def listed(*names: str) -> dict[str, Any]:
        parameters = [{"in": "query", "name": name, "schema": {"type": "string"}} for name in names]
        return {"paths": {"/apps/v3/deployments/": {"get": {"parameters": parameters}}}}

    def judged(*names: str) -> Verdict:
        items = check([OpenApi(listed(*names))])
        return next(one.verdict for one in items if one.kind == "filter" and one.about == "deployments")

    assert judged("environment", "page") is Verdict.FINE
    assert judged("application", "page") is Verdict.MISSING
    assert judged("page", "page_size") is Verdict.UNKNOWN


def test_without_any_description_nothing_is_claimed():
    items = check([])
    assert {item.verdict for item in items} == {Verdict.UNKNOWN}
    assert {item.name for item in items if item.kind == "behaviour"} >= {"throttling", "blanks"}


def test_a_schema_that_was_asked_for_in_vain_is_missing_only_where_it_was_seen():
    unreadable = {"/apps/v3/schema.json": "answered 404", "/iam/v3/schema.json": "answered 404"}
    wrong = [item.name for item in check([], unreadable=unreadable) if item.wrong]
    assert wrong == ["GET /apps/v3/schema.json"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(["get", "post", "parameters", "responses", "requestBody", "content", "schema", "$ref", "allOf"])
NESTED = st.recursive(JSON, lambda inner: st.dictionaries(WORDS, inner, max_size=4), max_leaves=20)


@given(st.dictionaries(st.sampled_from([call.path for call in contract.CALLS]), NESTED, max_size=4))
def test_whatever_a_document_holds_it_is_judged_and_never_an_error(paths: dict[str, Any]):
    items = check([OpenApi({"paths": paths})])
    assert len({(item.kind, item.about, item.name) for item in items}) == len(items)
    assert all(item.detail for item in items if item.verdict is not Verdict.FINE)
