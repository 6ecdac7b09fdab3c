"""What Divio shows of a target, past any cache, and what follows from it."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal, TypeVar

from divio_provider.api.client import Divio
from divio_provider.api.errors import Refused
from divio_provider.api.models import Deployment
from divio_provider.estate.planning.built_ins import deployed_hosts
from divio_provider.estate.planning.deployment_decision import (
    Decision,
    Deploy,
    Facts,
    InSync,
    Seen,
    decide,
    is_settled,
    missing_refusal,
)
from divio_provider.estate.planning.unfinished import Unfinished
from divio_provider.estate.planning.wiring import (
    DEFAULT_SITE_ID,
    RELEASE,
    SITE_ID,
    STALE,
    WIRED,
    Copy,
    carried_problem,
    deployment_refusal,
)
from divio_provider.resources.deployment.targets import Target
from divio_provider.resources.host import engine
from divio_provider.resources.host.configuration import TAKE_OVER
from divio_provider.resources.reader.lists import FEW, Histories, History, Reader
from divio_provider.resources.reader.original_deployment import Deployed, deployed, is_copied, released_at

LOOK_LASTS_S = 2.0
"""What was seen longer ago is looked at again before anything is started: somebody may have changed it since."""
_SITE_IDS_LAST_S = 30.0
"""For the other sites' `SITE_ID`: one that changes acts only once its own site is deployed, which looks at it."""

Kind = Literal["original", "mirrors", "wiring"]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Observation:
    """What Divio shows of a target: its environment's id and what to do.

    `unfinished` is why it cannot be deployed yet (empty: it can), `refused` why it must not be; `is_skipped` that it is left
    to a later step.
    """

    target: Target
    environment: str = ""
    decision: Decision | None = None
    unfinished: Sequence[Unfinished] = ()
    refused: str = ""
    is_skipped: bool = False
    newest: str | None = None
    """The newest deployment there was."""
    last: str | None = None
    """The last successful one."""
    last_duration: float | None = None
    """Seconds that the last successful one took."""
    present: dict[str, str | None] = field(default_factory=dict)
    server_date: datetime | None = None
    """The server's time when it was read."""
    looked_at: float = 0.0
    """The same moment on our own monotonic clock."""


