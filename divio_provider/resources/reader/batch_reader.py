"""What lists of several environments show at once, kept for the one look that follows.

Asked one by one, a hundred environments are two hundred requests before anything is started. Nothing here is a cache:
what was listed is handed out once and then gone, and what the lists did not settle is asked for alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from divio_provider.api.client import Divio
from divio_provider.api.errors import NotUnderstood, Refused
from divio_provider.api.models import Deployment
from divio_provider.api.transport.batches import batches
from divio_provider.estate.planning.wiring import SITE_ID


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


class BatchReader:
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
        lists = (self._list_deployments, self._list_variables)
        return [partial(list_, batch) for list_ in lists for batch in batches(environments)]

    def history(self, environment: str) -> History:
        """An environment's deployments."""
        listed = self._histories.pop(environment, None)
        if listed is not None:
            return listed
        return History(self._divio.deployments.history(environment), self._divio.server_date, time.monotonic())

    def variables(self, environment: str) -> dict[str, str | None]:
        """An environment's variables; None as a value where Divio withholds it."""
        listed = self._variables.pop(environment, None)
        if listed is not None:
            return listed
        return {item.name: item.value for item in self._divio.environment_variables.list([environment], fresh=True)}

    def _list_deployments(self, environments: Sequence[str]) -> None:
        listed = self._divio.deployments.histories(environments)
        date, at = self._divio.server_date, time.monotonic()
        self._histories |= {environment: History(found, date, at) for environment, found in listed.items()}

    def _list_variables(self, environments: Sequence[str]) -> None:
        listed: dict[str, dict[str, str | None]] = {}
        try:
            for item in self._divio.environment_variables.list(environments, fresh=True):
                listed.setdefault(item.environment, {})[item.name] = item.value
        except (Refused, NotUnderstood):
            return  # whatever is wrong with one of them is told by asking for that one alone
        # An environment of which nothing was seen is not in it: that proves nothing.
        self._variables |= listed
        self.site_ids |= {environment: found.get(SITE_ID) for environment, found in listed.items()}
