"""A rollout: all targets of one `Deployment` looked at, started and awaited together.

A few workers talk to Divio, one loop waits: a rollout takes as long as its slowest site, and holds no thread for each.
Of the requests that Divio allows, starting comes first: while something may be started, nobody asks how the rest stands.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from divio_provider.api.client import Divio
from divio_provider.api.errors import AlreadyRunning, Refused
from divio_provider.api.models import Deployment
from divio_provider.estate.planning.deployment_decision import Deploy, Follow, InSync
from divio_provider.resources.deployment.messages import failed_deployment, panel_address, progress_line
from divio_provider.resources.deployment.observer import Look, Observer
from divio_provider.resources.deployment.outcome import Limits, Outcome
from divio_provider.resources.deployment.poller import Followed, Following
from divio_provider.resources.deployment.server_clock import ServerClock
from divio_provider.resources.deployment.targets import Target
from divio_provider.resources.deployment.verification import verify
from divio_provider.resources.host import engine
from divio_provider.resources.reader import original_deployment

_T = TypeVar("_T")

_WORKERS = 8
_PROGRESS_S = 1.0
_FRESH_S = 60.0  # a site whose turn comes later than this is looked at again
_LONGEST_TIE_S = 2.0


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
        self._spoke_at = 0.0
        self._began: float | None = None
        self._failed_deployments = 0
        self._following: Following
        self._clock = ServerClock(divio)

    def run(self) -> Outcome:
        """Do it; a single site's trouble is in the outcome, anything that concerns all of them is raised."""
        if not self._targets:
            return self._outcome
        with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="rollout") as pool:
            self._following = Following(self._divio, pool)
            looks = self._look_at(self._targets, pool)
            self._deploy([look for look in looks if self._is_to_start(look)], pool)
            self._note_urls(looks, pool)
            list(pool.map(self._verify, self._targets))
        engine.progress(f"{len(self._outcome.deployed)} of {len(self._targets)} deployed", self._urn)
        return self._outcome

    def _look_at(self, targets: Sequence[Target], pool: Executor) -> list[Look]:
        for done in [pool.submit(job) for job in self._observer.prepare(targets)]:
            done.result()
        return [look for look in pool.map(self._look, targets) if look is not None]

    def _deploy(self, waiting: list[Look], pool: Executor) -> None:
        following, ends_at = self._following, time.monotonic() + self._time_for(len(waiting))
        while waiting or following:
            why = "the time of its wave is over" if time.monotonic() > ends_at else self._enough()
            if waiting and why:
                for look in waiting:
                    self._fail(look.target, f"{look.target.label} was not started: {why}")
                waiting = []
            free = self._free(len(waiting))
            batch, waiting = waiting[:free], waiting[free:]
            if batch:
                list(pool.map(self._start, self._fresh(batch, pool)))
            self._say()
            if following:
                following.wait()
                list(pool.map(self._end, following.ask()))

    def _enough(self) -> str:
        """Why no further site is started; empty while few enough have failed."""
        failed = self._failed_deployments
        return f"{failed} of its wave failed before it" if failed > self._limits.max_failures else ""

    def _time_for(self, count: int) -> float:
        """Seconds that a wave may take: as many times one site's as sites have to wait for each other."""
        rounds = -(-count // self._limits.max_parallel) if self._limits.max_parallel else 1
        return rounds * self._limits.timeout

    def _free(self, waiting: int) -> int:
        """How many of those that wait may start now."""
        most = self._limits.max_parallel
        return waiting if most is None else max(most - len(self._following), 0)

    def _fresh(self, batch: list[Look], pool: Executor) -> list[Look]:
        """The same looks, those that are old taken anew: what was found out need not be so any more."""
        oldest = time.monotonic() - _FRESH_S
        old = [look.target for look in batch if look.looked_at < oldest]
        again = self._look_at(old, pool) if old else []
        return [look for look in batch if look.looked_at >= oldest] + [
            look for look in again if self._is_to_start(look)
        ]

    def _look(self, target: Target) -> Look | None:
        look = self._guarded(target, lambda: self._observer.look(target))
        if look is not None and look.waits:
            self._outcome.unfinished[target.key] = look.waits
        return look

    def _is_to_start(self, look: Look) -> bool:
        key = look.target.key
        if look.leave or look.waits:
            return False
        if isinstance(look.decision, InSync):
            self._outcome.deployed[key] = look.decision.deployment
            return False
        if self._limits.stop:
            self._outcome.unfinished[key] = self._limits.stop
            return False
        if look.refused:
            self._outcome.failed[key] = f"{look.target.label} is not deployed: {look.refused}"
            return False
        return look.decision is not None

    def _start(self, look: Look) -> None:
        self._guarded(look.target, lambda: self._begin(look))
        self._say()

    def _begin(self, look: Look) -> None:
        decision = look.decision
        if isinstance(decision, Follow):
            self._watch(look, decision.deployment, ours=True)
        elif isinstance(decision, Deploy) and decision.after is not None:
            self._watch(look, decision.after, ours=False)
        elif isinstance(decision, Deploy):
            self._wait_out_the_second(look)
            engine.start_nothing_without_the_engine()
            try:
                started = self._divio.deployments.start(look.environment, decision.build_mode, after=look.newest)
            except AlreadyRunning:
                running = self._divio.deployments.newest(look.environment)
                if running is None:
                    raise
                self._watch(look, running.uuid, ours=False)
                return
            original_deployment.forget(self._divio, look.environment)
            self._watch(look, started.uuid, ours=True)

    def _wait_out_the_second(self, look: Look) -> None:
        # The server's Date has whole seconds: a start within the second of our last write would be no proof later.
        changed = look.target.last_write
        if changed is not None:
            self._clock.note(look.server_date, look.looked_at)
            ask = partial(self._divio.deployments.newest, look.environment)
            self._clock.wait_for(changed + timedelta(seconds=1), ask, _LONGEST_TIE_S)

    def _watch(self, look: Look, deployment: str, *, ours: bool) -> None:
        known = self._following.drop(look.target.key)
        now = time.monotonic()
        deadline = known.deadline if known else now + self._limits.timeout
        self._began = now if self._began is None else self._began
        self._following.add(Followed(look, deployment, ours, now, deadline))

    def _end(self, followed: Followed) -> None:
        target = followed.look.target
        if followed.trouble:
            self._fail(target, f"{target.label}: {followed.trouble}; {panel_address(self._divio, followed.look)}")
        elif followed.shown is not None:
            shown = followed.shown
            self._guarded(target, lambda: self._ended(followed, shown))

    def _ended(self, running: Followed, shown: Deployment) -> None:
        look, target = running.look, running.look.target
        original_deployment.forget(self._divio, look.environment)
        if not running.ours:
            again = self._observer.look(target)
            if isinstance(again.decision, InSync):
                self._following.drop(target.key)
                self._outcome.deployed[target.key] = again.decision.deployment
            elif again.leave:
                self._following.drop(target.key)
            elif again.refused or again.waits:
                self._fail(target, f"{target.label} is not deployed: {again.refused or again.waits}")
            else:
                self._begin(again)
            return
        if shown.success is not True:
            self._failed_deployments += 1
            self._fail(target, failed_deployment(self._divio, look, shown))
            return
        self._outcome.deployed[target.key] = shown.uuid
        self._note_duration(running, shown)
        if isinstance(look.decision, Deploy) and look.decision.build_mode == "ADOPT":
            self._outcome.adopted_image.add(target.key)
        elif isinstance(look.decision, Deploy):
            self._outcome.released[target.key] = shown.ended_at or datetime.now(UTC)
        self._following.drop(target.key)

    def _note_duration(self, running: Followed, shown: Deployment) -> None:
        now = time.monotonic()
        seconds = now - running.since
        if shown.started_at is not None and shown.ended_at is not None:
            seconds = (shown.ended_at - shown.started_at).total_seconds()
        self._following.note(seconds)
        self._outcome.durations[running.look.target.key] = seconds
        self._outcome.seconds = now - (running.since if self._began is None else self._began)

    def _note_urls(self, looks: Sequence[Look], pool: Executor) -> None:
        deployed = [look for look in looks if look.target.key in self._outcome.deployed]
        if not deployed:
            return
        # One list of the account's is cheaper than asking for each, and an address appears with the first deployment.
        alone = len(deployed) == 1
        application = deployed[0].target.application if alone else None
        listed = self._divio.environments.list(application, fresh=True)
        addresses = {environment.uuid: environment.deployed_url or "" for environment in listed}
        missing = [look.target.key for look in deployed if not addresses.get(look.environment)]
        domains = dict(zip(missing, pool.map(self._address, missing), strict=True))
        for look in deployed:
            key = look.target.key
            self._outcome.urls[key] = addresses.get(look.environment) or domains[key]

    def _address(self, key: str) -> str:
        domain = self._divio.deployments.variables(self._outcome.deployed[key]).get("DOMAIN")
        return f"https://{domain}/" if domain else ""

    def _verify(self, target: Target) -> None:
        expectation, deployment = self._limits.expectation, self._outcome.deployed.get(target.key)
        if expectation is None or deployment is None or target.key in self._outcome.failed:
            return
        url = self._outcome.urls.get(target.key)
        asked = self._guarded(target, lambda: url and verify(self._divio, target, url, deployment, expectation))
        problem = asked if url else "Divio shows no address of it, so it cannot be verified"
        if problem:
            self._outcome.failed[target.key] = f"{target.label} is deployed, but {problem}"

    def _guarded(self, target: Target, action: Callable[[], _T]) -> _T | None:
        """Run it; what Divio refuses for one site is that site's failure."""
        try:
            return action()
        except Refused as error:
            self._fail(target, f"{target.label}: {error}")
            return None

    def _fail(self, target: Target, reason: str) -> None:
        self._following.drop(target.key)
        self._outcome.failed[target.key] = reason

    def _say(self) -> None:
        now = time.monotonic()
        if now - self._spoke_at < _PROGRESS_S or not self._following:
            return
        self._spoke_at = now
        running = [
            (one.look.target.label, one.percent, one.shown.status if one.shown else None) for one in self._following
        ]
        done = len(self._outcome.deployed) + len(self._outcome.failed)
        engine.progress(progress_line(len(self._targets), done, running), self._urn)
