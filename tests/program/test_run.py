"""The order of a release that a preview shows, and what every run says."""

from __future__ import annotations

from datetime import date
from typing import Any

from divio_provider.estate.declaration.parser import declare
from divio_provider.estate.health.checks import of_file
from divio_provider.program.deployment_steps import order

ESTATE: dict[str, Any] = {
    "organisation": "Acme",
    "region": "Frankfurt",
    "plan": {"original": "Standard", "mirror": "Small"},
    "original": {"slug": "acme-main", "name": "Acme"},
    "mirrors": {slug: {"name": slug} for slug in ("acme-blog", "acme-shop", "acme-news")},
    "rollout": {"waves": [{"name": "canary", "sites": ["acme-blog"]}, {"name": "rest", "sites": "rest"}]},
    "release": {"name": "2026-11", "phase": "contract"},
}


def test_the_order_shows_phase_waves_and_where_it_stops():
    spec = declare(ESTATE)
    assert order(spec) == (
        "release 2026-11 (contract): 1. acme-main Test, 2. acme-main Live, 3. the mirrors' Tests (3), "
        "4. canary (acme-blog), 5. rest (acme-shop, acme-news)"
    )
    assert order(spec, "canary").endswith(
        "4. canary (acme-blog), and stop (until); to go on: pulumi config rm until, then pulumi up"
    )
    assert order(spec, "rest") == order(spec), "nothing is left out behind the last wave"
    assert order(declare({**ESTATE, "release": None})) == ""


def test_a_long_wave_is_shortened():
    many = {f"site-{number}": {"name": "Site"} for number in range(9)}
    assert order(declare({**ESTATE, "mirrors": many, "rollout": {}})).endswith(
        "4. rest (site-0, site-1, site-2, site-3 and 5 more)"
    )


def test_a_hold_is_said_and_after_its_day_asked_for():
    held = {"name": "News", "hold": {"reason": "broken theme", "until": "2026-12-01"}}
    spec = declare({**ESTATE, "mirrors": {**ESTATE["mirrors"], "acme-news": held}})
    [held_now] = of_file(spec, date(2026, 12, 1))
    assert held_now.sentence == "acme-news: is on hold: broken theme, until 2026-12-01"
    [overdue] = of_file(spec, date(2026, 12, 2))
    said = "acme-news: is still on hold (broken theme), and 2026-12-01 is over; remove the hold"
    assert overdue.sentence.startswith(said)


def test_too_many_connections_are_said():
    crowded = {**ESTATE["rollout"], "connections": {"limit": 20, "per_site": 4}}
    [warning] = of_file(declare({**ESTATE, "rollout": crowded}), date(2026, 12, 1))
    assert "20" in warning.sentence
