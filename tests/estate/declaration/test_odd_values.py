"""Whatever stands after a key that tells how a release travels: it is a declaration, or it is told in sentences."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.json_schema import schema
from divio_provider.estate.declaration.parser import declare
from divio_provider.estate.declaration.yaml_source import Unquoted
from divio_provider.estate.health.checks import of_file
from divio_provider.estate.planning.waves import waves
from tests.estate.declarations import data

PLACES = [
    ("mirrors", "acme-blog", "groups"),
    ("mirrors", "acme-blog", "hold"),
    ("mirrors",),
    ("release",),
    ("redeploy",),
    ("rollout",),
    ("rollout", "connections"),
    ("rollout", "waves"),
    ("rollout", "waves", 0),
    ("rollout", "waves", 0, "sites"),
]
WORDS = ["rest", "acme-blog", "retail", "expand", "contract", "2026-12-01", "test", "", " "]
KEYS = [
    "name",
    "sites",
    "reason",
    "until",
    "phase",
    "config",
    "per_site",
    "limit",
    "acme-blog",
    "max_parallel",
    "",
    "x",
]
PLAIN = st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS)
ODD = PLAIN | st.floats() | st.dates() | st.datetimes() | st.just(Unquoted("no", "true or false"))


def any_of(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
        max_leaves=6,
    )


def declared(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made: Any = data(rollout={"waves": [{"name": "a", "sites": "rest"}]})
    at = made
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    return dict(made)


@pytest.mark.parametrize("place", PLACES, ids=str)
@settings(max_examples=40)
@given(value=any_of(ODD))
def test_no_value_is_a_traceback(place: tuple[Any, ...], value: Any):
    try:
        spec = declare(declared(place, value))
    except SpecError:
        return
    assert sorted(slug for wave in waves(spec) for slug in wave.sites) == sorted(spec.mirrors)
    of_file(spec, date(2026, 12, 2))


VALIDATOR = Draft202012Validator(schema())


@pytest.mark.parametrize("place", PLACES, ids=str)
@settings(max_examples=40)
@given(value=any_of(PLAIN))
def test_an_editor_accepts_what_the_reader_accepts(place: tuple[Any, ...], value: Any):
    made = declared(place, value)
    try:
        declare(made)
    except SpecError:
        return
    assert [error.message for error in VALIDATOR.iter_errors(made)] == []
