"""Whatever changes in Divio's schema, `doctor` names exactly that: no more lines than changes, and none too few."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from divio_provider.api import contract
from divio_provider.api.conformance.openapi import OpenApi
from divio_provider.api.conformance.results import Result
from divio_provider.api.contract.types import collection
from divio_provider.api.settings import Settings
from divio_provider.cli.doctor import _checkup
from tests.local_divio import LocalDivio

Documents = dict[str, Any]
FAMILIES = ("apps", "iam", "billing")


@pytest.fixture(scope="module")
def documents() -> Iterator[Documents]:
    with LocalDivio(deploy_seconds=0) as divio:
        yield {family: divio.get(f"/{family}/v3/schema.json") for family in FAMILIES}


def findings(documents: Documents) -> list[Result]:
    described = [OpenApi(document) for document in documents.values()]
    return list(_checkup("a test", Settings(token=None), described, None, {}, {}).findings)


class Change(NamedTuple):
    """One thing that is other than it was, by where it stands in the documents."""

    kind: str
    """`renamed`, `retyped` or `gone`."""
    family: str
    place: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.place[-1]

    def made(self, documents: Documents) -> None:
        around = documents[self.family]
        for step in self.place[:-1]:
            around = around[step]
        old = around.pop(self.name)
        if self.kind == "renamed":
            around[f"{self.name}_of_old"] = old
        if self.kind == "retyped":
            numeric = any(f'"{one}"' in json.dumps(old) for one in ("integer", "number"))
            around[self.name] = {"type": "array", "items": {"type": "string"}} if numeric else {"type": "integer"}


def fields(documents: Documents) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every field of every model, and what is around the items of every list."""
    for family, document in documents.items():
        for name, model in document["components"]["schemas"].items():
            for field in model.get("properties", {}):
                yield family, ("components", "schemas", name, "properties", field)
        for path, operations in document["paths"].items():
            answer = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
            for field in answer.get("application/json", {}).get("schema", {}).get("properties", {}):
                yield family, ("paths", path, "get", "responses", "200", "content", "application/json", "schema",
                               "properties", field)  # fmt: skip


def all_changes(documents: Documents) -> list[Change]:
    paths = [(family, ("paths", path)) for family, document in documents.items() for path in document["paths"]]
    found = [Change("gone", *place) for place in paths]
    return found + [Change(kind, *place) for kind in ("renamed", "retyped") for place in fields(documents)]


def after(documents: Documents, *changes: Change) -> list[Result]:
    changed = copy.deepcopy(documents)
    for change in changes:
        change.made(changed)
    return findings(changed)


class Told:
    """What is said of each single change there can be, found out when it is asked for."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.changes = all_changes(documents)
        self._said: dict[Change, tuple[Result, ...]] = {}

    def __getitem__(self, change: Change) -> tuple[Result, ...]:
        if change not in self._said:
            self._said[change] = tuple(after(self.documents, change))
        return self._said[change]


@pytest.fixture(scope="module")
def told(documents: Documents) -> Told:
    return Told(documents)


def test_nothing_is_said_where_nothing_changed(documents: Documents):
    assert findings(documents) == []


@pytest.mark.slow
def test_one_change_is_one_finding_that_names_it(told: Told):
    for change in told.changes:
        assert len(told[change]) in (0, 1), change
        for item in told[change]:
            if (item.kind, item.name) == ("choice", "divio:mirrors"):
                assert change.name == "mirror_of"
                continue
            assert item.name.rpartition(".")[2].rstrip("/") == change.name.rstrip("/")
            assert item.verdict.value == {"retyped": "differs"}.get(change.kind, "missing")
            assert item.kind == ("path" if change.kind == "gone" else "field")


@pytest.mark.slow
def test_what_we_rely_on_is_not_passed_over(told: Told):
    named = {(item.kind, item.about, item.name) for change in told.changes for item in told[change]}
    for call in contract.CALLS:
        if call.path.endswith("schema.json"):
            continue
        assert ("path", collection(call.path), call.path) in named
        for part in (*call.sends, *call.reads):
            assert ("field", collection(call.path), part.name) in named, (call.name, part)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_three_changes_are_three_findings(documents: Documents, told: Told, data: Any):
    chosen: dict[str, Change] = {}
    for kind in ("renamed", "gone", "retyped"):
        change = data.draw(st.sampled_from([one for one in told.changes if one.kind == kind]))
        # In collections of their own: of a path that is gone, nothing else is told.
        assume(told[change] and told[change][0].about not in chosen)
        chosen[told[change][0].about] = change
    found = after(documents, *chosen.values())
    assert sorted((one.kind, one.about, one.name) for one in found) == sorted(
        (told[change][0].kind, about, told[change][0].name) for about, change in chosen.items()
    )


def test_a_filter_that_is_gone_is_named(documents: Documents):
    changed = copy.deepcopy(documents)
    for family, document in changed.items():
        for path, operations in document["paths"].items():
            for parameter in operations.get("get", {}).get("parameters", []):
                if parameter["in"] != "query":
                    continue
                name, parameter["name"] = parameter["name"], "other"
                relied = any(
                    call.method == "GET" and call.path.rstrip("/") == path.rstrip("/") and part.name == name
                    for call in contract.CALLS
                    for part in call.filters
                )
                found = [(one.kind, one.about, one.name) for one in findings(changed)]
                assert found == ([("filter", collection(path), name)] if relied else []), (family, path)
                parameter["name"] = name
