"""Asking how a deployment stands: soon after its end, seldom before, and never faster than the rate allows."""

from hypothesis import given
from hypothesis import strategies as st

from divio_provider.resources.deployment.poller import SLOWEST_S, pause

SECONDS = st.floats(0, 3600)
LEAST = st.floats(0.1, 10)


def asked(duration: float, expected: float | None, least: float) -> list[float]:
    """The moments at which a deployment of that duration is asked for; the last one sees its end."""
    moments = [0.0]
    while moments[-1] < duration:
        moments.append(moments[-1] + pause(moments[-1], expected, least))
    return moments


@given(SECONDS, st.none() | SECONDS, LEAST)
def test_a_pause_is_never_shorter_than_allowed_nor_longer_than_useful(elapsed, expected, least):
    assert least <= pause(elapsed, expected, least) <= max(SLOWEST_S, least)


@given(st.floats(0.2, 600), LEAST)
def test_the_end_that_was_expected_is_seen_at_once(duration, least):
    assert asked(duration, duration, least)[-1] - duration <= 2 * least


@given(st.floats(60, 600))
def test_while_it_cannot_be_over_it_is_asked_for_seldom(duration):
    assert len(asked(duration, duration, 0.1)) <= duration / SLOWEST_S + 10


@given(st.floats(0.5, 60), st.floats(0.5, 60))
def test_a_wrong_expectation_costs_little(duration, expected):
    assert asked(duration, expected, 0.1)[-1] - duration <= max(0.3 * duration, expected / 2, 0.2)
