"""What Divio shows of a target, past any cache, and what follows from it."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from divio_provider.api.client import Divio
from divio_provider.api.models import Deployment
from divio_provider.estate.deployments import Decision, Facts, InSync, Seen, decide
from divio_provider.estate.wiring import DEFAULT_SITE_ID, SITE_ID, STALE, WIRED, Copy, refusal
from divio_provider.resources import snapshot
from divio_provider.resources.domain import deployed_hosts
from divio_provider.resources.originals import Deployed, deployed, released_at
from divio_provider.resources.targets import Target

Role = Literal["original", "mirrors", "wiring"]


@dataclass(frozen=True)
class Look:
    """What looking at a target gave: its environment's id and what to do.

    `waits` is why it cannot be deployed yet, `refused` why it must not be; `leave` that it is somebody else's turn.
    """

    target: Target
    environment: str = ""
    decision: Decision | None = None
    waits: str = ""
    refused: str = ""
    leave: bool = False
    newest: str | None = None
    """The newest deployment there was."""
    present: dict[str, str | None] = field(default_factory=dict)
    server_date: datetime | None = None
    """The server's time when we looked."""
    looked_at: float = 0.0
    """The same moment on our own monotonic clock."""


class Observer:
    """Looks at the targets of one `Deployment`; what concerns all of them is asked once."""

    def __init__(self, divio: Divio, role: Role, release: str | None, released: datetime | None) -> None:
        """`release` is the name declared for the original, `released` when its Live got it, None: to be looked up."""
        self._divio = divio
        self._role = role
        self._release = release
        self._released = released
        self._lock = threading.Lock()
        self._originals: dict[tuple[str, str], Deployed | None] = {}
        self._site_ids: dict[tuple[str, str], dict[str, str]] = {}

    def look(self, target: Target) -> Look:
        """Look at one target."""
        if target.hold:
            return Look(target, waits=target.hold)
        if target.unfinished or not target.application:
            reasons = (
                "; ".join(target.unfinished.values())
                or f"waits for the application {target.site}, which does not exist yet"
            )
            return Look(target, waits=reasons)
        environment = snapshot.environments(self._divio, target.application).get(target.environment)
        if environment is None:
            return Look(target, waits=f"Divio shows no environment {target.environment} of it")
        if self._role != "original" and self._original(target, "live") is None:
            return Look(target, environment.uuid, waits=f"waits for the first deployment of {target.original}'s Live")
        newest, running, last = self._deployments(environment.uuid)
        if last is None and self._role == "wiring":
            return Look(target, environment.uuid, leave=True)
        present = {
            item.name: item.value for item in self._divio.environment_variables.list([environment.uuid], fresh=True)
        }
        facts = self._facts(target, present, running, last)
        decision = decide(facts)
        guarded = self._role != "original" and not isinstance(decision, InSync)
        return Look(
            target,
            environment.uuid,
            decision=decision,
            refused=self._refusal(target, present) if guarded else "",
            newest=newest,
            present=present,
            server_date=self._divio.server_date,
            looked_at=time.monotonic(),
        )

    def _deployments(self, environment: str) -> tuple[str | None, Deployment | None, Deployment | None]:
        """The id of the newest one, the one that runs, and the last successful one."""
        newest, running = None, None
        for deployment in self._divio.deployments.list(environment):
            newest = newest or deployment.uuid
            if deployment.running:
                running = running or deployment
            elif deployment.success is True:
                return newest, running, deployment
        return newest, running, None

    def _facts(
        self, target: Target, present: dict[str, str | None], running: Deployment | None, last: Deployment | None
    ) -> Facts:
        expected = (*target.names, *target.services)
        carried = self._divio.deployments.variables(last.uuid, expected) if last is not None else {}
        original = self._role == "original"
        return Facts(
            last=_seen(last, carried),
            running=_seen(running, None, starts_at=self._divio.server_date),
            names=target.names,
            present=present,
            changed_at=target.last_write,
            released_at=self._released_at(target) if self._role == "mirrors" else None,
            release=self._release if original else None,
            build_for=_build_for(target, carried) if last or running else "",
            deploy_for=(target.redeployment or _deploy_for(target, carried)) if last or running else "",
        )

    def _released_at(self, target: Target) -> datetime | None:
        with self._lock:
            if self._released is None:
                self._released = released_at(self._divio, target.source)
            return self._released

    def _original(self, target: Target, environment: str) -> Deployed | None:
        key = (target.source, environment)
        with self._lock:
            if key not in self._originals:
                self._originals[key] = deployed(self._divio, target.source, environment, fresh=True)
            return self._originals[key]

    def _refusal(self, target: Target, present: dict[str, str | None]) -> str:
        original = self._original(target, target.environment)
        copies: dict[str, Copy] = {}
        for name in target.shared:
            theirs = original.fingerprint(name) if original is not None else None
            copied = target.fingerprint.get(name)
            copies[name] = STALE if theirs and copied and theirs != copied else WIRED
        others = self._others(target)
        return refusal(site_id=target.site_id, present=present, shared=target.shared, copies=copies, others=others)

    def _others(self, target: Target) -> dict[str, str]:
        with self._lock:
            key = (target.source, target.environment)
            if key not in self._site_ids:
                self._site_ids[key] = self._really_set(*key)
            return {slug: value for slug, value in self._site_ids[key].items() if slug != target.site}

    def _really_set(self, source: str, environment: str) -> dict[str, str]:
        """The `SITE_ID` set on every site of the estate, declared by us or not."""
        divio = self._divio
        divio.applications.list(fresh=True)
        estate = snapshot.estate(divio, source)
        places = {}
        for uuid, member in estate.items():
            found = snapshot.environments(divio, uuid).get(environment)
            if found is not None:
                places[found.uuid] = member.slug
        listed = divio.environment_variables.list(list(places), name=SITE_ID)
        site_ids = {places[item.environment]: item.value for item in listed if item.value}
        if source in estate:
            site_ids.setdefault(estate[source].slug, DEFAULT_SITE_ID)
        return site_ids


def _seen(
    deployment: Deployment | None, variables: dict[str, str | None] | None, starts_at: datetime | None = None
) -> Seen | None:
    """`starts_at` is for one that is queued: no earlier than now."""
    if deployment is None:
        return None
    started_at = deployment.started_at or starts_at
    if started_at is None:
        return None
    return Seen(deployment.uuid, started_at, deployment.ended_at, variables)


def _build_for(target: Target, carried: dict[str, str | None]) -> str:
    missing = [name for name in target.services if name not in carried]
    if missing:
        return f"its services are not provisioned yet ({', '.join(missing)})"
    branch = carried.get("GIT_BRANCH")
    if target.branch and branch and branch != target.branch:
        return f"it runs branch {branch}, declared is {target.branch}"
    return ""


def _deploy_for(target: Target, carried: dict[str, str | None]) -> str:
    missing = sorted(target.hosts.keys() - deployed_hosts(carried))
    return f"it was deployed without its domain {', '.join(missing)}" if missing else ""
