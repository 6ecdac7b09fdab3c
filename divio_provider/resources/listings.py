"""What lists of several environments show at once, kept for the one look that follows.

Asked one by one, a hundred environments are two hundred requests before anything is started. Nothing here is a cache:
what was listed is handed out once and then gone, and what the lists did not settle is asked for alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from divio_provider.api.client import Divio
from divio_provider.api.deployment_lists import MOST_ENVIRONMENTS
from divio_provider.api.errors import NotUnderstood, Refused
from divio_provider.api.models import Deployment
from divio_provider.estate.wiring import SITE_ID


@dataclass(frozen=True)
class History:
    """An environment's deployments, newest first, down to its last successful one.

    `server_date` is the server's time when they were shown, `at` the same moment on our own monotonic clock.
    """

    deployments: Sequence[Deployment]
    server_date: datetime | None
    at: float

    @property
    def newest(self) -> str | None:
        """The newest one's id."""
        return self.deployments[0].uuid if self.deployments else None

    @property
    def running(self) -> Deployment | None:
        """The newest that runs."""
        return next((one for one in self.deployments if one.running), None)

    @property
    def last(self) -> Deployment | None:
        """The last successful one."""
        return next((one for one in self.deployments if one.success is True), None)


class Listings:
    """Deployments and variables of environments, listed together where that is possible."""

    def __init__(self, divio: Divio) -> None:
        """Nothing is asked yet."""
        self._divio = divio
        self._histories: dict[str, History] = {}
        self._variables: dict[str, dict[str, str | None]] = {}
        self.site_ids: dict[str, str | None] = {}
        """The `SITE_ID` of environments whose variables were listed together; None: withheld or not set."""

    def jobs(self, environments: Sequence[str]) -> list[Callable[[], None]]:
        """The requests that list these environments, by id; they may run at the same time. None for a single one."""
        if len(environments) < 2:
            return []
        chunks = [environments[at : at + MOST_ENVIRONMENTS] for at in range(0, len(environments), MOST_ENVIRONMENTS)]
        return [_job(list_, chunk) for list_ in (self._list_deployments, self._list_variables) for chunk in chunks]

    def history(self, environment: str) -> History:
        """An environment's deployments."""
        listed = self._histories.pop(environment, None)
        if listed is not None:
            return listed
        deployments = []
        for deployment in self._divio.deployments.list(environment):
            deployments.append(deployment)
            if deployment.success is True:
                break
        return History(deployments, self._divio.server_date, time.monotonic())

    def variables(self, environment: str) -> dict[str, str | None]:
        """An environment's variables; None as a value where Divio withholds it."""
        listed = self._variables.pop(environment, None)
        if listed is not None:
            return listed
        return {item.name: item.value for item in self._divio.environment_variables.list([environment], fresh=True)}

    def _list_deployments(self, environments: Sequence[str]) -> None:
        listed = self._divio.deployments.recent(environments)
        date, at = self._divio.server_date, time.monotonic()
        self._histories |= {environment: History(found, date, at) for environment, found in listed.items()}

    def _list_variables(self, environments: Sequence[str]) -> None:
        listed: dict[str, dict[str, str | None]] = {}
        for item in self._divio.environment_variables.list(environments, fresh=True):
            listed.setdefault(item.environment, {})[item.name] = item.value
        # An environment of which nothing was seen is not in it: that proves nothing.
        self._variables |= listed
        self.site_ids |= {environment: found.get(SITE_ID) for environment, found in listed.items()}


def _job(list_: Callable[[Sequence[str]], None], environments: Sequence[str]) -> Callable[[], None]:
    def job() -> None:
        try:
            list_(environments)
        except (Refused, NotUnderstood):
            # Whatever is wrong with one of them is told by asking for that one alone.
            return

    return job
