"""The world as a whole: copied, replaced, used by many at once."""

from __future__ import annotations

import json

import pytest


def test_a_world_posted_back_is_the_same_world(estate, divio):
    estate.full()
    world = divio.world()
    divio.replace_world(json.loads(json.dumps(world)))
    assert divio.world() == world
    assert divio.application("acme-shop")
    assert all(world.values())


@pytest.mark.parametrize(
    "data",
    [
        {"sites": []},
        {"users": {}},
        {"users": [1]},
        {"users": [{"name": "x"}]},
        {"users": [{"uuid": "x"}]},
        {"mirrors": []},
        {"services": [{"uuid": "x", "name": "", "type": "", "description": "", "identifier": "", "region": "nowhere"}]},
    ],
)
def test_what_is_no_world_changes_nothing(estate, divio, data):
    estate.full()
    before = divio.world()
    assert divio.call("POST", "/_emulator/world", data).status_code == 400
    assert divio.world() == before
