"""What a check refuses, normalises and counts: all of it without asking anybody, so a preview shows it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from divio_provider.resources.application import ApplicationProvider
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.deployment import DeploymentProvider
from divio_provider.resources.domain import DomainProvider
from divio_provider.resources.environment_variables import EnvironmentVariablesProvider
from divio_provider.resources.mirror import MirrorProvider
from divio_provider.resources.service_instance import ServiceInstanceProvider
from divio_provider.resources.site_ids import SiteIdsProvider

UNKNOWN = pulumi.output.Unknown()

APPLICATION = {"slug": "acme-main", "name": "Acme", "organisation": "Acme", "region": "Frankfurt", "plan": "Standard"}
MIRROR = {**APPLICATION, "slug": "acme-shop", "original": "acme-main", "original_uuid": "uuid-main"}
SERVICE = {
    "site": "acme-main",
    "environment": "test",
    "application": "uuid-main",
    "region": "Frankfurt",
    "type": "DATABASE",
    "prefix": "DEFAULT",
    "service": "postgres",
}
VARIABLES: dict[str, Any] = {
    "site": "acme-shop",
    "environment": "live",
    "application": "uuid-shop",
    "original": "acme-main",
    "original_uuid": "uuid-main",
    "variables": {"SITE_ID": "3", "THEME": "shop"},
    "sensitive": [],
    "shared": ["DATABASE_URL"],
    "ownership": "owned",
}
DOMAIN = {"host": "shop.example", "site": "acme-shop", "application": "uuid-shop", "kind": "primary"}
WAVE: dict[str, Any] = {"name": "rest", "kind": "mirrors", "targets": {}, "max_failures": 0.0, "timeout": 60.0}


def check(provider: DivioProvider, news: dict[str, Any], olds: dict[str, Any] | None = None) -> dict[str, Any]:
    """The checked inputs; nothing was refused."""
    result = provider.check(olds or {}, news)
    assert [failure.reason for failure in result.failures or []] == []
    return dict(result.inputs)


def refused(provider: DivioProvider, news: dict[str, Any], olds: dict[str, Any] | None = None) -> str:
    """Why it was refused."""
    result = provider.check(olds or {}, news)
    assert result.failures
    assert all(failure.property == "" for failure in result.failures), "Pulumi prints a named property's value"
    return " ".join(failure.reason for failure in result.failures)


# -- what never changes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["slug", "region", "plan"])
@pytest.mark.parametrize(("provider", "inputs"), [(ApplicationProvider(), APPLICATION), (MirrorProvider(), MIRROR)])
def test_what_an_application_is_cannot_change_and_the_way_out_is_named(provider, inputs, name):
    olds = check(provider, inputs)
    said = refused(provider, {**inputs, name: "another"}, olds)
    assert f'{name} cannot change from "{inputs[name]}" to "another": ' in said
    assert len(said) > 80


@pytest.mark.parametrize(("provider", "inputs"), [(ApplicationProvider(), APPLICATION), (MirrorProvider(), MIRROR)])
def test_an_organisation_is_surely_another_only_by_its_id(provider, inputs):
    first, second = "crce57yucffnjhb63yldeohmru", "5dder6dmmjaojm6yykrrjkbi3u"
    olds = check(provider, {**inputs, "organisation": first})
    assert "organisation cannot change" in refused(provider, {**inputs, "organisation": second}, olds)
    assert check(provider, {**inputs, "organisation": "Acme renamed"}, olds)["organisation"] == "Acme renamed"


@pytest.mark.parametrize("name", ["site", "environment", "type", "prefix", "service"])
def test_what_holds_data_is_never_replaced(name):
    olds = check(ServiceInstanceProvider(), SERVICE)
    said = refused(ServiceInstanceProvider(), {**SERVICE, name: "another"}, olds)
    assert f"{name} cannot change" in said
    assert "move the data" in said


def test_a_mirror_keeps_its_original():
    olds = check(MirrorProvider(), MIRROR)
    assert "a mirror keeps its original" in refused(MirrorProvider(), {**MIRROR, "original": "acme-other"}, olds)


@pytest.mark.parametrize(
    ("provider", "inputs"),
    [
        (ApplicationProvider(), APPLICATION),
        (MirrorProvider(), MIRROR),
        (ServiceInstanceProvider(), SERVICE),
    ],
)
def test_what_is_not_known_yet_is_no_change(provider, inputs):
    olds = check(provider, inputs)
    check(provider, dict.fromkeys(inputs, UNKNOWN), olds)


@pytest.mark.parametrize(
    ("provider", "inputs"),
    [
        (ApplicationProvider(), APPLICATION),
        (MirrorProvider(), MIRROR),
        (ServiceInstanceProvider(), SERVICE),
        (EnvironmentVariablesProvider(), VARIABLES),
        (DomainProvider(), DOMAIN),
        (DeploymentProvider(), WAVE),
    ],
)
def test_nothing_ever_replaces(provider, inputs):
    olds = check(provider, inputs)
    other = {name: f"another {value}" if isinstance(value, str) else value for name, value in olds.items()}
    assert not provider.diff("id", olds, other).replaces
    assert provider.diff("id", olds, other).changes is None


@pytest.mark.parametrize(
    "provider",
    [
        MirrorProvider(),
        EnvironmentVariablesProvider(),
        DomainProvider(),
        DeploymentProvider(),
    ],
)
def test_what_is_unfinished_is_tried_again(provider):
    assert provider.diff("id", {"unfinished": {"acme-shop": "waits"}}, {}).changes is True
    assert provider.diff("id", {"unfinished": {}}, {}).changes is None


# -- variables ---------------------------------------------------------------------------------------------------------


def changed(**fields: Any) -> tuple[int, int]:
    """By how much the two generations grow when these properties change."""
    provider = EnvironmentVariablesProvider()
    olds = check(provider, VARIABLES)
    assert (olds["generation"], olds["shared_generation"]) == (1, 1)
    news = check(provider, {**VARIABLES, **fields}, olds)
    return news["generation"] - 1, news["shared_generation"] - 1


@pytest.mark.parametrize(
    ("fields", "grows"),
    [
        ({}, (0, 0)),
        ({"variables": {"THEME": "shop", "SITE_ID": "3"}}, (0, 0)),
        ({"variables": {"SITE_ID": "3", "THEME": "dark"}}, (1, 0)),
        ({"variables": {"SITE_ID": "3"}}, (1, 0)),
        ({"sensitive": ["THEME"]}, (1, 0)),
        ({"shared": ["DATABASE_URL", "CACHE_URL"]}, (1, 1)),
        ({"shared_values": {"DATABASE_URL": "given"}}, (1, 1)),
        ({"application": "uuid-made-again"}, (1, 1)),
    ],
)
def test_a_deployment_hears_of_what_becomes_true_only_by_deploying(fields, grows):
    assert changed(**fields) == grows


def test_a_changed_original_is_wired_anew():
    _, wired = changed(original_uuid="uuid-of-another")
    assert wired == 1


def test_a_generation_goes_on_from_where_it_stood():
    provider = EnvironmentVariablesProvider()
    inputs = check(provider, VARIABLES)
    for turn in range(2, 6):
        inputs = check(provider, {**VARIABLES, "variables": {"SITE_ID": "3", "TURN": str(turn)}}, inputs)
        assert inputs["generation"] == turn
        assert inputs["shared_generation"] == 1


def test_a_check_of_its_own_result_changes_nothing():
    provider = EnvironmentVariablesProvider()
    inputs = check(provider, VARIABLES)
    assert check(provider, VARIABLES, inputs) == inputs


def test_checks_leave_what_they_are_given_as_it_is():
    given = {**VARIABLES, "variables": {"SITE_ID": 3.0}}
    inputs = check(EnvironmentVariablesProvider(), given)
    assert inputs["variables"] == {"SITE_ID": "3"}
    assert given["variables"] == {"SITE_ID": 3.0}


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({}, "it has none"),
        ({"SITE_ID": "0"}, '"0" is not a plain positive number'),
        ({"SITE_ID": "03"}, '"03" is not a plain positive number'),
        ({"SITE_ID": "three"}, '"three" is not a plain positive number'),
        ({"SITE_ID": 2.5}, '"2.5" is not a plain positive number'),
        ({"SITE_ID": ""}, '"" is not a plain positive number'),
    ],
)
def test_a_mirror_without_a_site_id_of_its_own_is_refused(variables, says):
    said = refused(EnvironmentVariablesProvider(), {**VARIABLES, "variables": variables})
    assert "acme-shop live" in said
    assert says in said
    assert "acts as site 1" in said


def test_an_original_may_go_without_a_site_id():
    check(
        EnvironmentVariablesProvider(),
        {**VARIABLES, "original": None, "original_uuid": None, "shared": [], "variables": {}},
    )


def test_a_variable_is_shared_or_declared_and_never_both():
    both = {"SITE_ID": "3", "DATABASE_URL": "mine"}
    said = refused(EnvironmentVariablesProvider(), {**VARIABLES, "variables": both})
    assert "DATABASE_URL is both declared and shared" in said
    assert "mine" not in said


@pytest.mark.parametrize(("name", "value"), [("environment", "stage"), ("ownership", "mine")])
def test_a_word_that_is_none_of_the_known_is_refused(name, value):
    assert f'"{value}" must be' in refused(EnvironmentVariablesProvider(), {**VARIABLES, name: value})


# -- the others --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["DIVIO_FORGET", "DIVIO_ALLOW_DELETE"])
def test_a_site_that_nobody_retired_leaves_only_where_the_environment_names_it(variable: str, monkeypatch):
    first = check(SiteIdsProvider(), {"original": "acme-main", "mirrors": ["acme-blog", "acme-shop"]})
    news = {"original": "acme-main", "mirrors": ["acme-blog"]}
    (failure,) = SiteIdsProvider().check(first, news).failures or []
    assert failure.reason.startswith("acme-shop is no longer declared, and not retired either")
    kept = {"original": "acme-main", "ids": {"acme-main": 1, "acme-blog": 2}, "retired": {"acme-shop": 3}}
    assert check(SiteIdsProvider(), {**news, "retired": {"acme-shop": {}}}, first) == kept
    monkeypatch.setenv(variable, "acme-shop")
    assert check(SiteIdsProvider(), news, first) == kept


@given(st.permutations(["acme-blog", "acme-shop", "acme-news"]))
def test_the_order_of_the_file_counts_the_first_time_only(order):
    news = {"original": "acme-main", "mirrors": ["acme-blog", "acme-shop", "acme-news"]}
    first = check(SiteIdsProvider(), news)
    assert first["ids"] == {"acme-main": 1, "acme-blog": 2, "acme-shop": 3, "acme-news": 4}
    assert check(SiteIdsProvider(), {**news, "mirrors": order}, first) == first


def test_a_collision_of_site_ids_is_refused_by_both_names_and_keeps_the_register():
    news = {"original": "acme-main", "mirrors": ["acme-blog", "acme-shop"]}
    first = check(SiteIdsProvider(), news)
    result = SiteIdsProvider().check(first, {**news, "pins": {"acme-shop": 2.0}})
    (failure,) = result.failures or []
    assert "acme-blog" in failure.reason
    assert "acme-shop" in failure.reason
    assert result.inputs == first


def test_a_changed_branch_is_a_new_generation_of_the_application():
    provider = ApplicationProvider()
    first = check(provider, {**APPLICATION, "branch": {"test": "main"}})
    assert check(provider, {**APPLICATION, "branch": {"test": "main"}, "name": "Other"}, first)["generation"] == 1
    assert check(provider, {**APPLICATION, "branch": {"test": "next"}}, first)["generation"] == 2


def test_a_domain_that_moves_is_a_new_generation():
    first = check(DomainProvider(), DOMAIN)
    assert check(DomainProvider(), {**DOMAIN, "kind": "alias"}, first)["generation"] == 2
    assert check(DomainProvider(), {**DOMAIN, "application": "uuid-blog"}, first)["generation"] == 2
    assert "must be one of" in refused(DomainProvider(), {**DOMAIN, "kind": "main"})


@pytest.mark.parametrize(("name", "value"), [("max_parallel", 0.0), ("max_failures", -1.0), ("timeout", 0.0)])
def test_a_number_that_makes_no_sense_is_refused(name, value):
    assert f"{name} must be at least" in refused(DeploymentProvider(), {**WAVE, name: value})
