"""What an estate costs a program, and what comes out of it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, NoReturn

import pulumi
import pytest

from divio_provider.program.component import Estate
from divio_provider.program.outputs import rows


class Engine(pulumi.runtime.Mocks):
    """Accepts everything; what a provider would add is left out."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        found = dict(args.inputs)
        if args.typ.endswith(":SiteIds"):
            slugs = [found["original"], *found["mirrors"]]
            return args.name, {"ids": {slug: number for number, slug in enumerate(slugs, start=1)}, "retired": {}}
        if args.typ.endswith((":Application", ":Mirror")):
            found["uuid"] = f"uuid-of-{args.name}"
        if args.typ.endswith(":Deployment"):
            found["urls"] = {key: f"https://{key}" for key in found["targets"]}
        return args.name, found

    def call(self, args: pulumi.runtime.MockCallArgs) -> NoReturn:
        raise AssertionError(f"no function is called, but {args.token} was")


def declared(mirrors: int) -> dict[str, Any]:
    return {
        "organisation": "Acme",
        "region": "Frankfurt",
        "plan": {"original": "Standard", "mirror": "Small"},
        "original": {"slug": "acme-main", "name": "Acme"},
        "mirrors": {f"acme-{number}": {"name": f"Acme {number}"} for number in range(mirrors)},
        "release": {"name": "2026-11"},
    }


def brought_up(mirrors: int) -> str:
    """The table of sites of an estate with so many mirrors."""
    pulumi.runtime.set_mocks(Engine(), project="estate", stack="demo", preview=False)
    found: list[str] = []

    @pulumi.runtime.test
    def program() -> Any:
        return Estate("acme", declared(mirrors)).table.apply(found.append)

    program()
    return found[0]


def callers() -> Iterator[str]:
    """The functions that are running, from the caller outwards."""
    frame = inspect.currentframe()
    while frame is not None:
        yield frame.f_code.co_name
        frame = frame.f_back


def test_a_site_costs_at_most_12_outputs_of_our_own(monkeypatch: pytest.MonkeyPatch):
    made: list[int] = []
    track = pulumi.Output._track

    def tracked(output: Any) -> None:
        # The SDK makes some for each property of a resource, and more while it registers it.
        if {"register_resource", "do_register"}.isdisjoint(callers()):
            made.append(1)
        track(output)

    monkeypatch.setattr(pulumi.Output, "_track", tracked)

    def ours(mirrors: int) -> int:
        made.clear()
        brought_up(mirrors)
        return len(made)

    few, some, many = ours(2), ours(12), ours(22)
    assert 10 <= some - few <= 10 * 12, "each site has a SITE_ID at least"
    assert many - some <= some - few + 10, "it grows with the sites, not faster"


def test_the_table_of_sites_tells_other_stacks_ids_and_addresses():
    table = rows(brought_up(1))
    assert table["acme-0"] == {
        "site": "acme-0",
        "site_id": "2",
        "application": "uuid-of-acme-0",
        "test": "https://acme-0/test",
        "live": "https://acme-0/live",
    }
    assert list(table) == ["acme-main", "acme-0"]
