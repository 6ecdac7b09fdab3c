"""A rollout: all targets of one `Deployment` are read, deployed and awaited together.

A few workers talk to Divio, one loop waits: a rollout takes as long as its slowest site, and holds no thread for each.
Starting comes first: while a deployment may be started, no request is spent on the progress of others.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from divio_provider.api.client import Divio
from divio_provider.api.errors import (
    AlreadyRunning,
    Busy,
    NotUnderstood,
    OutcomeUnknown,
    Refused,
    Unauthorized,
    Unreachable,
)
from divio_provider.api.models import Deployment
from divio_provider.estate.planning.deployment_decision import Deploy, Follow, InSync
from divio_provider.estate.planning.unfinished import in_words
from divio_provider.resources.deployment.messages import end_line, failed_deployment, panel_address, progress_line
from divio_provider.resources.deployment.observer import LOOK_LASTS_S, Observation, Observer
from divio_provider.resources.deployment.outcome import Limits, Outcome
from divio_provider.resources.deployment.poller import Poller, RunningDeployment
from divio_provider.resources.deployment.server_clock import ServerClock
from divio_provider.resources.deployment.targets import Target
from divio_provider.resources.deployment.verification import verify
from divio_provider.resources.host import engine
from divio_provider.resources.reader import original_deployment

_T = TypeVar("_T")

_WORKERS = 8
_PROGRESS_S = 1.0
_PROGRESS_SHARE = 0.25
_LONGEST_WAIT_FOR_A_SECOND_S = 2.0
_NO_ANSWER = (Busy, OutcomeUnknown, Unreachable)


class Rollout:
    """One run of a `Deployment`."""

    def __init__(self, divio: Divio, observer: Observer, targets: Iterable[Target], limits: Limits, urn: str) -> None:
        """`urn` is the row of the CLI in which progress shows."""
        self._divio = divio
        self._observer = observer
        self._targets = list(targets)
        self._limits = limits
        self._urn = urn
        self._outcome = Outcome(looked_at=len(self._targets))
        self._progress_shown_at = self._created_at = time.monotonic()
        self._first_start: float | None = None
        self._failed_deployments = 0
        self._poller: Poller
        self._clock = ServerClock(divio)

    def run(self) -> Outcome:
        """Run it. What fails one site is in the outcome; what fails all of them is raised."""
        if not self._targets:
            return self._outcome
        with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="rollout") as pool:
            self._poller = Poller(self._divio, pool)
            observations = self._observe_all(self._targets, pool)
            self._deploy(self._to_start(observations), pool)
            self._record_urls(observations, pool)
            list(pool.map(self._verify, self._targets))
        engine.progress(end_line(self._outcome), self._urn)
        return self._outcome

    def _observe_all(self, targets: Sequence[Target], pool: Executor) -> list[Observation]:
        for done in [pool.submit(job) for job in self._observer.prepare(targets)]:
            done.result()
        return [observation for observation in pool.map(self._observe, targets) if observation is not None]

    def _deploy(self, waiting: list[Observation], pool: Executor) -> None:
        poller, ends_at = self._poller, time.monotonic() + self._time_for(len(waiting))
        while waiting or poller:
            why = "the time of its wave is over" if time.monotonic() > ends_at else self._reason_to_stop()
            if waiting and why:
                for observation in waiting:
                    self._fail(observation.target, f"not started: {why}")
                waiting = []
            most = self._limits.max_parallel
            free = len(waiting) if most is None else max(most - len(poller), 0)
            batch, waiting = waiting[:free], waiting[free:]
            self._start_all(batch, pool)
            self._show_progress()
            if poller:
                poller.wait()
                list(pool.map(self._end, poller.ask()))

    def _reason_to_stop(self) -> str:
        """Why no further site is started; empty while few enough have failed."""
        failed = self._failed_deployments
        return f"{failed} of its wave failed before it" if failed > self._limits.max_failures else ""

    def _time_for(self, count: int) -> float:
        """Seconds that a wave may take: as many times one site's as sites have to wait for each other."""
        rounds = -(-count // self._limits.max_parallel) if self._limits.max_parallel else 1
        return rounds * self._limits.timeout

    def _start_all(self, batch: list[Observation], pool: Executor) -> None:
        """Start the batch, or follow what runs there. What was seen too long ago is looked at again, some at a time."""
        # As many as can be started in half of the time for which a look lasts: the other half goes by with looking.
        some = max(1, int(self._divio.settings.requests_per_second * LOOK_LASTS_S / 2))
        looked_again = False
        while batch:
            # The first after a look is started whatever its age: a slow Divio must not keep us looking for ever.
            started = pool.map(self._start, batch, [looked_again] + [False] * (len(batch) - 1))
            old = [observation for observation, done in zip(batch, started, strict=True) if not done]
            batch = self._to_start(self._observe_all([observation.target for observation in old[:some]], pool))
            looked_again = bool(batch)
            batch += old[some:]

    def _observe(self, target: Target) -> Observation | None:
        observation = self._or_record_refusal(target, lambda: self._observer.observe(target))
        if observation is not None and observation.unfinished:
            self._outcome.unfinished[target.key] = observation.unfinished
        return observation

    def _to_start(self, observations: Iterable[Observation]) -> list[Observation]:
        """Those that need a deployment; the outcome records the others."""
        found = []
        for observation in observations:
            target = observation.target
            if observation.is_skipped or observation.unfinished:
                continue
            if isinstance(observation.decision, InSync) and not observation.refused:
                self._outcome.deployed[target.key] = observation.decision.deployment
            elif self._limits.stop:
                self._outcome.unfinished[target.key] = [target.unfinished_because("until", self._limits.stop)]
            elif observation.refused:
                self._outcome.failed[target.key] = f"not deployed: {observation.refused}"
            elif observation.decision is not None:
                found.append(observation)
        return found

    def _start(self, observation: Observation, at_any_age: bool) -> bool:
        """Start it, or follow what runs there. False where it was seen too long ago, and has to be looked at again."""
        done = self._or_record_refusal(
            observation.target, lambda: self._start_or_follow(observation, at_any_age=at_any_age)
        )
        self._show_progress()
        return done is not False

    def _start_or_follow(self, observation: Observation, *, at_any_age: bool = True) -> bool:
        decision = observation.decision
        if isinstance(decision, Follow):
            self._follow(observation, decision.deployment, ours=True)
        elif isinstance(decision, Deploy) and decision.after is not None:
            self._follow(observation, decision.after, ours=False)
        elif isinstance(decision, Deploy):
            self._wait_out_the_second(observation)
            if not at_any_age and time.monotonic() - observation.looked_at > LOOK_LASTS_S:
                return False
            engine.start_nothing_without_the_engine()
            try:
                started = self._divio.deployments.start(
                    observation.environment, decision.build_mode, after=observation.newest
                )
            except AlreadyRunning:
                running = self._divio.deployments.newest(observation.environment)
                if running is None:
                    raise
                self._follow(observation, running.uuid, ours=False)
            else:
                original_deployment.forget(self._divio, observation.environment)
                self._follow(observation, started.uuid, ours=True)
        return True

    def _wait_out_the_second(self, observation: Observation) -> None:
        # The server's Date has whole seconds: a start within the second of our last write would be no proof later.
        changed = observation.target.last_write
        if changed is not None:
            self._clock.note(observation.server_date, observation.looked_at)
            ask = partial(self._divio.deployments.newest, observation.environment)
            self._clock.wait_for(changed + timedelta(seconds=1), ask, _LONGEST_WAIT_FOR_A_SECOND_S)

    def _follow(self, observation: Observation, deployment: str, *, ours: bool) -> None:
        known = self._poller.drop(observation.target.key)
        now = time.monotonic()
        deadline = known.deadline if known else now + self._limits.timeout
        self._first_start = now if self._first_start is None else self._first_start
        self._poller.add(RunningDeployment(observation, deployment, ours, now, deadline))

    def _end(self, running: RunningDeployment) -> None:
        target = running.observation.target
        if running.problem:
            self._fail(target, f"{running.problem}; {panel_address(self._divio, running.observation)}")
        elif running.shown is not None:
            shown = running.shown
            self._or_record_refusal(target, lambda: self._ended(running, shown))

    def _ended(self, running: RunningDeployment, shown: Deployment) -> None:
        observation, target = running.observation, running.observation.target
        original_deployment.forget(self._divio, observation.environment)
        if not running.ours:
            again = self._observer.observe(target)
            if again.is_skipped:
                self._poller.drop(target.key)
            elif again.refused or again.unfinished:
                self._fail(target, f"not deployed: {again.refused or in_words(again.unfinished)}")
            elif isinstance(again.decision, InSync):
                self._poller.drop(target.key)
                self._outcome.deployed[target.key] = again.decision.deployment
            else:
                self._start_or_follow(again)
            return
        if shown.success is not True:
            self._failed_deployments += 1
            self._fail(target, failed_deployment(self._divio, observation, shown))
            return
        try:
            problem = self._problem_of_carried(running, shown.uuid)
        except _NO_ANSWER:
            return  # no answer is no verdict: it is asked again in the next round
        if problem:
            self._failed_deployments += 1
            self._fail(target, f"deployed, but {problem}")
            return
        self._outcome.deployed[target.key] = shown.uuid
        self._record_duration(running, shown)
        if isinstance(observation.decision, Deploy) and observation.decision.build_mode == "ADOPT":
            self._outcome.adopted_image[target.key] = observation.last or ""
        elif isinstance(observation.decision, Deploy):
            self._outcome.released[target.key] = shown.ended_at or datetime.now(UTC)
        self._poller.drop(target.key)

    def _problem_of_carried(self, running: RunningDeployment, deployment: str) -> str:
        """What is wrong with what a successful deployment carried; what cannot be read is not taken for fine."""
        try:
            return self._observer.problem_of(running.observation.target, deployment)
        except Unauthorized:
            raise
        except (Refused, NotUnderstood, *_NO_ANSWER) as error:
            if isinstance(error, _NO_ANSWER) and time.monotonic() < running.deadline:
                raise
            return f"what it carried cannot be read: {error}"

    def _record_duration(self, running: RunningDeployment, shown: Deployment) -> None:
        now = time.monotonic()
        seconds = now - running.since
        if shown.started_at is not None and shown.ended_at is not None:
            seconds = (shown.ended_at - shown.started_at).total_seconds()
        self._poller.note(seconds)
        self._outcome.durations[running.observation.target.key] = seconds
        self._outcome.seconds = now - (running.since if self._first_start is None else self._first_start)

    def _record_urls(self, observations: Sequence[Observation], pool: Executor) -> None:
        deployed = [observation for observation in observations if observation.target.key in self._outcome.deployed]
        if not deployed:
            return
        # One list of the account's is cheaper than asking for each, and an address appears with the first deployment.
        alone = len(deployed) == 1
        application = deployed[0].target.application if alone else None
        listed = self._divio.environments.list(application, fresh=True)
        addresses = {environment.uuid: environment.deployed_url or "" for environment in listed}
        missing = [observation.target.key for observation in deployed if not addresses.get(observation.environment)]
        domains = dict(zip(missing, pool.map(self._address, missing), strict=True))
        for observation in deployed:
            key = observation.target.key
            self._outcome.urls[key] = addresses.get(observation.environment) or domains[key]

    def _address(self, key: str) -> str:
        domain = self._divio.deployments.variables(self._outcome.deployed[key]).get("DOMAIN")
        return f"https://{domain}/" if domain else ""

    def _verify(self, target: Target) -> None:
        expectation, deployment = self._limits.verify, self._outcome.deployed.get(target.key)
        if expectation is None or deployment is None or target.key in self._outcome.failed:
            return
        url = self._outcome.urls.get(target.key)
        asked = self._or_record_refusal(
            target, lambda: url and verify(self._divio, target, url, deployment, expectation)
        )
        problem = asked if url else "Divio shows no address of it, so it cannot be verified"
        if problem:
            self._outcome.failed[target.key] = f"deployed, but {problem}"

    def _or_record_refusal(self, target: Target, action: Callable[[], _T]) -> _T | None:
        """Run the action. A refusal is recorded as the target's failure; a refused token fails the whole rollout."""
        try:
            return action()
        except Unauthorized:
            raise
        except Refused as error:
            self._fail(target, str(error))
            return None

    def _fail(self, target: Target, reason: str) -> None:
        self._poller.drop(target.key)
        self._outcome.failed[target.key] = reason

    def _show_progress(self) -> None:
        now = time.monotonic()
        # A CLI that is not at a terminal prints a line for each: ever fewer of them, the longer it takes.
        pause = max(_PROGRESS_S, (now - self._created_at) * _PROGRESS_SHARE)
        if now - self._progress_shown_at < pause or not self._poller:
            return
        self._progress_shown_at = now
        running = [
            (one.observation.target.label, one.percent, one.shown.status if one.shown else None) for one in self._poller
        ]
        done = len(self._outcome.deployed) + len(self._outcome.failed)
        engine.progress(progress_line(len(self._targets), done, running), self._urn)
