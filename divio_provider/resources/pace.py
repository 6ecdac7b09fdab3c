"""How often to ask how a deployment stands: rarely while it cannot be over yet, closely when it should be."""

from collections.abc import Sequence
from statistics import median_high

FIRST_S = 0.05
SLOWEST_S = 3.0
"""divio-cli asks every 3 s."""
GROWTH = 0.6
"""Without any idea of how long it takes, a pause is this share of the time that has passed."""
OVERDUE = 0.25
"""So it is for a deployment that takes longer than thought, of the time by which it does."""


def pause(elapsed: float, expected: float | None, least: float = FIRST_S) -> float:
    """Seconds until asking again.

    `elapsed` are the seconds since the start, `expected` those that it should take from there to the end (None: not
    known), `least` the shortest pause that the rate of requests allows. Never longer than `SLOWEST_S`, so that a
    deployment that fails early is noticed, unless the rate asks for that.

    >>> pause(2, 20)
    3.0
    >>> pause(17, 20)
    1.5
    >>> round(pause(19.95, 20), 3)
    0.063
    >>> pause(24, 20)
    1.0
    >>> pause(1, None)
    0.6
    """
    if expected is None:
        wish = elapsed * GROWTH
    elif elapsed >= expected:
        wish = (elapsed - expected) * OVERDUE
    elif expected - elapsed <= 2 * least:
        wish = expected - elapsed + least / 4  # just after the expected end rather than ever closer before it
    else:
        wish = (expected - elapsed) / 2
    return max(min(wish, SLOWEST_S), least)


def expectation(ended: Sequence[float], estimate: float | None, before: float | None) -> float | None:
    """How long a deployment should take, in seconds, by the best sign that there is; None without any.

    `ended` are the durations of those in the same step that are over, `estimate` what Divio's percentage makes of it,
    `before` how long the environment's last one took, which may have had less to do.

    >>> expectation([20.1, 19.9, 35.0], 60.0, 5.0)
    20.1
    >>> expectation([], 60.0, 5.0)
    60.0
    """
    if ended:
        return median_high(ended)
    return estimate if estimate is not None else before
