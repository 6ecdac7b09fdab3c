"""A rollout that asks for more connections than a database takes is told before it begins."""

import re

from hypothesis import given
from hypothesis import strategies as st

from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.planning.connections import connections_warning
from divio_provider.estate.planning.waves import at_once_on_test, waves
from tests.estate.declarations import spec

COUNT = st.integers(1, 12)


def estate(mirrors: int, connections: dict[str, int] | None, parallel: int | None = None) -> Spec:
    wave = {"name": "others", "sites": "rest", **({"max_parallel": parallel} if parallel else {})}
    return spec(
        mirrors={f"site-{number}": {"name": "x"} for number in range(mirrors)},
        rollout={"waves": [{"name": "canary", "sites": ["site-0"]}, wave], "connections": connections},
    )


def test_without_connections_nothing_is_said():
    assert connections_warning(estate(12, None)) == ("", "")


@given(COUNT, COUNT, st.integers(1, 20), st.integers(1, 300))
def test_it_warns_exactly_where_all_sites_and_those_deployed_at_once_ask_for_more(mirrors, parallel, per_site, limit):
    declared = estate(mirrors, {"per_site": per_site, "limit": limit}, parallel)
    tests = at_once_on_test(declared) or mirrors
    asked = (1 + mirrors + max(tests, *(wave.at_once for wave in waves(declared)))) * per_site
    warning, _ = connections_warning(declared)
    assert bool(warning) == (asked > limit)
    if warning:
        assert f"ask for {asked} of the {limit}" in warning
        assert re.match(rf"{1 + mirrors} sites with \d+ of them deployed at once", warning)


@given(COUNT, COUNT)
def test_tests_go_at_the_pace_of_the_largest_wave_once_a_wave_is_held_back(mirrors, parallel):
    others = mirrors - 1
    expected = None if parallel >= others else max(parallel, 1)
    assert at_once_on_test(estate(mirrors, None, parallel)) == expected


def test_a_smaller_wave_is_a_way_out_only_where_it_helps():
    assert "a smaller max_parallel" in connections_warning(estate(12, {"per_site": 4}))[1]
    assert "no max_parallel is small enough" in connections_warning(estate(12, {"per_site": 5}))[1]
    alone = spec(mirrors={}, rollout={"connections": {"per_site": 31}})
    assert "1 sites with 1 of them deployed at once (the original) and 31 connections" in connections_warning(alone)[0]


def test_the_step_that_deploys_most_sites_at_once_is_named():
    estate = {"mirrors": {slug: {"name": slug} for slug in ("a", "b", "c", "d")}}
    assert connections_warning(spec(**estate, rollout={"connections": {"per_site": 6}})) == ("", "")
    said, _ = connections_warning(spec(**estate, rollout={"connections": {"per_site": 8}}))
    assert "5 sites with 4 of them deployed at once (mirrors' Tests) and 8 connections each ask for 72" in said
