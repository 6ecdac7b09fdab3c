"""What an environment is given: the nearest declaration wins, and nothing that is the estate's own is in it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from divio_provider.estate.declaration.errors import dotted
from divio_provider.estate.declaration.parser import parse
from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.planning.variables import (
    SecretRef,
    missing_secret,
    secrets_of,
    shared_secrets,
    variables_of,
)
from tests.estate.declarations import FILE, FINE, spec, with_lines

LEVELS = ("all", "environment", "site", "site's environment")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("slug", ["acme-main", "acme-shop"])
@pytest.mark.parametrize("levels", [levels for n in range(5) for levels in itertools.combinations(LEVELS, n)])
def test_the_nearest_declaration_wins(slug, environment, levels):
    of = {level: {"variables": {"WHOSE": level}} if level in levels else {} for level in LEVELS}
    site = {"name": "x", **of["site"], environment: of["site's environment"]}
    estate = spec(
        original={"slug": "acme-main", **(site if slug == "acme-main" else {"name": "x"})},
        mirrors={"acme-shop": site if slug == "acme-shop" else {"name": "x"}},
        **of["all"],
        **{environment: of["environment"]},
    )
    assert variables_of(estate, slug, environment).get("WHOSE") == (levels[-1] if levels else None)


def test_an_environment_is_not_given_the_other_one_s_variables():
    estate = spec(test={"variables": {"A": "test"}}, live={"variables": {"B": "live"}})
    assert variables_of(estate, "acme-blog", "test") == {"A": "test"}
    assert variables_of(estate, "acme-blog", "live") == {"B": "live"}


def test_a_site_can_be_told_who_it_is():
    estate = spec(identity_variables=True)
    assert variables_of(estate, "acme-main", "test") == {"ESTATE_SLUG": "acme-main", "ESTATE_ROLE": "original"}
    assert variables_of(estate, "acme-blog", "live") == {"ESTATE_SLUG": "acme-blog", "ESTATE_ROLE": "mirror"}


def test_a_successor_is_told_whose_row_it_carries_on():
    was = {"blog-was": {"site_id": 4, "successor": "blog-old"}, "blog-old": {"site_id": 4, "successor": "acme-blog"}}
    mirrors = {"acme-blog": {"name": "Blog", "site_id": 4}}
    estate = spec(identity_variables=True, mirrors=mirrors, retired=was)
    assert estate.predecessors("acme-blog") == ("blog-old", "blog-was")
    assert variables_of(estate, "acme-blog", "live")["ESTATE_PREDECESSOR"] == "blog-old"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_release_is_put_on_the_original_alone(environment):
    estate = spec(release={"name": "2026-11"})
    assert variables_of(estate, "acme-main", environment) == {"ESTATE_RELEASE": "2026-11"}
    assert variables_of(estate, "acme-blog", environment) == {}


def test_an_original_may_bring_its_own_database():
    estate = spec(original={"slug": "acme-main", "name": "x", "variables": {"DATABASE_URL": {"secret": "own"}}})
    assert variables_of(estate, "acme-main", "live") == {"DATABASE_URL": SecretRef("own")}
    assert variables_of(estate, "acme-blog", "live") == {}


def test_a_secret_is_kept_under_the_place_of_its_declaration():
    secret = {"variables": {"S": {"secret": True}}}
    assert variables_of(spec(**secret), "acme-blog", "test")["S"] == SecretRef("secrets.all.S")
    assert variables_of(spec(live=secret), "acme-blog", "live")["S"] == SecretRef("secrets.live.S")
    for site in (secret, {"test": secret}):
        estate = spec(mirrors={"acme-blog": {"name": "x", **site}})
        assert variables_of(estate, "acme-blog", "test")["S"] == SecretRef("secrets.acme-blog.S")


def test_every_secret_that_is_needed_is_listed():
    estate = spec(
        variables={"S": {"secret": True}, "T": {"secret": "shared.t"}},
        mirrors={
            "acme-blog": {"name": "x", "variables": {"S": "open"}, "live": {"variables": {"U": {"secret": True}}}}
        },
    )
    assert [(dotted(path), environment, key) for path, environment, key in secrets_of(estate)] == [
        ("variables.S", "test", "secrets.all.S"),
        ("variables.T", "test", "shared.t"),
        ("variables.S", "live", "secrets.all.S"),
        ("variables.T", "live", "shared.t"),
        ("variables.T", "test", "shared.t"),
        ("variables.T", "live", "shared.t"),
        ("mirrors.acme-blog.live.variables.U", "live", "secrets.acme-blog.U"),
    ]


def test_secrets_that_are_no_variables_are_needed_as_well():
    estate = spec(
        live={"shared": {"DATABASE_URL": {"secret": True}}}, rollout={"verify": {"auth": {"secret": "basicAuth"}}}
    )
    assert [(dotted(path), environment, key) for path, environment, key in secrets_of(estate)] == [
        ("rollout.verify.auth.secret", "test", "basicAuth"),
        ("live.shared.DATABASE_URL", "live", "secrets.live.DATABASE_URL"),
        ("rollout.verify.auth.secret", "live", "basicAuth"),
    ]


def test_a_missing_secret_is_told_with_its_line_and_the_command_that_sets_it():
    text = with_lines("    variables:\n      A: b\n      SMTP_PASSWORD: {secret: true}", after="    name: Acme Blog")
    estate = parse(text, FILE)
    (needed, _) = secrets_of(estate)
    assert str(missing_secret(estate, needed)) == (
        "stacks/estate.yaml:12: mirrors.acme-blog.variables.SMTP_PASSWORD: the stack has no secret "
        "secrets.acme-blog.SMTP_PASSWORD; set it: pulumi config set --secret --path 'secrets.acme-blog.SMTP_PASSWORD'"
    )


def test_a_secret_is_asked_for_where_it_is_declared_nearest():
    estate = parse(FINE + "variables: {A: {secret: a}}\nlive: {variables: {A: {secret: b}}}\n", FILE)
    blogs = [(dotted(path), environment) for path, environment, _ in secrets_of(estate)][-2:]
    assert blogs == [("variables.A", "test"), ("live.variables.A", "live")]


def test_a_slug_that_is_no_site_has_no_variables():
    with pytest.raises(KeyError):
        variables_of(spec(), "acme-news", "test")


@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True), st.text(max_size=20) | st.integers()))
def test_values_arrive_as_they_were_declared(variables):
    variables = {f"V_{name}": value for name, value in variables.items()}
    assert variables_of(spec(variables=variables), "acme-blog", "test") == {
        name: str(value) for name, value in sorted(variables.items())
    }


def test_a_shared_secret_is_that_of_its_environment_alone():
    estate = spec(live={"shared": {"DATABASE_URL": {"secret": "liveDatabaseUrl"}}})
    assert shared_secrets(estate, "live") == {"DATABASE_URL": SecretRef("liveDatabaseUrl")}
    assert shared_secrets(estate, "test") == {}
