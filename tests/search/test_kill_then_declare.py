"""A search over kills at any request, after which something else is declared: the next run ends level all the same."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import pytest

from tests.search.interceptor import Kill, Phase
from tests.search.scene import BLOG, NEWS, Scene
from tests.search.test_interleaving import SITUATIONS, requests_of

PHASES: tuple[Phase, Phase] = ("before", "after")


def another_variable(scene: Scene) -> None:
    scene.spec["mirrors"][BLOG]["variables"]["THEME"] = "other"
    scene.spec["variables"]["LANGUAGE_CODE"] = "fr"


def a_variable_less(scene: Scene) -> None:
    scene.spec["mirrors"][BLOG]["variables"] = {}


def a_site_retired(scene: Scene) -> None:
    del scene.spec["mirrors"][BLOG]
    scene.spec["retired"] = {**scene.spec.get("retired", {}), BLOG: {}}
    another_wave(scene)


def another_wave(scene: Scene) -> None:
    scene.spec["rollout"] = {"waves": [{"name": "all", "sites": "rest", "max_parallel": 1}]}


def another_order(scene: Scene) -> None:
    scene.spec["mirrors"] = dict(reversed(scene.spec["mirrors"].items()))


def a_site_in_front(scene: Scene) -> None:
    scene.spec["mirrors"] = {NEWS: {"name": "News"}, **scene.spec["mirrors"]}


def another_domain(scene: Scene) -> None:
    scene.spec["mirrors"][BLOG]["domains"] = ["other.acme.example", "blog.acme.example"]


def another_name(scene: Scene) -> None:
    scene.spec["original"]["name"] = "Another"
    scene.spec["mirrors"][BLOG]["name"] = "Another Blog"


def nothing_else(scene: Scene) -> None:
    """The same again."""


NEXT: tuple[Callable[[Scene], None], ...] = (
    another_variable,
    a_site_retired,
    another_order,
    a_variable_less,
    another_wave,
    a_site_in_front,
    another_domain,
    another_name,
    nothing_else,
)


def kill_and_declare(scene: Scene, situation: str, kill: Kill, edit: Callable[[Scene], None]) -> None:
    """Kills a run, declares something else, and runs it to its end."""
    SITUATIONS[situation](scene)
    scene.counts["cases"] += 1
    assert scene.up(kill=kill).killed
    edit(scene)
    case = f"{situation}, killed {kill.phase} request {kill.request}, then {edit.__name__}"
    run = scene.up()
    assert run.succeeded, f"{case}: {run}"
    assert scene.engine.state.unfinished == {}, case
    assert scene.is_level() == [], case
    for refresh in (False, True):
        again = scene.up(refresh=refresh)
        assert (again.succeeded, again.writes, again.steps) == (True, 0, []), f"{case}, once more: {again}"


def search(scene: Scene, every: int, offset: int = 0, situations: Iterable[str] = SITUATIONS) -> None:
    """Kills each situation at every n-th request, and then declares one of the others by turns."""
    scene.counts.clear()
    turns = itertools.cycle(itertools.product(PHASES, NEXT))
    try:
        for situation in situations:
            for request in range(1 + offset, requests_of(scene, situation) + 1, every):
                phase, edit = next(turns)
                kill_and_declare(scene, situation, Kill(request, phase), edit)
    finally:
        print(f"\nkill, then another declaration: {dict(scene.counts)}")


def test_a_killed_run_and_another_declaration_end_level(scene: Scene):
    search(scene, every=97, offset=40, situations=["first up", "change"])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_killed_at_any_request_and_another_declaration_end_level(scene: Scene):
    search(scene, every=11, offset=4)
