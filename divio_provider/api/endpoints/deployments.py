"""Deployments of environments: started, followed, listed for one environment or several, and asked what they carried.

That the list takes the filter `environment` several times is inferred: so every conclusion is drawn from rows alone,
never from what is missing, and an environment that the rows do not settle is simply not in the answer. Whoever asks
then asks for that one alone.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from divio_provider.api.contract import deployments as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.errors import AlreadyRunning, DivioError, NotUnderstood, OutcomeUnknown, Refused
from divio_provider.api.models import DeployedVariables, Deployment, DeploymentLog
from divio_provider.api.transport.create_once import MOST_POSTS
from divio_provider.api.transport.pagination import walk
from divio_provider.api.transport.responses import read
from divio_provider.api.transport.retry import backoff

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

BuildMode = Literal["AUTO", "ADOPT", "FORCE"]
MOST_PAGES = 2
"""Pages of a list for several: what stands further down is dearer to find there than by asking for one environment alone."""


class Deployments(Endpoint):
    """Deployments on Divio. Nothing here is remembered: they move while one looks."""

    def list(self, environment: str) -> Iterator[Deployment]:
        """An environment's deployments, newest first, each page asked for when it is needed."""
        odd: list[Deployment] = []
        for page in self._pages([environment]):
            known = [one for one in page if one.environment in (None, environment)]
            if odd or not _is_newest_first(known):
                odd += known  # that the newest come first is inferred: where they do not, the whole list is sorted
            else:
                yield from known
        yield from sorted(odd, key=_age, reverse=True)

    def history(self, environment: str) -> tuple[Deployment, ...]:
        """An environment's deployments, newest first, down to its last successful one."""
        return _down_to_the_last_success(self.list(environment))

    def histories(self, environments: Sequence[str]) -> dict[str, tuple[Deployment, ...]]:
        """The histories of several environments, from one list.

        Args:
            environments: ids, no more than one request may name (`MOST_ENVIRONMENTS` of pagination.py).

        Returns:
            An environment is in it only if the rows settle it: all rows are of environments that were asked for, and
            either the list was read to its end, or it came newest first and reached a successful deployment of this
            environment. A list that Divio refuses settles nothing; each `history` then tells its own trouble.
        """
        with suppress(Refused, NotUnderstood):
            return self._settled(environments)
        return {}

    def newest_by_id(self, environments: Sequence[str]) -> dict[str, Deployment]:
        """The first page of the same list by the deployments' own ids, as they are now; where one is missing, ask `get`."""
        return {row.uuid: row for row in next(self._pages(environments), [])}

    def get(self, uuid: str) -> Deployment:
        """One deployment as it is now."""
        return self._http.read(Deployment, contract.GET, uuid)

    def newest(self, environment: str) -> Deployment | None:
        """An environment's newest deployment, running or ended; None when there was none."""
        return next(self.list(environment), None)

    def last_successful(self, environment: str) -> Deployment | None:
        """The deployment that an environment runs: its newest successful one; None when there is none.

        Not its ``last_finished_deployment``, which may be one that failed.
        """
        return next((one for one in self.list(environment) if one.success is True), None)

    def start(self, environment: str, build_mode: BuildMode = "AUTO", *, after: str | None = None) -> Deployment:
        """Start a deployment.

        Where the answer is lost, the environment's newest deployment is taken for ours if it started after our call,
        by Divio's own clock; only when there is none is another one asked for.

        Args:
            environment: id.
            build_mode: ``AUTO`` builds when needed, ``ADOPT`` takes the existing image, ``FORCE`` builds (inferred).
            after: id of the newest deployment that the caller has seen, which is certainly not ours. Without it one
                that started within the second before our call could be taken for it: Divio's ``Date`` is no finer.

        Raises:
            AlreadyRunning: one is running; await its end.
            OutcomeUnknown: still unknown after the last attempt.
        """
        called = self._http.clock.monotonic()
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._post(environment, build_mode)
            except OutcomeUnknown as lost:
                self._http.clock.sleep(backoff(attempt, self._http.policy, 0.0))
                found = self._since(environment, called, lost)
                if found is not None and found.uuid != after:
                    return found
                if attempt == MOST_POSTS:
                    lost.attempts = attempt
                    lost.hint = "We looked for the deployment, and it is not there. Try again later."
                    raise
            except Refused as refusal:
                if refusal.status not in (400, 409):
                    raise
                newest = self.newest(environment)
                if newest is None or not (newest.running or self._ended_since(newest, called)):
                    raise
                if attempt > 1 and newest.uuid != after and self._started_since(newest, called):
                    return newest  # the POST before this one did happen, and was slower than our look
                raise AlreadyRunning(
                    "a deployment of the environment is running already",
                    method=refusal.method,
                    path=refusal.path,
                    status=refusal.status,
                ) from None
            finally:
                self._cache.forget("environments")

    def log(self, uuid: str) -> str:
        """A deployment's log, empty when there is none yet."""
        call = contract.LOG
        data = self._http.send(call, uuid)
        return "" if data is None else read(DeploymentLog, data, call).logs or ""

    def variables(self, uuid: str, expected: Collection[str] = ()) -> dict[str, str | None]:
        """What a deployment carried, built-in variables included: names with values, byte for byte.

        Args:
            uuid: Divio's id.
            expected: names that the caller counts on. Where some are missing, the deployment's own list of names is
                asked: what stands only there is withheld.

        Returns:
            None as a value where Divio withholds it; whether it does so for sensitive ones, or leaves them out, is
            unknown. Values are secrets.
        """
        deployed = self._http.read(DeployedVariables, contract.VARIABLES, uuid)
        carried = {
            name: value if value is None or isinstance(value, str) else str(value)
            for name, value in deployed.environment_variables.items()
        }
        missing = set(expected) - carried.keys()
        if missing:
            names = self.get(uuid).environment_variables or ()
            carried |= dict.fromkeys(sorted(missing.intersection(names)))
        return carried

    def _pages(self, environments: Sequence[str]) -> Iterator[Sequence[Deployment]]:
        return walk(self._http, contract.LIST, Deployment, [("environment", one) for one in environments])

    def _settled(self, environments: Sequence[str]) -> dict[str, tuple[Deployment, ...]]:
        wanted = set(environments)
        found: dict[str, list[Deployment]] = {}
        rows: list[Deployment] = []
        in_order, to_the_end = True, True
        for number, page in enumerate(self._pages(environments), start=1):
            for row in page:
                if row.environment is None or row.environment not in wanted:
                    return {}  # the filter was not understood as we mean it
                found.setdefault(row.environment, []).append(row)
            rows += page
            in_order = _is_newest_first(rows)
            if number == MOST_PAGES or (in_order and wanted == _reached(found)):
                to_the_end = False
                break
        settled = found.keys() if to_the_end else _reached(found) if in_order else ()
        return {one: _down_to_the_last_success(sorted(found[one], key=_age, reverse=True)) for one in settled}

    def _post(self, environment: str, build_mode: str) -> Deployment:
        call = contract.START
        data = self._http.send(call, body={"environment": environment, "build_mode": build_mode})
        if data is None:
            # Accepted, but without saying which one it is: as good as a lost answer.
            raise OutcomeUnknown("answered without a body", method=call.method, path=call.path)
        return read(Deployment, data, call)

    def _since(self, environment: str, called: float, lost: OutcomeUnknown) -> Deployment | None:
        try:
            newest = self.newest(environment)
            known = self._http.server_date is not None
        except DivioError as error:
            lost.hint = f"Looking for the deployment failed as well ({error}), so it may run."
            raise lost from None
        if newest is None:
            return None
        if not known and newest.started_at is not None:
            lost.hint = "Divio's answers carry no Date, so it cannot be told whether the newest deployment is ours."
            raise lost
        return newest if self._started_since(newest, called) else None

    def _started_since(self, deployment: Deployment, called: float) -> bool:
        """Whether a deployment, just read, started after our call. One that has not begun yet will."""
        return deployment.started_at is None or self._is_since(deployment.started_at, called)

    def _ended_since(self, deployment: Deployment, called: float) -> bool:
        """Whether a deployment, just read, ended after our call: then it was what stood in our way."""
        return deployment.ended_at is not None and self._is_since(deployment.ended_at, called)

    def _is_since(self, moment: datetime, called: float) -> bool:
        # Divio's Date in the answer just read, minus the seconds since our call: both sides are Divio's own clock, of
        # which the Date shows whole seconds, cut off. So this is at most a second too early and never too late.
        date = self._http.server_date
        if date is None:
            return False
        return _utc(moment) >= date - timedelta(seconds=self._http.clock.monotonic() - called)


def _age(deployment: Deployment) -> tuple[bool, datetime]:
    """What to sort by: the larger, the newer. One that has not begun yet is newest."""
    return deployment.started_at is None, _utc(deployment.started_at)


def _utc(moment: datetime | None) -> datetime:
    """A time that can be compared with others: None is long ago, and one without a zone is taken for UTC."""
    if moment is None:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_newest_first(deployments: Sequence[Deployment]) -> bool:
    """Whether a list's rows come in the order in which Divio is thought to give them."""
    return all(_age(later) <= _age(earlier) for earlier, later in pairwise(deployments))


def _down_to_the_last_success(newest_first: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """The first of an environment's deployments, up to a successful one; no further one is asked for."""
    found = []
    for deployment in newest_first:
        found.append(deployment)
        if deployment.success is True:
            break
    return tuple(found)


def _reached(found: dict[str, list[Deployment]]) -> set[str]:
    return {environment for environment, rows in found.items() if any(row.success is True for row in rows)}
