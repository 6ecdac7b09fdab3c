"""A search over somebody else's writes between two of our requests: no run may end well on what they broke.

What somebody writes between our last look and the request that starts a deployment cannot be prevented. Then the run has
to fail, and the next one has to put it right or to refuse.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import pytest

from tests.local_divio import LocalDivio
from tests.search.interceptor import Sent
from tests.search.scene import BLOG, MAIN, SHOP, Scene

Situation = Callable[[Scene], None]
Write = Callable[[LocalDivio], object]


def first_up(scene: Scene) -> None:
    scene.back_to_nothing()


def change(scene: Scene) -> None:
    scene.back_to_start()
    scene.spec["variables"]["LANGUAGE_CODE"] = "de"
    scene.spec["mirrors"][BLOG]["variables"]["THEME"] = "new"


def release(scene: Scene) -> None:
    scene.back_to_start()
    scene.spec["release"] = {"name": "2026-11"}


def retire(scene: Scene) -> None:
    scene.back_to_start()
    del scene.spec["mirrors"][SHOP]
    scene.spec["retired"] = {SHOP: {}}
    scene.spec["variables"]["LANGUAGE_CODE"] = "de"


SITUATIONS: dict[str, Situation] = {"first up": first_up, "change": change, "release": release, "retire": retire}


def _on_every_mirror(change: Callable[[LocalDivio, str, str], object]) -> Write:
    """The same on each environment of those that are there."""

    def write(divio: LocalDivio) -> None:
        for slug in (BLOG, SHOP):
            for where in ("test", "live"):
                if divio.application(slug) is not None:
                    change(divio, slug, where)

    return write


def _delete(name: str) -> Write:
    return _on_every_mirror(lambda divio, slug, where: divio.delete_variable(slug, where, name))


def _set(name: str, value: str) -> Write:
    return _on_every_mirror(lambda divio, slug, where: divio.set_variable(slug, where, name, value))


def _replace_dsn(divio: LocalDivio, slug: str, where: str) -> None:
    """Deleted and added again, so that its value is shown."""
    divio.delete_variable(slug, where, "DATABASE_URL")
    divio.set_variable(slug, where, "DATABASE_URL", "postgres://a:secret@elsewhere/b")


def _delete_mirror(slug: str) -> Write:
    return lambda divio: divio.delete(f"/apps/v3/applications/{divio.application(slug)['uuid']}/")


def _make_stranger(slug: str) -> Write:
    """A plain application in a mirror's place."""

    def write(divio: LocalDivio) -> None:
        old, original = divio.application(slug), divio.application(MAIN)
        if old is not None:
            divio.delete(f"/apps/v3/applications/{old['uuid']}/")
        body = {key: original[key] for key in ("organisation", "region", "plan_group")}
        divio.post("/apps/v3/applications/", {**body, "slug": slug, "name": "Stranger"})

    return write


def _rotate(where: str) -> Write:
    def write(divio: LocalDivio) -> None:
        divio.rotate(MAIN, where)
        divio.deploy(MAIN, where, "ADOPT")

    return write


WRITES: dict[str, Write] = {
    "the SITE_IDs are deleted": _delete("SITE_ID"),
    "a mirror is deployed": lambda divio: divio.deploy(SHOP, "live"),
    "the DSNs are replaced": _on_every_mirror(_replace_dsn),
    "a variable is deleted": _delete("LANGUAGE_CODE"),
    "a stranger takes a slug": _make_stranger(BLOG),
    "the SITE_IDs become another site's": _set("SITE_ID", "77"),
    "the original is deployed": lambda divio: divio.deploy(MAIN, "live"),
    "the DSNs are deleted": _delete("DATABASE_URL"),
    "a mirror is deleted": _delete_mirror(BLOG),
    "a variable is changed": _set("LANGUAGE_CODE", "xx"),
    "the password is rotated": _rotate("live"),
    "a mirror is made": lambda divio: divio.make_mirror(MAIN, SHOP),
    "a mirror's deployment is started": lambda divio: divio.start_deployment(SHOP, "test"),
}


def requests_of(scene: Scene, situation: str) -> int:
    """How many requests its run takes when nobody disturbs it."""
    SITUATIONS[situation](scene)
    run = scene.up()
    assert run.succeeded, run
    return run.requests


def interleave(scene: Scene, situation: str, write: str, request: int) -> None:
    """One write by somebody else before our request with this number."""
    SITUATIONS[situation](scene)
    scene.counts["cases"] += 1

    def between(sent: Sent) -> bool:
        if sent.number != request:
            return False
        try:
            WRITES[write](scene.divio)
        except (AssertionError, TypeError):  # there is no such site yet, or Divio does not let them
            scene.counts["writes refused"] += 1
        return True

    scene.up(between=between)
    again = scene.up(refresh=True)
    if again.succeeded and not scene.engine.state.unfinished:
        scene.counts["cases put right"] += 1
        assert scene.is_level() == [], f"{situation}, before request {request} {write}: {again}"


def search(scene: Scene, every: int, offset: int = 0, situations: Iterable[str] = SITUATIONS) -> None:
    """One of the writes before every n-th request of each situation, by turns."""
    scene.counts.clear()
    turns = itertools.cycle(list(WRITES)[offset:] + list(WRITES)[:offset])
    try:
        for situation in situations:
            for request in range(1 + offset, requests_of(scene, situation) + 1, every):
                interleave(scene, situation, next(turns), request)
    finally:
        print(f"\ninterleaving: {dict(scene.counts)}")


def test_a_write_by_somebody_else_at_any_moment_ends_no_run_well(scene: Scene):
    search(scene, every=97, offset=31, situations=["first up", "change"])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_write_by_somebody_else_between_two_requests_ends_no_run_well(scene: Scene):
    search(scene, every=7, offset=3)
