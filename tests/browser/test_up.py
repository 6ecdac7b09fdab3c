"""The page while `pulumi up` works, with the real CLI: what a person watches during a rollout."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.browser.conftest import PHONE, WIDE, Page
from tests.engine.estates import NewProject

STANDING = """
return Object.fromEntries([...document.querySelectorAll("main .row")].map((row) => [
  row.dataset.slug,
  [...row.querySelectorAll("a.cell")].map((cell) => {
    const bar = cell.querySelector("progress");
    return bar && !bar.hidden ? bar.value : cell.innerText.includes("deployed ") ? "deployed" : "";
  }),
]));
"""
"""For each site its Test and its Live: how far the deployment is, `deployed`, or nothing."""

CANARY, REST = "acme-blog", {"acme-shop", "acme-news"}


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.timeout(600)
def test_the_waves_of_an_up_move_on_the_page(open_page: Callable[..., Page], new_project: NewProject):
    page = open_page(deploy_seconds=1.5)
    project = new_project(page.divio)
    project.add_stack("demo")
    page.driver.get(page.divio.url)
    page.run("window.unchanged = true")
    up = project.start("up", "--stack", "demo", "--yes", "--skip-preview")
    moving: list[frozenset[tuple[str, str]]] = []
    seen: dict[tuple[str, str], list[float]] = {}
    sizes = [WIDE, PHONE]
    while up.poll() is None:
        page.size(*sizes[len(moving) % 2])
        shown = page.run(STANDING)
        assert page.run("return document.documentElement.scrollWidth <= window.innerWidth")
        now = {
            (slug, name): value
            for slug, cells in shown.items()
            for name, value in zip(("test", "live"), cells, strict=True)
            if isinstance(value, int | float)
        }
        for place, value in now.items():
            seen.setdefault(place, []).append(value)
        if now and (not moving or moving[-1] != frozenset(now)):
            moving.append(frozenset(now))
        time.sleep(0.05)
    assert up.returncode == 0

    everywhere = {(slug, name) for slug in ("acme-main", CANARY, *REST) for name in ("test", "live")}
    assert set(seen) == everywhere, "each deployment was seen while it ran"
    assert all(values == sorted(values) for values in seen.values()), "and never went back"
    rest = {(slug, "live") for slug in REST}
    first = {place: next(number for number, places in enumerate(moving) if place in places) for place in everywhere}
    last = {place: max(number for number, places in enumerate(moving) if place in places) for place in everywhere}
    assert any(rest <= places for places in moving), "a wave's sites move together"
    assert last[CANARY, "live"] < min(first[place] for place in rest), "the canary before the others"
    assert last["acme-main", "live"] < min(first[slug, "test"] for slug in (CANARY, *REST)), "the original before all"

    page.size(*WIDE)
    page.until(lambda: all(cells == ["deployed", "deployed"] for cells in page.run(STANDING).values()))
    assert page.run("return window.unchanged") is True, "it was never loaded anew"
