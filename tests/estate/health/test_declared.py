"""What is found of an estate that is held against its file, decided from made-up facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from divio_provider.estate.declaration.spec import ENVIRONMENTS
from divio_provider.estate.health.observation import (
    ObservedApplication,
    ObservedEnvironment,
    ObservedEstate,
)
from divio_provider.estate.health.report import ReleaseRow, Report, report
from divio_provider.estate.planning.deployment_decision import Seen
from divio_provider.estate.planning.site_id_allocation import Register
from divio_provider.estate.planning.unfinished import Unfinished
from tests.estate.declarations import spec

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
DSNS = {"DATABASE_URL": "postgres://secret", "DEFAULT_STORAGE_DSN": "s3://secret"}
IDS = {"acme-main": 1, "acme-blog": 2, "acme-shop": 3}


def shown(values: dict[str, str], at: datetime = LATER, **changes: Any) -> ObservedEnvironment:
    """An environment whose last deployment carries all that is set; a shared variable is withheld in the list."""
    present = {name: None if name in DSNS else value for name, value in values.items()}
    good = ObservedEnvironment("ok", at, Seen("d", at, at, {**DSNS, **values, "STAGE": "x"}), present)
    return replace(good, **changes)


def application(slug: str, **changes: Any) -> ObservedApplication:
    """An application of the estate as it should be, some environments changed."""
    values = {"THEME": slug} if slug == "acme-main" else {"SITE_ID": str(IDS[slug]), **DSNS, "THEME": slug}
    at = NOON - timedelta(hours=1) if slug == "acme-main" else LATER
    environments = {name: shown(values, at) for name in ENVIRONMENTS} | changes
    original = None if slug == "acme-main" else "uuid-acme-main"
    return ObservedApplication(f"uuid-{slug}", environments, original)


def level(**changes: Any) -> ObservedEstate:
    """An estate without any finding, some facts changed."""
    good = ObservedEstate({slug: application(slug) for slug in IDS}, Register(IDS), released_at=NOON)
    return replace(good, **changes)


def with_live(live: ObservedEnvironment, slug: str = "acme-shop") -> ObservedEstate:
    """The same, with one site's Live as given."""
    known = level()
    return replace(known, applications={**known.applications, slug: application(slug, live=live)})


def look(known: ObservedEstate, **declared: Any) -> Report:
    return report(known, "acme-main", ENVIRONMENTS, spec(**declared), NOON.date())


def found(known: ObservedEstate) -> list[tuple[str, str, str]]:
    return [(finding.site, finding.environment, finding.kind) for finding in look(known).findings]


SHOP = {"SITE_ID": "3", **DSNS, "THEME": "shop"}


def test_a_level_estate_has_no_findings():
    seen = look(level())
    assert seen.findings == ()
    assert [(row.site, row.site_id) for row in seen.rows] == list(IDS.items())
    assert [row.environments["live"].current for row in seen.rows if row.environments["live"]] == [None, True, True]
    assert all(shown.in_sync for row in seen.rows for shown in row.environments.values() if shown)


@pytest.mark.parametrize(
    ("live", "kind"),
    [
        (ObservedEnvironment(), "never-deployed"),
        (shown(SHOP, result="failed"), "failed"),
        (shown(SHOP, at=NOON - timedelta(seconds=1)), "behind"),
        (shown(SHOP, present={**SHOP, "THEME": "new"}), "undeployed"),
        (shown(SHOP, present={**SHOP, "MORE": "1"}), "undeployed"),
        (shown(SHOP, changed_at=LATER), "undeployed"),
        (shown({**SHOP, "SITE_ID": "4"}), "other-id"),
        (shown({**SHOP, "SITE_ID": "2"}), "other-id"),
        (shown({name: SHOP[name] for name in SHOP if name != "SITE_ID"}), "missing-id"),
        (shown({name: SHOP[name] for name in SHOP if name != "DATABASE_URL"}), "missing-dsn"),
        (shown({**SHOP, "DATABASE_URL": "postgres://other"}), "other-dsn"),
    ],
)
def test_what_is_wrong_with_one_environment_is_found_there(live: ObservedEnvironment, kind: str):
    assert ("acme-shop", "live", kind) in found(with_live(live))
    assert {site for site, _, _ in found(with_live(live))} <= {"acme-shop", "acme-blog"}


def test_a_running_deployment_is_no_finding():
    assert found(with_live(shown(SHOP, result="running"))) == []


def test_the_original_is_never_behind_itself():
    known = with_live(shown({"THEME": "acme-main"}, at=NOON - timedelta(days=9)), "acme-main")
    assert look(known).rows[0].environments["live"].current is None  # type: ignore[union-attr]
    assert found(known) == []


def test_an_original_without_site_id_acts_as_site_1():
    register = Register({**IDS, "acme-main": 7})
    assert found(level(register=register)) == [("acme-main", "", "other-id")]


def test_two_sites_with_one_id_are_one_finding_that_names_both_and_neither_is_in_sync():
    seen = look(with_live(shown({**SHOP, "SITE_ID": "2"})))
    texts = [str(finding) for finding in seen.findings]
    assert [text for text in texts if "one site to Django" in text] == [
        "acme-blog live: has the SITE_ID 2 of acme-shop; they are one site to Django"
    ]
    assert [row.environments["live"].in_sync for row in seen.rows if row.environments["live"]] == [True, False, False]