class Observer:
    """Reads the targets of one `Deployment`; what concerns all of them is read once."""

    def __init__(
        self,
        divio: Divio,
        kind: Kind,
        release: str | None,
        released: datetime | None,
        may_redeploy: Callable[[Target], bool] = lambda _: True,
    ) -> None:
        """`release` is the name declared for the original, `released` when its Live got it, None: to be looked up.

        `may_redeploy` tells whether a target may be deployed that was before, although nothing of this program's changed it.
        """
        self._divio = divio
        self._may_redeploy = may_redeploy
        self._kind = kind
        self._release = release
        self._released = released
        self._lock = threading.RLock()
        self._found: dict[tuple[str, str, str], tuple[float, Any]] = {}
        self._environments: dict[tuple[str, str], str] = {}
        self._carried: dict[str, dict[str, str | None]] = {}
        self._now = Histories(divio)

    def prepare(self, targets: Iterable[Target]) -> list[Callable[[], None]]:
        """Jobs to run at the same time before `observe`: they read lists, so that each target needs fewer requests.

        The next `observe` of each target uses what they read; a later one reads anew.
        """
        try:
            found = [target for target in targets if not _unfinished(target)]
            if not found or (self._kind != "original" and self._original(found[0], "live") is None):
                return []
            if self._kind != "original":
                for environment in sorted({target.environment for target in found}):
                    self._original(found[0], environment)
            if sum((target.application, target.environment) not in self._environments for target in found) > FEW:
                self._divio.environments.list()  # in the list of all, each target's are then found without asking
            places = (self._environment(target) for target in found)
            return self._now.jobs(list(dict.fromkeys(place for place in places if place)))
        except Refused:
            return []  # `observe` reports it for the site that it concerns

    def observe(self, target: Target) -> Observation:
        """Read one target, and decide what it needs."""
        unfinished = _unfinished(target)
        if unfinished:
            return Observation(target, unfinished=unfinished)
        environment = self._environment(target)
        if not environment:
            text = f"Divio shows no environment {target.environment} of it"
            return Observation(target, unfinished=[target.unfinished_because("missing", text)])
        if self._kind != "original" and self._original(target, "live") is None:
            text = f"waits for the first deployment of {target.original}'s Live"
            return Observation(target, environment, unfinished=[target.unfinished_because("waits", text)])
        history = self._now.history(environment)
        if history.last is None and self._kind == "wiring":
            return Observation(target, environment, is_skipped=True)
        present = self._now.variables(environment)
        facts = self._facts(target, present, history)
        decision = self._with_build_mode(target, history, decide(facts))
        is_due = not isinstance(decision, Deploy) or history.last is None or self._is_due(target, facts)
        refused = self._refusal(target, present, decision, is_due=is_due)
        if not is_due and isinstance(decision, Deploy) and history.last is not None:
            before = f"{target.label} was deployed before this state knew it"
            if facts.differing:
                refused = refused or (
                    f"{before}, and {decision.why}; to deploy what is declared, run pulumi up once with "
                    f"{TAKE_OVER}={target.site}"
                )
            else:
                engine.warn(
                    f"{before}, and is left as it is, although {decision.why}: the next change or release of it brings it "
                    f"up to date, or a mark, redeploy: {{{target.site}: now}}"
                )
                decision = InSync(history.last.uuid, decision.why)
        return Observation(
            target,
            environment,
            decision=decision,
            refused=refused,
            newest=history.newest.uuid if history.newest is not None else None,
            last=history.last.uuid if history.last is not None else None,
            last_duration=_seconds(history.last),
            present=present,
            server_date=history.server_date,
            looked_at=history.at,
        )

    def problem_of(self, target: Target, deployment: str) -> str:
        """What is wrong with what a successful deployment of the target carried, in words; empty for nothing.

        Raises Refused where Divio does not let it be read.
        """
        carried = self._divio.deployments.variables(deployment, _to_carry(target))
        return carried_problem(
            site_id=_declared_site_id(target),
            names={*target.names, *target.shared},
            carried=carried,
            stale=self._stale(target, carried),
        )

    def _is_due(self, target: Target, facts: Facts) -> bool:
        """Whether a deployment that a target needs is due to this program: by a write, a release or a wish of its own."""
        is_behind = self._released is not None and facts.last is not None and facts.last.started_at <= self._released
        carried = (facts.last.variables if facts.last is not None else None) or {}
        # A service that is registered and not provisioned yet is what an interrupted run leaves.
        is_asked = bool(facts.deploy_reason) or not carried.keys() >= set(target.services)
        return target.last_write is not None or is_asked or is_behind or self._may_redeploy(target)

    def _with_build_mode(self, target: Target, history: History, decision: Decision) -> Decision:
        """The decision of the wiring for a mirror that is behind: afterwards it counts as current, so it has to be."""
        if self._kind != "wiring" or not isinstance(decision, Deploy) or history.last is None:
            return decision
        released, started = self._released_at(target), history.last.started_at
        is_behind = released is not None and (started is None or started <= released)
        return replace(decision, build_mode="AUTO") if is_behind else decision

    def _environment(self, target: Target) -> str:
        """The id of a target's environment, which does not change; empty where Divio shows none."""
        place = (target.application, target.environment)
        if place not in self._environments:
            found = self._divio.environments.find(*place)
            if found is None:
                return ""
            self._environments[place] = found.uuid
        return self._environments[place]

    def _facts(self, target: Target, present: dict[str, str | None], history: History) -> Facts:
        original = self._kind == "original"
        last, running = history.last, history.running
        facts = Facts(
            last=_seen(last, None),
            running=_seen(running, None, starts_at=history.server_date),
            names={*target.names, *target.shared},
            present=present,
            changed_at=target.last_write,
            released_at=self._released_at(target) if self._kind == "mirrors" else None,
            release=self._release if original else None,
        )
        if last is None and running is None:
            return facts
        carried: dict[str, str | None] = {}
        # Without them every domain would look as if it were missing, and be a reason to deploy.
        is_met = bool(target.hosts) and not self._may_redeploy(target)
        if last is not None and (not is_settled(facts) or is_met or _needs_deployed_variables(target, running)):
            carried = self._carried_by(last.uuid, target)
            facts = replace(facts, last=_seen(last, carried))
        return replace(
            facts,
            build_reason=_build_reason(target, carried),
            deploy_reason=target.redeployment or _deploy_reason(target, carried),
            differing=self._differing(target, carried),
        )

    def _carried_by(self, deployment: str, target: Target) -> dict[str, str | None]:
        """What a successful deployment of the target carried, read once: that never changes."""
        if deployment not in self._carried:
            self._carried[deployment] = self._divio.deployments.variables(deployment, _to_carry(target))
        return self._carried[deployment]

    def _differing(self, target: Target, carried: Mapping[str, str | None]) -> list[str]:
        # The wiring listens to shared variables alone: another SITE_ID goes through the waves.
        site_id = "" if self._kind == "wiring" else _declared_site_id(target)
        other = bool(site_id) and carried.get(SITE_ID) not in (None, site_id)
        return [*([SITE_ID] if other else []), *self._stale(target, carried)]

    def _once(self, what: str, source: str, environment: str, find: Callable[[], _T], *, lasts: float) -> _T:
        """What concerns all targets, found by the first of them for all; after `lasts` seconds it is found anew."""
        with self._lock:
            key, now = (what, source, environment), time.monotonic()
            if key not in self._found or now - self._found[key][0] > lasts:
                self._found[key] = now, find()
            found: _T = self._found[key][1]
            return found

    def _released_at(self, target: Target) -> datetime | None:
        find = partial(released_at, self._divio, target.original_uuid)
        return self._released or self._once("release", target.original_uuid, "live", find, lasts=math.inf)

    def _original(self, target: Target, environment: str) -> Deployed | None:
        find = partial(deployed, self._divio, target.original_uuid, environment, fresh=True)
        return self._once("original", target.original_uuid, environment, find, lasts=LOOK_LASTS_S)

    def _refusal(self, target: Target, present: dict[str, str | None], decision: Decision, *, is_due: bool) -> str:
        refused = ""
        if self._kind != "original":
            # What is not going to be deployed becomes nobody's twin, and asking is dear.
            others, stranger = ({}, "") if isinstance(decision, InSync) else self._others(target)
            refused = stranger or deployment_refusal(
                site_id=target.site_id,
                present=present,
                shared=target.shared,
                copies=self._copies(target, present),
                others=others,
            )
        # A release that a new state does not bring about may not be written yet either.
        names = target.names if is_due else [name for name in target.names if name != RELEASE]
        return refused or missing_refusal(names, present)

    def _others(self, target: Target) -> tuple[dict[str, str], str]:
        """The `SITE_ID`s of the other sites, and why it is none of these sites itself; empty where it is, or Divio hides it."""
        find = partial(self._estate, target.original_uuid, target.environment)
        relations, site_ids = self._once(
            "estate", target.original_uuid, target.environment, find, lasts=_SITE_IDS_LAST_S
        )
        is_member = relations.get(target.application, "") in ("", target.original_uuid)
        stranger = "" if is_member else f"it is no mirror of {target.original} on Divio (any more); nothing deploys it"
        return {slug: value for slug, value in site_ids.items() if slug != target.site}, stranger

    def _copies(self, target: Target, present: Mapping[str, str | None]) -> dict[str, Copy]:
        return {name: self._copy(target, name, present.get(name)) for name in target.shared}

    def _stale(self, target: Target, values: Mapping[str, str | None]) -> list[str]:
        """The shared variables that are shown with another value than the original's."""
        return [
            name
            for name in target.shared
            if values.get(name) is not None and self._copy(target, name, values[name]) == STALE
        ]

    def _copy(self, target: Target, name: str, shown: str | None) -> Copy:
        """How a mirror's copy stands: its value is the original's deployed one, or what we copied where one is withheld."""
        original = self._original(target, target.environment)
        theirs = original.variables.get(name) if original is not None else None
        if shown is not None and theirs is not None:
            return WIRED if shown == theirs else STALE
        value, copied = theirs if shown is None else shown, target.shared_change.fingerprints.get(name)
        if value is None or copied is None:
            return WIRED
        same = is_copied(value, copied, name, target.original_uuid, target.environment, original)
        return WIRED if same else STALE

    def _estate(self, source: str, environment: str) -> tuple[dict[str, str | None], dict[str, str]]:
        """Whose mirror each application is, by uuid, and the `SITE_ID` set on every site of the estate, ours or not."""
        now = Reader(self._divio, fresh=True)
        relations = {uuid: now.original_of(item) for uuid, item in now.applications.items()}
        estate = now.estate(source)
        reader = Reader(self._divio)  # where an application's environments are does not change
        places = {
            found.uuid: member.slug
            for uuid, member in estate.items()
            if (found := reader.environments(uuid).get(environment)) is not None
        }
        listed_before, self._now.site_ids = self._now.site_ids, {}  # each is good for one answer
        known = {uuid: value for uuid, value in listed_before.items() if uuid in places}
        listed = self._divio.environment_variables.list([uuid for uuid in places if uuid not in known], name=SITE_ID)
        known |= {item.environment: item.value for item in listed}
        site_ids = {places[uuid]: value for uuid, value in known.items() if value}
        if source in estate:
            site_ids.setdefault(estate[source].slug, DEFAULT_SITE_ID)
        return relations, site_ids


