"""Who is behind after a release, and what refuses a contraction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from divio_provider.estate.planning.releases import History, contract_refusal

RELEASED = datetime(2026, 11, 1, 12, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(-90), timedelta(90)).map(lambda apart: RELEASED + apart)
HISTORIES = st.builds(History, st.just(True), st.none() | MOMENTS) | st.just(History(False))
SLUGS = st.sampled_from(["acme-blog", "acme-shop", "acme-news", "acme-old"])
KEYS = st.tuples(SLUGS, st.sampled_from(["test", "live"])).map("/".join)


@given(st.dictionaries(KEYS, HISTORIES), st.dictionaries(SLUGS, st.just("broken theme"), max_size=2))
def test_a_contraction_is_refused_exactly_while_somebody_is_behind_or_on_hold(
    histories: dict[str, History], held: dict[str, str]
):
    refused = contract_refusal("2026-12", histories, RELEASED, held, ["acme-blog"])
    level = all(history.behind(RELEASED) == "" for history in histories.values())
    assert (refused == "") == (level and not held)
    for key, history in histories.items():
        slug, _, environment = key.partition("/")
        if history.behind(RELEASED) and slug not in held:
            foreign = "" if slug == "acme-blog" else " (not declared here)"
            assert f"{slug} {environment}{foreign} {history.behind(RELEASED)}" in refused.splitlines()
    for slug, reason in held.items():
        assert f"{slug} is on hold: {reason}" in refused.splitlines()


@given(MOMENTS)
def test_a_deployment_is_current_only_if_it_started_after_the_release_arrived(started_at: datetime):
    assert (History(True, started_at).behind(RELEASED) == "") == (started_at > RELEASED)


def test_why_a_site_is_behind_is_said():
    before = RELEASED - timedelta(hours=1)
    assert History(False).behind(RELEASED) == "", "what was never deployed runs no code that could be behind"
    assert History(True).behind(RELEASED) == "was never deployed successfully"
    behind = "was last deployed 2026-11-01 11:00, before the original's Live was released"
    assert History(True, before).behind(RELEASED) == behind
    refused = contract_refusal("2026-12", {"acme-shop/live": History(True, before)}, RELEASED, {}, [])
    assert refused.splitlines()[1] == f"acme-shop live (not declared here) {behind}"
