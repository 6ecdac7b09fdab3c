"""What is read of an OpenAPI document, however it is written."""

from __future__ import annotations

from divio_provider.api.conformance.openapi import OpenApi


def test_a_read_only_field_is_no_offer() -> None:
    properties = {"slug": {"type": "string"}, "mirror_of": {"type": "string", "readOnly": True}}
    schemas = {"Application": {"allOf": [{"$ref": "#/components/schemas/Base"}]}, "Base": {"properties": properties}}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Application"}}}}
    described = OpenApi(
        {
            "paths": {"/apps/v3/applications/": {"post": {"requestBody": body}}},
            "components": {"schemas": schemas},
        }
    )
    assert described.body_fields("POST", "/apps/v3/applications/") == {"slug"}


def test_a_schema_that_refers_to_itself_ends() -> None:
    loop = {"allOf": [{"$ref": "#/components/schemas/Loop"}]}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Loop"}}}}
    described = OpenApi({"paths": {"/x/": {"post": {"requestBody": body}}}, "components": {"schemas": {"Loop": loop}}})
    assert described.body_fields("POST", "/x/") == frozenset()


def test_paths_count_from_the_servers_address_as_well():
    described = OpenApi({"servers": [{"url": "https://api.divio.com/apps/v3"}], "paths": {"/regions/": {"get": {}}}})
    assert described.offers("GET", "/apps/v3/regions/")
