"""What the original was deployed with: the values that its mirrors share.

Read from the last successful deployment of the original's environment, the one place where Divio shows built-in
variables. Shared by all mirrors of a run; our own deployments forget it, a gate asks past it.
"""

import threading
from dataclasses import dataclass
from datetime import datetime

from divio_provider.api.client import Divio
from divio_provider.estate.planning.wiring import RELEASE, fingerprint
from divio_provider.resources.reader.lists import environments_of


@dataclass(frozen=True)
class Deployed:
    """One environment of the original: its id, and the last successful deployment's.

    `ended_at` is that deployment's, `variables` what it carries (None: withheld).
    """

    environment: str
    deployment: str
    ended_at: datetime
    variables: dict[str, str | None]

    def fingerprint(self, name: str) -> str | None:
        """The fingerprint of a variable's value; None where there is no readable value."""
        value = self.variables.get(name)
        return None if value is None else fingerprint(value, f"{self.environment}/{name}")


def is_copied(value: str, copied: str, name: str, original: str, environment: str, source: Deployed | None) -> bool:
    """Whether `copied` is the fingerprint that was kept of this value when it was copied to a mirror.

    It is salted with the place that the value came from: the environment of the original that was seen to carry it
    (`source`), or, where Divio did not show it and the stack gave it, the original's uuid with "test" or "live".
    """
    places = [*([source.environment] if source is not None else []), f"{original}/{environment}"]
    return any(fingerprint(value, f"{place}/{name}") == copied for place in places)


_known: dict[tuple[object, str], Deployed] = {}
_lock = threading.RLock()
"""Held while Divio is asked, so that one asks for all mirrors."""


def deployed(divio: Divio, application: str, environment: str, *, fresh: bool = False) -> Deployed | None:
    """What `environment` ("test" or "live") of the original with this uuid runs; None if it was never deployed."""
    uuid = environments_of(divio, application).get(environment)
    if uuid is None:
        return None
    key = (divio.settings, uuid)
    with _lock:
        known = _known.get(key)
        if known is not None and not fresh:
            return known
        last = divio.deployments.last_successful(uuid)
        if last is None or last.started_at is None or last.ended_at is None:
            return None
        if known is None or known.deployment != last.uuid:
            variables = divio.deployments.variables(last.uuid)
            known = _known[key] = Deployed(uuid, last.uuid, last.ended_at, variables)
        return known


def forget(divio: Divio, environment: str) -> None:
    """Forget what is known of an environment, by its uuid: it was deployed again."""
    with _lock:
        _known.pop((divio.settings, environment), None)


def released_at(divio: Divio, application: str) -> datetime | None:
    """The end of the deployment that brought the original's Live its present release; None if never deployed.

    Where the original carries `ESTATE_RELEASE`, that is the first of the unbroken row of its last successful
    deployments with that name; else it is its last successful deployment.
    """
    now = deployed(divio, application, "live", fresh=True)
    if now is None:
        return None
    release = now.variables.get(RELEASE)
    arrived = now.ended_at
    if release is None:
        return arrived
    for deployment in divio.deployments.list(now.environment):
        if deployment.success is not True or deployment.ended_at is None:
            continue
        if divio.deployments.variables(deployment.uuid).get(RELEASE) != release:
            break
        arrived = deployment.ended_at
    return arrived