def _unfinished(target: Target) -> list[Unfinished]:
    """Why a target cannot be deployed yet, as far as is known without asking; empty for no reason."""
    if target.hold:
        return [target.unfinished_because("hold", f"is on hold: {target.hold}")]
    found = [item for items in target.unfinished.values() for item in items]
    if target.application or found:
        return found
    return [target.unfinished_because("waits", f"waits for the application {target.site}, which does not exist yet")]


def _seconds(deployment: Deployment | None) -> float | None:
    if deployment is None or deployment.started_at is None or deployment.ended_at is None:
        return None
    return (deployment.ended_at - deployment.started_at).total_seconds()


def _seen(
    deployment: Deployment | None, variables: dict[str, str | None] | None, starts_at: datetime | None = None
) -> Seen | None:
    """`starts_at` is for one that is queued: no earlier than now."""
    if deployment is None or (started_at := deployment.started_at or starts_at) is None:
        return None
    return Seen(deployment.uuid, started_at, deployment.ended_at, variables)


def _declared_site_id(target: Target) -> str:
    """The `SITE_ID` that it must carry; empty where none is known to be declared."""
    return target.site_id if target.original or SITE_ID in target.names else ""


def _to_carry(target: Target) -> tuple[str, ...]:
    """The variables that a deployment of it is expected to carry."""
    return (*target.names, *target.shared, *target.services, *([SITE_ID] if target.original else []))


def _needs_deployed_variables(target: Target, running: Deployment | None) -> bool:
    """Whether more than variables and a release is asked for, of which only what was carried tells."""
    return bool(target.services or target.branch or (running is not None and target.hosts))


def _build_reason(target: Target, carried: dict[str, str | None]) -> str:
    missing = [name for name in target.services if name not in carried]
    if missing:
        return f"its services are not provisioned yet ({', '.join(missing)})"
    branch = carried.get("GIT_BRANCH")
    if target.branch and branch and branch != target.branch:
        return f"it runs branch {branch}, declared is {target.branch}"
    return ""


def _deploy_reason(target: Target, carried: dict[str, str | None]) -> str:
    missing = sorted(set(target.hosts) - deployed_hosts(carried))
    return f"it was deployed without its domain {', '.join(missing)}" if missing else ""
