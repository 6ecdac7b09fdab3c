"""Whether an environment needs a deployment: decided from what Divio shows, never from the state alone.

An environment is in sync when its last successful deployment carried the declared variables as far as Divio shows
them, started after our last write to them and, for a mirror, after the original's Live was released. Anything less
is no proof, and without proof it is deployed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from divio_provider.estate.planning.built_ins import is_built_in
from divio_provider.estate.planning.waves import listed
from divio_provider.estate.planning.wiring import RELEASE

BuildMode = Literal["AUTO", "ADOPT"]
"""AUTO builds where there is something new, ADOPT takes the image as it is (inferred from the words alone)."""


@dataclass(frozen=True)
class Seen:
    """One deployment as Divio shows it. `variables` is what it was deployed with, None where that was not read."""

    uuid: str
    started_at: datetime
    ended_at: datetime | None = None
    variables: Mapping[str, str | None] | None = None


@dataclass(frozen=True)
class Facts:
    """What was found out about one environment.

    `names` are the variables that we declare there, `present` all that Divio lists (None: withheld), `changed_at` our
    last write to them in the server's whole seconds, `released_at` the end of the deployment that brought the
    original's Live its present release (None: does not apply), `release` the name declared for the original.
    `build_reason` and `deploy_reason` are further reasons in words, where there are any: the first asks for a new image (a
    branch, a service that is not provisioned), the second is content with the image as it is (a domain). `differing` are
    variables that the last deployment is shown to carry with another value than they must have: a mirror's `SITE_ID`, the
    original's shared ones.
    """

    last: Seen | None
    running: Seen | None = None
    names: Collection[str] = ()
    present: Mapping[str, str | None] | None = None
    changed_at: datetime | None = None
    released_at: datetime | None = None
    release: str | None = None
    build_reason: str = ""
    deploy_reason: str = ""
    differing: Collection[str] = ()


@dataclass(frozen=True)
class InSync:
    """Nothing to do; `why` names the deployment that proves it."""

    deployment: str
    why: str


@dataclass(frozen=True)
class Follow:
    """A running deployment carries everything: await it instead of starting another."""

    deployment: str
    why: str


@dataclass(frozen=True)
class Deploy:
    """Start a deployment; `after` is a running one whose end must be awaited first."""

    build_mode: BuildMode
    why: str
    after: str | None = None


Decision = InSync | Follow | Deploy


def decide(facts: Facts) -> Decision:
    """What one environment needs."""
    if facts.running is not None:
        # What a running deployment carries is not known; where more than variables is asked for, its end has to show.
        asked = facts.build_reason or facts.deploy_reason
        later = started_after(facts.running, facts.changed_at) and _released_before(facts.running, facts.released_at)
        if later and not asked:
            return Follow(facts.running.uuid, "a deployment that carries all that is declared is running")
        mode, why = _reason_to_deploy(facts) or ("ADOPT", "a deployment without our last changes is running")
        return Deploy(mode, why, after=facts.running.uuid)
    need = _reason_to_deploy(facts)
    if need is None and facts.last is not None:
        return InSync(facts.last.uuid, "its last deployment carries all that is declared")
    mode, why = need or ("AUTO", "it was never deployed")
    return Deploy(mode, why)


def is_settled(facts: Facts) -> bool:
    """Whether the kind of the decision is the same whatever the last deployment carried: then it need not be read.

    `build_reason` and `deploy_reason` are not considered: they are the caller's, and may depend on what was carried.
    """
    if facts.last is None:
        return True
    if facts.release is not None:
        return False
    if facts.running is not None:
        return True
    return not (_released_before(facts.last, facts.released_at) and started_after(facts.last, facts.changed_at))


def _reason_to_deploy(facts: Facts) -> tuple[BuildMode, str] | None:
    last = facts.last
    if last is None:
        return "AUTO", "it was never deployed"
    if facts.build_reason:
        return "AUTO", facts.build_reason
    deployed = last.variables
    if facts.release is not None and (deployed is None or deployed.get(RELEASE) != facts.release):
        return "AUTO", f"it does not run release {facts.release}"
    if not _released_before(last, facts.released_at):
        return "AUTO", "it was last deployed before the original's Live was released"
    if not started_after(last, facts.changed_at):
        return "ADOPT", "its variables were changed after its last deployment"
    if facts.deploy_reason:
        return "ADOPT", facts.deploy_reason
    if facts.differing:
        return "ADOPT", f"it was deployed with another {', '.join(facts.differing)} than it must have"
    stale = stale_names(facts.names, facts.present or {}, deployed or {})
    if stale:
        return "ADOPT", f"its last deployment lacks the present {', '.join(stale)}"
    return None


def stale_names(
    names: Collection[str], present: Mapping[str, str | None], deployed: Mapping[str, str | None]
) -> list[str]:
    """Declared variables that the deployment provably does not carry as they are set.

    A value that Divio withholds on either side proves nothing, a missing name does.

    >>> stale_names(["A", "B", "C"], {"A": "1", "B": None, "C": "3"}, {"A": "2", "B": "x"})
    ['A', 'C']
    """
    return [
        name
        for name in sorted(names)
        if name in present
        and (
            name not in deployed
            or (present[name] is not None and deployed[name] is not None and present[name] != deployed[name])
        )
    ]


def missing_refusal(names: Collection[str], present: Mapping[str, str | None]) -> str:
    """Why an environment must not be deployed whose declared variables are not all set on Divio, or an empty string.

    A name that Divio itself may give a deployment is none of them.

    >>> missing_refusal(["THEME", "LANG", "DOMAIN"], {"LANG": None})
    'it lacks THEME, which is declared; pulumi up --refresh sets it'
    """
    missing = [name for name in sorted(names) if name not in present and not is_built_in(name)]
    if not missing:
        return ""
    are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
    return f"it lacks {listed(missing)}, which {are} declared; pulumi up --refresh sets {them}"


def started_after(deployment: Seen, changed_at: datetime | None) -> bool:
    """Whether it provably started after a write of ours; None: we never wrote."""
    # The server's Date has whole seconds, so a start within the same second may have come before the write.
    return changed_at is None or deployment.started_at.replace(microsecond=0) > changed_at


def _released_before(deployment: Seen, released_at: datetime | None) -> bool:
    return released_at is None or deployment.started_at > released_at
