"""What is found of an estate that nobody declared, decided from made-up facts: each one alone is said once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from divio_provider.estate.declaration.spec import Environment
from divio_provider.estate.health.observation import ObservedApplication, ObservedEnvironment, ObservedEstate
from divio_provider.estate.health.report import Report, report
from divio_provider.estate.planning.deployment_decision import Seen

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ENVIRONMENTS: tuple[Environment, ...] = ("test", "live")


def values(environment: str, site_id: int) -> dict[str, str | None]:
    dsns = {
        "DATABASE_URL": f"postgres://main:canary@db/{environment}",
        "DEFAULT_STORAGE_DSN": f"s3://canary@{environment}",
    }
    return {"SITE_ID": str(site_id), **dsns}


def shown(environment: str, site_id: int) -> ObservedEnvironment:
    later = NOON + timedelta(hours=1)
    carried = {**values(environment, site_id), "STAGE": environment}
    return ObservedEnvironment("ok", later, Seen("d", later, later, carried), dict(values(environment, site_id)))


def site(number: int) -> ObservedApplication:
    return ObservedApplication(
        f"u{number}", {name: shown(name, number) for name in ENVIRONMENTS}, "u1" if number > 1 else None
    )


def estate(**changes: Any) -> ObservedEstate:
    """An original, `blog` and `shop`; `shop_live={…}` changes that environment's facts, None takes it away."""
    sites = {"main": site(1), "blog": site(2), "shop": site(3)}
    for place, change in changes.items():
        slug, name = place.split("_")
        environments: dict[str, ObservedEnvironment] = dict(sites[slug].environments)
        if change is None:
            del environments[name]
        else:
            environments[name] = replace(environments[name], **change)
        sites[slug] = replace(sites[slug], environments=environments)
    return ObservedEstate(sites, released_at=NOON)


def both(environment: str, site_id: int = 3, **variables: str | None) -> dict[str, Any]:
    """The same variables set and deployed; None: neither."""
    given = {**values(environment, site_id), **variables}
    present = {name: value for name, value in given.items() if value is not None}
    return {"present": present, "last": Seen("d", NOON + timedelta(hours=1), None, dict(present))}


def said(found: Report) -> list[tuple[str, str, str]]:
    return [(finding.site, finding.environment, finding.kind) for finding in found.findings]


def test_an_estate_as_it_should_be_has_no_fault():
    found = report(estate(), "main", ENVIRONMENTS)
    assert (found.findings, found.notes) == ((), ())
    assert [(row.site, row.role, row.site_id) for row in found.rows] == [
        ("main", "original", 1),
        ("blog", "mirror", 2),
        ("shop", "mirror", 3),
    ]


LIVE_DATABASE = str(values("live", 1)["DATABASE_URL"])


@pytest.mark.parametrize(
    ("change", "environment", "kind"),
    [
        ({"shop_live": both("live", SITE_ID=None)}, "live", "missing-id"),
        ({"shop_live": both("live", SITE_ID="seven")}, "live", "odd-id"),
        ({"shop_live": both("live", SITE_ID="")}, "live", "odd-id"),
        ({"shop_live": both("live", SITE_ID="03")}, "live", "odd-id"),
        ({"shop_live": both("live", SITE_ID='"3"')}, "live", "odd-id"),
        ({"shop_live": {"present": {**values("live", 3), "SITE_ID": ""}}}, "live", "odd-id"),
        ({"shop_live": both("live", SITE_ID="9")}, "", "ids-differ"),
        ({"shop_test": both("test", DATABASE_URL=LIVE_DATABASE)}, "test", "crossed-dsn"),
        ({"shop_test": both("test", DATABASE_URL="postgres://other@db/x")}, "test", "other-dsn"),
        ({"shop_test": both("test", DATABASE_URL=None)}, "test", "missing-dsn"),
        (
            {"shop_test": both("test", DATABASE_URL="postgres://own@db/x", DEFAULT_DATABASE_DSN="postgres://own@db/x")},
            "test",
            "own-database",
        ),
        ({"shop_live": both("live", DEFAULT_DATABASE_DSN="postgres://own@db/x")}, "live", "own-database"),
        ({"shop_live": both("live", OTHER_DATABASE_DSN="postgres://own@db/x")}, "live", "own-database"),
        ({"shop_test": both("test", DEFAULT_DATABASE_DSN=LIVE_DATABASE)}, "test", "crossed-dsn"),
        (
            {"shop_test": both("test", DATABASE_URL=LIVE_DATABASE, DEFAULT_DATABASE_DSN=LIVE_DATABASE)},
            "test",
            "crossed-dsn",
        ),
        ({"shop_live": {"result": "never", "last": None}}, "live", "never-deployed"),
        ({"shop_live": {"result": "never", "last": None, "present": {}}}, "live", "never-deployed"),
        ({"shop_live": {"result": "failed"}}, "live", "failed"),
        ({"shop_live": {"result": "failed", "last": None}}, "live", "failed"),
        ({"shop_live": {"result": "failed", "last": Seen("d", NOON, NOON, values("live", 3))}}, "live", "failed"),
        ({"shop_live": {"last": Seen("d", NOON, NOON, values("live", 3))}}, "live", "behind"),
        ({"shop_live": {"present": {**values("live", 3), "THEME": "new"}}}, "live", "undeployed"),
        ({"shop_live": {"present": {**values("live", 3), "SITE_ID": "9"}}}, "live", "undeployed"),
        ({"shop_live": None}, "live", "no-environment"),
    ],
)
def test_each_fault_alone_is_said_once(change: dict[str, Any], environment: str, kind: str):
    found = report(estate(**change), "main", ENVIRONMENTS)
    assert said(found) == [("shop", environment, kind)]
    assert "canary" not in str(found.findings[0])
    assert "own@db" not in str(found.findings[0])


