"""The searches' own ground: without an edit the estate is level, and a second run does nothing."""

from __future__ import annotations

from tests.search.scene import Scene


def test_the_estate_of_the_searches_is_level(scene: Scene):
    scene.back_to_start()
    assert scene.is_level() == []
    for refresh in (False, True):
        run = scene.up(refresh=refresh)
        assert (run.succeeded, run.writes, run.steps) == (True, 0, []), run


def test_a_new_state_takes_over_what_is_equal(scene: Scene):
    scene.back_to_start()
    run = scene.up(engine=scene.second_stack())
    assert (run.succeeded, run.writes) == (True, 0), run
