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


def test_an_organisation_and_a_region_are_renamed_and_keep_their_ids(estate, divio):
    application = estate.application("acme-main")
    divio.rename_organisation("Acme", "Acme AG")
    divio.rename_region("Frankfurt", "Frankfurt 1")
    assert divio.get(f"/iam/v3/organisations/{estate.organisation}/")["name"] == "Acme AG"
    assert divio.get(f"/apps/v3/regions/{estate.regions['Frankfurt']}/")["name"] == "Frankfurt 1"
    assert divio.application("acme-main") == application


def test_one_mirrors_relation_is_hidden_and_shown_again(estate, divio):
    original = estate.original()
    shop, blog = estate.mirror("acme-shop", original), estate.mirror("acme-blog", original)
    divio.hide_relation("acme-shop")
    hidden = {field: value for field, value in shop.items() if field != "mirror_of"}
    assert divio.get(f"/apps/v3/applications/{shop['uuid']}/") == hidden
    assert divio.all("/apps/v3/applications/") == [original | divio.application("acme-main"), hidden, blog]
    divio.deploy("acme-shop", "live")
    assert estate.image("acme-shop", "live") == estate.image("acme-main", "live")
    divio.hide_relation("acme-shop", hidden=False)
    assert divio.application("acme-shop")["mirror_of"] == original["uuid"]


def test_a_mirror_becomes_a_plain_application_and_keeps_what_it_has(estate, divio):
    original = estate.original()
    mirror = estate.mirror("acme-shop", original)
    divio.set_variable("acme-shop", "live", "SITE_ID", "2")
    divio.make_plain("acme-shop")
    assert divio.application("acme-shop") == mirror | {"mirror_of": None}
    assert divio.variables("acme-shop", "live") == {"SITE_ID": "2"}
    divio.delete(f"/apps/v3/applications/{original['uuid']}/")
    divio.deploy("acme-shop", "live")
    assert estate.image("acme-shop", "live").startswith("acme-shop:")


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ("sites/acme-shop", {"slug": "x"}),
        ("applications/nobody", {"name": "x"}),
        ("applications/acme-shop", {"nmae": "x"}),
        ("applications/acme-shop", {"uuid": "x"}),
        ("applications/acme-shop", {"slug": "acme-main"}),
        ("applications/acme-shop", {"organisation": "nobody"}),
        ("applications/acme-shop", {}),
        ("organisations/Acme", {"name": None}),
        ("environments/live", {"branch": "x"}),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(estate, divio, row, columns):
    estate.full()
    before = divio.world()
    assert divio.call("PATCH", f"/_emulator/world/{row}", columns).status_code == 400
    assert divio.world() == before