def test_two_sites_with_one_id_are_one_fault_of_both():
    change = {f"shop_{name}": both(name, site_id=2) for name in ENVIRONMENTS}
    (finding,) = report(estate(**change), "main", ENVIRONMENTS).findings
    assert (str(finding), finding.kind) == (
        "blog: has the SITE_ID 2 of shop; they are one site to Django",
        "duplicate-id",
    )


def test_a_mirror_with_the_originals_id_is_a_fault_although_the_original_has_none_set():
    originals = {f"main_{name}": both(name, site_id=1, SITE_ID=None) for name in ENVIRONMENTS}
    change = {f"shop_{name}": both(name, site_id=1) for name in ENVIRONMENTS}
    (finding,) = report(estate(**originals, **change), "main", ENVIRONMENTS).findings
    assert (str(finding), finding.kind) == (
        "main: has the SITE_ID 1 of shop; they are one site to Django",
        "duplicate-id",
    )


def test_one_value_for_test_and_live_of_the_original_is_not_crossed():
    change = {
        f"{slug}_test": both("test", site_id, DATABASE_URL=LIVE_DATABASE)
        for site_id, slug in enumerate(("main", "blog", "shop"), 1)
    }
    assert report(estate(**change), "main", ENVIRONMENTS).findings == ()


def test_the_originals_database_under_its_other_name_is_no_fault():
    live = str(values("live", 1)["DATABASE_URL"])
    change = {
        "main_live": both("live", 1, DEFAULT_DATABASE_DSN=live),
        "shop_live": both("live", DEFAULT_DATABASE_DSN=live),
        "blog_live": both("live", 2),
    }
    assert report(estate(**change), "main", ENVIRONMENTS).findings == ()


def test_a_database_that_divio_withholds_proves_nothing():
    withheld = {**values("live", 3), "DEFAULT_DATABASE_DSN": None}
    change = {"shop_live": {"last": Seen("d", NOON + timedelta(hours=1), None, withheld)}}
    assert report(estate(**change), "main", ENVIRONMENTS).findings == ()


@pytest.mark.parametrize("result", ["never", "failed"])
def test_a_mirror_in_another_region_is_one_fault_and_not_its_consequences(result: Any):
    known = estate(**{f"shop_{name}": {"result": result, "last": None} for name in ENVIRONMENTS})
    regions = {"main": "Frankfurt", "blog": "Frankfurt", "shop": "Ireland"}
    sites = {slug: replace(site, region=regions[slug]) for slug, site in known.applications.items()}
    (finding,) = report(replace(known, applications=sites), "main", ENVIRONMENTS).findings
    assert (finding.site, finding.environment, finding.kind) == ("shop", "", "other-region")
    assert "is in Ireland, and main in Frankfurt" in finding.text


def test_a_running_deployment_is_a_note():
    found = report(estate(shop_live={"result": "running"}), "main", ENVIRONMENTS)
    assert found.findings == ()
    assert [str(note) for note in found.notes] == ["shop live: a deployment is running; what it brings is not judged"]


def test_what_follows_from_a_failed_deployment_is_said_with_it():
    change = {
        "result": "failed",
        "last": Seen("d", NOON, NOON, values("live", 3)),
        "present": {**values("live", 3), "THEME": "new"},
    }
    (finding,) = report(estate(shop_live=change), "main", ENVIRONMENTS).findings
    assert finding.text == "its last deployment failed; it is behind; the present THEME did not reach it"


def test_a_site_without_environments_is_found_and_no_error():
    sites = {"main": ObservedApplication("u1"), "shop": ObservedApplication("u2", original="u1")}
    found = report(ObservedEstate(sites), "main", ENVIRONMENTS)
    assert [row.site for row in found.rows] == ["main", "shop"]
    assert str(found.findings[0]) == "main: Divio shows no such environment of it"
