"""Which image a deployment runs."""

from __future__ import annotations

import pytest


def test_an_image_is_built_once_per_commit_unless_forced(estate, divio):
    estate.application("acme-main")
    divio.deploy("acme-main", "test")
    divio.deploy("acme-main", "live")
    first = estate.image("acme-main", "test")
    assert estate.image("acme-main", "live") == first
    divio.push("acme-main")
    divio.deploy("acme-main", "live", "ADOPT")
    assert estate.image("acme-main", "live") == first
    divio.deploy("acme-main", "test")
    second = estate.image("acme-main", "test")
    assert second != first
    divio.deploy("acme-main", "live")
    assert estate.image("acme-main", "live") == second
    divio.deploy("acme-main", "live", "FORCE")
    assert estate.image("acme-main", "live") not in (first, second)


def test_there_is_nothing_to_adopt_before_the_first_image(estate, divio):
    estate.application("acme-main")
    failed = divio.finished(divio.start_deployment("acme-main", "test", "ADOPT")["uuid"])
    assert failed["success"] is False
    assert "no image to adopt" in estate.log("acme-main", "test")


@pytest.mark.parametrize("build_mode", ["AUTO", "ADOPT", "FORCE"])
def test_a_mirror_runs_the_image_of_its_originals_live(estate, divio, build_mode):
    original = estate.original()
    estate.mirror("acme-shop", original)
    live = estate.image("acme-main", "live")
    divio.push("acme-main")
    divio.deploy("acme-main", "test")
    for environment in ("test", "live"):
        divio.deploy("acme-shop", environment, build_mode)
        assert estate.image("acme-shop", environment) == live
    divio.deploy("acme-main", "live")
    divio.site("acme-main", "live", deployment="fail")
    divio.finished(divio.start_deployment("acme-main", "live", "FORCE")["uuid"])
    divio.deploy("acme-shop", "test", build_mode)
    assert estate.image("acme-shop", "test") == estate.image("acme-main", "live") != live


def test_a_mirror_of_an_original_without_live_fails_and_says_why(estate, divio):
    original = estate.application("acme-main")
    divio.deploy("acme-main", "test")
    estate.mirror("acme-shop", original)
    assert divio.finished(divio.start_deployment("acme-shop", "test")["uuid"])["success"] is False
    assert "the Live environment of acme-main was never deployed" in estate.log("acme-shop", "test")


def test_a_mirror_in_another_region_is_made_but_its_deployment_fails(estate, divio):
    original = estate.original()
    estate.mirror("acme-shop", original, region=estate.regions["Ireland"])
    assert divio.finished(divio.start_deployment("acme-shop", "live")["uuid"])["success"] is False
    assert "another region" in estate.log("acme-shop", "live")
