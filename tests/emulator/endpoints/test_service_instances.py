"""Service instances of an environment."""

from __future__ import annotations


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
