"""Deployments that run, each followed by its own id until Divio says how it ended.

Many are asked for in one list; a row of it counts for a deployment only if it has that deployment's id, and what the
list does not show is asked for alone. No answer is no verdict: only Divio's own word ends a deployment.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from statistics import median_high

from divio_provider.api.client import Divio
from divio_provider.api.errors import Busy, NotUnderstood, OutcomeUnknown, Refused, Unauthorized, Unreachable
from divio_provider.api.models import Deployment
from divio_provider.api.transport.pagination import MOST_ENVIRONMENTS, batches
from divio_provider.resources.deployment.observer import Observation

_SHARE_OF_THE_RATE = 0.5  # of the requests that Divio allows, polling may use this much
_FEW = 2  # asked for alone: that shows their percentage as well
_DOUBT_S = 5.0
"""For an answer that can hardly be true: the deployment that we started does not exist, or ended neither way."""
_LONG_DOUBT_S = 60.0
"""For an answer that is not Divio's, such as a proxy's page."""
_LEAST_PERCENT = 10.0  # below it, a percentage says little about the time that is left

FIRST_S = 0.05
SLOWEST_S = 3.0
"""divio-cli asks every 3 s."""
GROWTH = 0.6
"""Without any idea of how long it takes, a pause is this share of the time that has passed."""
OVERDUE = 0.25
"""So it is for a deployment that takes longer than thought, of the time by which it does."""


@dataclass
class RunningDeployment:
    """One of them: `ours` if it carries what we want, else one whose end has to come first.

    `since` and `deadline` are on our own monotonic clock.
    """

    observation: Observation
    deployment: str
    ours: bool
    since: float
    deadline: float
    shown: Deployment | None = None
    percent: float | None = None
    due: float = 0.0
    estimate: float | None = None
    doubtful_since: float | None = field(default=None, repr=False)
    problem: str = ""
    """Why it cannot be followed to its end, in words."""


class Poller:
    """All that run at the moment, by their targets' keys."""

    def __init__(self, divio: Divio, pool: Executor) -> None:
        """`pool` is where requests are made from."""
        self._divio = divio
        self._pool = pool
        self._running: dict[str, RunningDeployment] = {}
        self._ended: list[float] = []
        self._are_lists_useful = True

    def __len__(self) -> int:
        return len(self._running)

    def __iter__(self) -> Iterator[RunningDeployment]:
        return iter(list(self._running.values()))

    def add(self, running: RunningDeployment) -> None:
        """Follow one more."""
        running.due = running.since + self._pause(running, running.since)
        self._running[running.observation.target.key] = running

    def drop(self, key: str) -> RunningDeployment | None:
        """Follow it no longer."""
        return self._running.pop(key, None)

    def note(self, seconds: float) -> None:
        """Learn from one that ended how long the others may take."""
        self._ended.append(seconds)
        now = time.monotonic()
        for running in self:
            running.due = min(running.due, now + self._pause(running, now))

    def wait(self) -> None:
        """Sleep until the next one is due."""
        wake = min((min(running.due, running.deadline) for running in self), default=0.0)
        time.sleep(max(wake - time.monotonic(), 0.0))

    def ask(self) -> list[RunningDeployment]:
        """Ask for those that are due. Returns those that ended, with `shown`, and those that are given up, with `problem`."""
        soon = time.monotonic() + self._shortest_pause() / 2
        due = [running for running in self if running.due <= soon]
        answers = self._list(due) if self._are_lists_useful and len(due) > _FEW else {}
        alone = [running for running in due if running.deployment not in answers]
        if answers and all(row.percent is None for row in answers.values()):
            # A list need not tell percentages: one of them is enough to show that something moves.
            alone = alone or due[:1]
        for running in due:
            row = answers.get(running.deployment)
            if row is not None:
                self._update(running, row)
        list(self._pool.map(self._get, alone))
        now = time.monotonic()
        for running in due:
            running.due = now + self._pause(running, now)
        return [running for running in self if self._is_over(running, now)]

    def _list(self, due: Sequence[RunningDeployment]) -> dict[str, Deployment]:
        environments = [running.observation.environment for running in due]
        found: dict[str, Deployment] = {}
        for shown in self._pool.map(self._newest_by_id, batches(environments)):
            found |= shown
        # One that ended without a word on success is asked for alone, where more may be shown.
        ours = {
            item.deployment: found[item.deployment]
            for item in due
            if item.deployment in found and not _ended_without_result(found[item.deployment])
        }
        self._are_lists_useful = len(ours) * 2 >= len(due)
        return ours

    def _newest_by_id(self, environments: Sequence[str]) -> dict[str, Deployment]:
        try:
            return self._divio.deployments.newest_by_id(environments)
        except (OutcomeUnknown, Busy, Unreachable, NotUnderstood, Refused):
            return {}  # each is then read alone, and its error is reported

    def _get(self, running: RunningDeployment) -> None:
        try:
            self._update(running, self._divio.deployments.get(running.deployment))
        except (OutcomeUnknown, Busy, Unreachable):
            pass  # no answer is no verdict
        except (Refused, NotUnderstood) as error:
            patience = _DOUBT_S if isinstance(error, Refused) else _LONG_DOUBT_S
            self._give_up_after(running, f"the deployment cannot be followed: {error}", patience)
            if running.problem and isinstance(error, Unauthorized):
                raise  # the token is refused for every site

    def _update(self, running: RunningDeployment, shown: Deployment) -> None:
        running.shown = shown
        if _ended_without_result(shown):
            self._give_up_after(
                running,
                f"its deployment {running.deployment} has ended in a state that is not known: Divio says that it ended, "
                f"but not whether it succeeded",
                _DOUBT_S,
            )
            return
        running.doubtful_since = None
        if shown.percent is not None:
            running.percent = shown.percent
            elapsed = time.monotonic() - running.since
            running.estimate = elapsed * 100 / shown.percent if shown.percent >= _LEAST_PERCENT else None

    def _give_up_after(self, running: RunningDeployment, problem: str, patience: float) -> None:
        now = time.monotonic()
        running.doubtful_since = running.doubtful_since or now
        if now - running.doubtful_since > patience:
            running.problem = problem

    def _is_over(self, running: RunningDeployment, now: float) -> bool:
        if running.problem:
            return True
        shown = running.shown
        if shown is not None and not shown.running and not _ended_without_result(shown):
            return True
        if now > running.deadline:
            stage = (shown.status if shown else None) or "an unknown stage"
            running.problem = (
                f"still in {stage} after {running.deadline - running.since:g} s; it goes on at Divio, and the next "
                f"pulumi up follows it"
            )
            return True
        return False

    def _pause(self, running: RunningDeployment, now: float) -> float:
        expected = expectation(tuple(self._ended), running.estimate, running.observation.last_duration)
        doubtful = running.doubtful_since is not None
        return self._shortest_pause() if doubtful else pause(now - running.since, expected, self._shortest_pause())

    def _shortest_pause(self) -> float:
        """The shortest pause: so many requests as one round takes must not use more than a share of the rate."""
        count = len(self._running)
        lists = self._are_lists_useful and count > _FEW
        requests = -(-count // MOST_ENVIRONMENTS) if lists else count
        return max(FIRST_S, requests / (self._divio.settings.requests_per_second * _SHARE_OF_THE_RATE))


def _ended_without_result(deployment: Deployment) -> bool:
    """Whether it has ended, but Divio does not say how."""
    return deployment.ended_at is not None and deployment.success is None


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