def test_a_foreign_mirror_is_listed_and_is_no_finding():
    foreign = ObservedApplication(
        "uuid-old", {"live": shown({"SITE_ID": "9"}, at=NOON - timedelta(days=1))}, "uuid-acme-main"
    )
    seen = look(level(applications={**level().applications, "acme-old": foreign}))
    assert [(row.site, row.role, row.site_id) for row in seen.rows][-1] == ("acme-old", "foreign", 9)
    assert seen.findings == ()


def test_a_foreign_mirror_with_the_id_of_one_of_ours_is_found():
    foreign = ObservedApplication("uuid-old", {"live": shown({"SITE_ID": "3"})}, "uuid-acme-main")
    known = level(applications={**level().applications, "acme-old": foreign})
    assert found(known) == [("acme-shop", "live", "duplicate-id")]


def test_an_application_that_mirrors_another_one_is_found():
    known = level()
    stranger = replace(application("acme-shop"), original="uuid-another")
    assert found(replace(known, applications={**known.applications, "acme-shop": stranger})) == [
        ("acme-shop", "", "not-a-mirror")
    ]


MANUAL = Unfinished(environment="", code="manual", text="has to be made by a person")
HELD = Unfinished(environment="live", code="hold", text="is on hold: another; reason, until 2025-01-01")


def test_what_is_unfinished_is_said_once():
    known = level(unfinished={"acme-shop": [MANUAL]})
    applications = {slug: item for slug, item in known.applications.items() if slug != "acme-shop"}
    assert found(replace(known, applications=applications)) == [("acme-shop", "", "unfinished")]


def test_a_site_that_is_not_there_is_missing():
    applications = {slug: item for slug, item in level().applications.items() if slug != "acme-shop"}
    assert found(level(applications=applications)) == [("acme-shop", "", "missing")]


def test_without_a_register_the_id_that_is_set_is_shown():
    seen = look(level(register=None))
    assert [row.site_id for row in seen.rows] == [1, 2, 3]
    assert seen.findings == ()


def on_hold(**hold: str) -> dict[str, Any]:
    """The declaration with acme-shop on hold."""
    shop = {"name": "Acme Shop", "hold": {"reason": "broken theme", **hold}}
    return {"mirrors": {"acme-blog": {"name": "Acme Blog"}, "acme-shop": shop}}


@pytest.mark.parametrize(
    "live",
    [
        ObservedEnvironment(present=dict.fromkeys(SHOP)),
        shown(SHOP, result="failed"),
        shown(SHOP, at=NOON - timedelta(seconds=1)),
        shown(SHOP, present={**SHOP, "THEME": "new"}),
        shown({**SHOP, "DATABASE_URL": "postgres://other"}),
    ],
)
def test_of_a_site_on_hold_nothing_is_found_that_a_deployment_would_cure(live: ObservedEnvironment):
    known = replace(with_live(live), unfinished={"acme-shop": [HELD]})
    held = look(known, **on_hold())
    assert held.findings == ()
    assert look(with_live(live)).findings != ()
    # Where it stands is shown all the same, and a contraction is refused.
    row = held.rows[2].environments["live"]
    assert replace(held.rows[2], hold=None) == look(with_live(live)).rows[2]
    assert row is not None


def test_what_a_deployment_would_not_cure_is_found_on_hold_as_well():
    crossed = with_live(shown({**SHOP, "SITE_ID": "2"}))
    lacking = with_live(shown({name: SHOP[name] for name in SHOP if name != "DATABASE_URL"}))
    assert {finding.kind for finding in look(crossed, **on_hold()).findings} == {"duplicate-id", "other-id"}
    assert {finding.kind for finding in look(lacking, **on_hold()).findings} == {"missing-dsn"}
    pending = level(unfinished={"acme-shop": [MANUAL, HELD]})
    assert [str(finding) for finding in look(pending, **on_hold()).findings] == [
        "acme-shop: is unfinished: has to be made by a person"
    ]


def test_a_hold_whose_last_day_is_over_is_found_with_the_way_out():
    assert look(level(), **on_hold(until="2026-01-01")).findings == ()
    (finding,) = look(level(), **on_hold(until="2025-12-31")).findings
    assert (finding.kind, finding.sentence) == (
        "hold-over",
        (
            "acme-shop: is still on hold (broken theme), and 2025-12-31 is over; remove the hold and run pulumi up to "
            "deploy it, or give it a new date"
        ),
    )


def test_the_release_that_the_original_runs_is_shown():
    new = shown({"THEME": "acme-main", "ESTATE_RELEASE": "2026-11"}, at=NOON)
    seen = look(with_live(new, "acme-main"), release={"name": "2026-11", "phase": "contract"})
    assert seen.release == ReleaseRow("2026-11", "contract", {"test": None, "live": "2026-11"})
    assert look(level()).release is None


VALUE = st.text(alphabet="xyz", min_size=9, max_size=12)
VARIABLES = st.dictionaries(st.sampled_from(["THEME", "TOKEN", *DSNS]), VALUE)


@given(present=VARIABLES, deployed=VARIABLES, site_id=st.sampled_from([None, "2", "3", "9"]))
def test_no_text_holds_the_value_of_a_variable(present: dict[str, str], deployed: dict[str, str], site_id: str | None):
    ids = {} if site_id is None else {"SITE_ID": site_id}
    live = ObservedEnvironment("ok", LATER, Seen("d", LATER, LATER, {**deployed, **ids}), {**present, **ids})
    texts = " ".join(str(finding) for finding in look(with_live(live)).findings)
    assert not any(value in texts for value in (*present.values(), *deployed.values()))
