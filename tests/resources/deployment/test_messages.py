"""What a preview says of a step: which sites it is going to look at, and why."""

from typing import Any

from divio_provider.resources.deployment.messages import plan_line

SHOP = {"site": "acme-shop", "environment": "live", "change": {"number": 1}}
BEFORE: dict[str, Any] = {"name": "live-rest", "kind": "mirrors", "targets": {"acme-shop/live": SHOP}}


def test_a_step_whose_inputs_are_as_before_says_nothing():
    assert plan_line(BEFORE, BEFORE) == ""


def test_new_and_changed_sites_are_said_with_the_reason():
    blog, changed = {**SHOP, "site": "acme-blog"}, {**SHOP, "change": {"number": 2}}
    after = {**BEFORE, "targets": {"acme-shop/live": changed, "acme-blog/live": blog}}
    assert plan_line(BEFORE, after) == "live-rest: acme-blog (is new), acme-shop (its variables change)"


def test_a_release_is_the_reason_and_a_stop_is_said_instead():
    after = {**BEFORE, "release": "2026-12"}
    assert plan_line(BEFORE, after) == "live-rest: acme-shop (for release 2026-12)"
    stopped = {**after, "stop": "waits, because until is canary"}
    assert plan_line(BEFORE, stopped) == "live-rest: waits, because until is canary"
