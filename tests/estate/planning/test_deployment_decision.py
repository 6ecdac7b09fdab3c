"""An environment is deployed unless it is proved to carry everything, and nothing counts as proof by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from divio_provider.estate.planning.deployment_decision import (
    Deploy,
    Facts,
    Follow,
    InSync,
    Seen,
    decide,
    is_settled,
    missing_refusal,
    stale_names,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

NAMES = ("THEME", "TOKEN")
# Few moments, so that ties are common; Divio's deployments have fractions of a second, its Date header has none.
MOMENTS = st.integers(0, 6).map(lambda halves: NOON + timedelta(milliseconds=500 * halves))
SECONDS = st.none() | st.integers(0, 3).map(lambda seconds: NOON + timedelta(seconds=seconds))
VARIABLES = st.dictionaries(st.sampled_from([*NAMES, "ESTATE_RELEASE"]), st.sampled_from(["1", "2", None]))
SEEN = st.builds(Seen, st.sampled_from(["a", "b"]), MOMENTS, MOMENTS, st.none() | VARIABLES)
REASONS = st.sampled_from(["", "because"])
FACTS = st.builds(
    Facts,
    last=st.none() | SEEN,
    running=st.none() | SEEN,
    names=st.frozensets(st.sampled_from(NAMES)),
    present=VARIABLES,
    changed_at=SECONDS,
    released_at=st.none() | MOMENTS,
    release=st.sampled_from([None, "1"]),
    build_reason=REASONS,
    deploy_reason=REASONS,
    differing=st.sampled_from([(), ("SITE_ID",)]),
)


def proves(seen: Seen, facts: Facts) -> bool:
    """Whether a deployment began in a later second than our last write, and after the release."""
    later = facts.changed_at is None or seen.started_at >= facts.changed_at + timedelta(seconds=1)
    return later and (facts.released_at is None or seen.started_at > facts.released_at)


@given(FACTS)
def test_in_sync_is_proved_by_a_deployment_that_carries_everything(facts):
    decision = decide(facts)
    if isinstance(decision, InSync):
        assert facts.running is None
        assert facts.last is not None
        assert decision.deployment == facts.last.uuid
        assert proves(facts.last, facts)
        assert not facts.build_reason
        assert not facts.deploy_reason
        assert not facts.differing
        assert stale_names(facts.names, facts.present, facts.last.variables or {}) == []
        assert facts.release is None or (facts.last.variables or {}).get("ESTATE_RELEASE") == facts.release


@given(FACTS)
def test_a_running_deployment_is_followed_only_if_it_began_after_our_last_write_and_nothing_else_is_asked_for(facts):
    decision = decide(facts)
    if isinstance(decision, Follow):
        assert facts.running is not None
        assert decision.deployment == facts.running.uuid
        assert proves(facts.running, facts)
        assert not facts.build_reason
        assert not facts.deploy_reason


@given(FACTS)
def test_nothing_is_started_beside_a_running_deployment(facts):
    decision = decide(facts)
    if isinstance(decision, Deploy):
        assert decision.after == (facts.running.uuid if facts.running else None)
        assert decision.why


@given(FACTS)
def test_variables_alone_never_ask_for_a_new_image(facts):
    decision = decide(facts)
    if isinstance(decision, Deploy) and decision.build_mode == "AUTO":
        assert (
            facts.last is None
            or facts.build_reason
            or facts.release is not None
            or (facts.released_at is not None and facts.last.started_at <= facts.released_at)
        )


@given(FACTS)
def test_the_first_deployment_is_never_without_an_image_of_its_own(facts):
    if facts.last is None:
        decision = decide(facts)
        assert isinstance(decision, Follow) or (isinstance(decision, Deploy) and decision.build_mode == "AUTO")


@given(st.frozensets(st.sampled_from(NAMES)), VARIABLES, VARIABLES)
def test_a_name_is_stale_only_where_divio_shows_a_difference(names, present, deployed):
    stale = stale_names(names, present, deployed)
    assert stale == sorted(stale)
    for name in names:
        shown = present.get(name), deployed.get(name)
        missing = name in present and name not in deployed
        differs = None not in shown and shown[0] != shown[1]
        assert (name in stale) is (missing or differs)


@given(st.frozensets(st.sampled_from([*NAMES, "DOMAIN"])), VARIABLES)
def test_a_declared_name_that_is_not_set_is_named(names, present):
    said = missing_refusal(names, present)
    missing = [name for name in NAMES if name in names and name not in present]
    assert (said == "") is (not missing), "what Divio itself may set is not missed"
    assert all(name in said for name in missing)


def kind(decision):
    return type(decision), getattr(decision, "build_mode", None), getattr(decision, "after", None)


@given(FACTS, st.none() | VARIABLES)
def test_what_was_carried_may_stay_unread_only_where_it_makes_no_difference(facts, variables):
    if is_settled(facts) and facts.last is not None:
        other = replace(facts, last=replace(facts.last, variables=variables))
        assert kind(decide(other)) == kind(decide(facts))


def test_what_is_done_is_said_with_the_reason():
    later = NOON + timedelta(hours=1)
    assert decide(Facts(last=None)) == Deploy("AUTO", "it was never deployed")
    changed = decide(Facts(last=Seen("d1", NOON, NOON), changed_at=later))
    assert changed.why == "its variables were changed after its last deployment"
    carried = Facts(last=Seen("d1", later, later, {}), present={}, changed_at=NOON)
    assert decide(carried) == InSync("d1", "its last deployment carries all that is declared")
