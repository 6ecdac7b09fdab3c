"""The JSON Schema and the reader are of one mind."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from divio_provider.estate.declaration.json_schema import schema
from divio_provider.estate.declaration.parser import declare
from tests.estate.declaration.test_problems import ONE_MISTAKE
from tests.estate.declarations import data, said

STACKS = Path(__file__).parents[3] / "stacks"
VALIDATOR = Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)

EVERYTHING = data(
    original={
        "slug": "acme-main",
        "name": "Acme",
        "site_id": 3,
        "services": {"DATABASE": "postgres", "DATABASE/REPLICA": "postgres"},
        "repository": "git@example.org:acme.git",
        "branch": {"test": "develop", "live": "main"},
        "app_template": "https://example.org/template.zip",
        "release_commands": [{"label": "migrate", "command": "python manage.py migrate"}],
        "domains": ["acme.example"],
        "variables": {"A": "text", "B": 7, "C": -7, "D": {"secret": True}, "E": {"secret": "some.key"}, "F": ""},
        "test": {"variables": {"A": 1}},
        "live": {},
    },
    mirrors={
        "acme-shop": {
            "name": "x",
            "site_id": 7,
            "retain": True,
            "ownership": "exclusive",
            "groups": ["retail"],
            "hold": {"reason": "broken theme", "until": "2026-12-01"},
        }
    },
    retired={"gone": {"site_id": 4}, "acme-was": {"site_id": 7, "successor": "acme-shop"}},
    reserved=[5],
    shared_variables=["DATABASE_URL"],
    variables={"A": 1},
    test={"variables": {"A": {"secret": True}}},
    live={"variables": {"A": 1}, "shared": {"DATABASE_URL": {"secret": "liveDatabaseUrl"}}},
    identity_variables=True,
    rollout={
        "waves": [{"name": "a", "sites": ["acme-shop"], "max_parallel": 1}, {"name": "b", "sites": "rest"}],
        "max_failures": 1,
        "timeout": "60m",
        "verify": {"path": "/x", "status": 204, "text": "y", "timeout": 5, "auth": {"secret": "k"}, "identity": True},
        "connections": {"limit": 60, "per_site": 4},
    },
    release={"name": "2026-11", "phase": "contract"},
    redeploy={"acme-shop": 2, "acme-main": "again"},
    **{"x-mine": [1, {"a": None}]},
)


def test_the_committed_schema_is_the_one_that_the_models_give():
    """Red? `divio-estate schema --write stacks/estate.schema.json` writes it again."""
    assert json.loads((STACKS / "estate.schema.json").read_text()) == schema()


def test_it_is_a_schema():
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize(
    "declared",
    [
        EVERYTHING,
        data(),
        data(mirrors={}),
        data(mirrors=None, variables=None, test=None, retired=None, reserved=None, rollout=None, release=None),
        data(original={"slug": "x", "name": "y", "domains": None, "services": None, "branch": None, "site_id": None}),
        data(rollout={"timeout": 90, "waves": None, "verify": None, "connections": None}, redeploy=None),
        data(
            rollout={"waves": [{"name": "a", "sites": "acme-shop"}, {"name": "b", "sites": ["retail"]}]},
            mirrors={"acme-shop": {"name": "x", "groups": None}, "acme-blog": {"name": "y", "groups": ["retail"]}},
        ),
        yaml.safe_load((STACKS / "estate.yaml").read_text()),
    ],
)
def test_what_the_reader_accepts_the_schema_accepts(declared):
    declare(declared)
    assert [error.message for error in VALIDATOR.iter_errors(declared)] == []


# What only the file as a whole, or its text, can tell.
BETWEEN_VALUES = {
    "duplicate pin", "pin that is the original's", "pin that is the original's pin", "pin that is reserved",
    "pin that a retired site had", "site that is retired and declared", "original that is retired",
    "successor that is no mirror", "successor with another id", "successor of two", "one id retired twice",
    "one id reserved twice", "the original's id reserved",
    "mirror named like the original", "site in two waves", "site twice in a wave", "site in no wave",
    "unknown site in a wave", "original in a wave",
    "site and its group in two waves", "group in two waves", "group that no mirror is in", "rest in a list",
    "group called like a site", "group called like its own site", "group twice", "wave of everything",
    "hold until a day that is none", "mark for no site", "wave of an unquoted no",
    "duplicate wave name", "two waves that take the rest",
    "shared variable by hand", "shared variable by hand for all", "variable shared by choice and declared",
    "shared twice", "one domain on two sites", "one domain twice", "one service twice", "one label twice",
    "unquoted no as a name", "shared value of what is not shared", "one shared value for Test and Live",
    "nested without end", "number without end",
    "duplicate key", "duplicate site", "alias in itself", "tag", "list as a key", "not YAML", "two documents", "tabs",
    "empty", "comments alone",
}  # fmt: skip


@pytest.mark.parametrize("mistake", sorted(ONE_MISTAKE.keys() - BETWEEN_VALUES))
def test_what_a_single_value_tells_the_schema_refuses(mistake):
    text, _ = ONE_MISTAKE[mistake]
    assert said(text)
    assert list(VALIDATOR.iter_errors(yaml.load(text, Loader=CoreLoader)))


class CoreLoader(yaml.SafeLoader):
    """Reads scalars as editors do (YAML 1.2): yes is a word, 1:30 as well."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^-?[0-9]+$", "-0123456789"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
]:
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def test_an_editor_can_explain_every_key():
    made = schema()
    for name, part in [("", made), *made["$defs"].items()]:
        for key, field in part.get("properties", {}).items():
            # Pydantic leaves out a description that says the same as that of the model it leads to.
            assert field.get("description") or "$defs" in str(field), f"{name}.{key}"


@pytest.mark.parametrize("part", ["", *schema()["$defs"]])
def test_no_object_takes_an_unknown_key(part):
    made = schema()
    assert (made["$defs"][part] if part else made)["additionalProperties"] is False
