"""The query parameters that the schema shows are those that lists obey."""

from __future__ import annotations

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
