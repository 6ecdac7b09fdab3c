"""What a `Deployment` says: how far it is, how long it took, which environments failed and where to look."""

from collections.abc import Iterable, Mapping
from typing import Any

from divio_provider.api.client import Divio
from divio_provider.api.errors import DivioError
from divio_provider.api.models import Deployment
from divio_provider.estate.planning.unfinished import in_words
from divio_provider.estate.planning.waves import listed
from divio_provider.resources.base.properties import same, unknown
from divio_provider.resources.deployment.observer import Observation
from divio_provider.resources.deployment.outcome import Outcome
from divio_provider.resources.host.redaction import redact

_TAIL_LINES = 8
_REASONS = {
    "application": "has another application",
    "redeploy": "its redeployment is asked for",
    "change": "its variables change",
    "domains": "its domains change",
    "services": "its services change",
    "branch": "its branch changes",
    "hold": "is no longer on hold",
    "unfinished": "was unfinished",
}
"""What of a target changes, and how it is told; the first that applies."""
_STEP_REASONS = {
    "stop": "is no longer stopped before",
    "released_at": "is behind the original",
    "verify": "is verified anew",
}
"""The same for what a step's targets have in common."""


def progress_line(total: int, done: int, running: Iterable[tuple[str, float | None, str | None]]) -> str:
    """The line: sites done, the step's percentage, the slowest site.

    `total` and `done` count targets, `running` has the label, the percentage and the stage of each that runs; None
    where Divio has not told.

    >>> progress_line(4, 1, [("acme-shop live", 40.0, "Build"), ("acme-blog live", 80.0, "Scaling")])
    '1 of 4 done, 55 %; slowest: acme-shop live, 40 %, Build'
    >>> progress_line(2, 0, [("acme-shop live", None, None)])
    '0 of 2 done, 0 %; slowest: acme-shop live'
    """
    standing = list(running)
    percent = (100 * done + sum(part or 0 for _, part, _ in standing)) / total if total else 100
    text = f"{done} of {total} done, {percent:.0f} %"
    if not standing:
        return text
    label, part, stage = min(standing, key=lambda one: one[1] or 0)
    where = [label, "" if part is None else f"{part:.0f} %", stage or ""]
    return f"{text}; slowest: {', '.join(word for word in where if word)}"


def duration_line(durations: Mapping[str, float], seconds: float, failed: int = 0) -> str:
    """The line; empty where nothing was deployed.

    `durations` are the seconds of each deployment by its target's key (`slug/environment`), `seconds` is the whole step
    from its first start to its last end, `failed` how many targets of it failed.

    >>> duration_line({"acme-blog/live": 19.94, "acme-shop/live": 20.06}, 20.31)
    '2 deployed in 20.3 s; slowest acme-shop live 20.1 s'
    >>> duration_line({"acme-main/live": 20.06}, 20.31)
    'acme-main live deployed in 20.3 s'
    >>> duration_line({"acme-blog/live": 19.94}, 20.31, failed=1)
    'acme-blog live deployed in 20.3 s; 1 failed'
    >>> duration_line({}, 0.0)
    ''
    """
    if not durations:
        return ""
    slowest = max(durations, key=lambda key: durations[key])
    label = slowest.replace("/", " ")
    failures = f"; {failed} failed" if failed else ""
    if len(durations) == 1:
        return f"{label} deployed in {seconds:.1f} s{failures}"
    return f"{len(durations)} deployed in {seconds:.1f} s; slowest {label} {durations[slowest]:.1f} s{failures}"


def end_line(outcome: Outcome) -> str:
    """What remains of the row at a step's end. How long it took is told by the stack's output `durations`, once.

    >>> end_line(Outcome(deployed={"acme-blog/live": "d1", "acme-news/live": "d2"}, durations={"acme-blog/live": 19.9}))
    '1 deployed, 1 in sync'
    >>> end_line(Outcome(looked_at=6))
    'nothing to deploy'
    """
    new, failed = outcome.durations.keys() - outcome.failed.keys(), outcome.failed.keys()
    in_sync = outcome.deployed.keys() - new - failed
    counts = {"deployed": new, "failed": failed, "unfinished": outcome.unfinished, "in sync": in_sync}
    return ", ".join(f"{len(keys)} {word}" for word, keys in counts.items() if keys) or "nothing to deploy"


def plan_line(olds: Mapping[str, Any], news: Mapping[str, Any]) -> str:
    """Which sites a step is going to look at, and why; empty for none. Its arguments are old and new inputs.

    A step deploys what is not in sync. Whether shared variables change is known only once they are written.
    """
    sites: dict[str, list[str]] = {}
    before = olds.get("targets") or {}
    for key, target in sorted((news.get("targets") or {}).items()):
        reason = _reason(olds, news, before.get(key), target)
        if reason and not (news["kind"] == "wiring" and (key not in before or unknown(target.get("change")))):
            sites.setdefault(reason, []).append(target["site"])
    said = ", ".join(f"{listed(slugs)} ({reason})" for reason, slugs in sites.items())
    return f"{news['name']}: {news.get('stop') or said}" if said else ""


def _reason(olds: Mapping[str, Any], news: Mapping[str, Any], before: Any, target: Mapping[str, Any]) -> str:
    if target.get("hold"):
        return ""
    if olds.get("release") != news.get("release") and news.get("release"):
        what = "contraction" if news.get("phase") == "contract" else "release"
        return f"for {what} {news['release']}"
    if before is None:
        return "is new"
    for name, reason in _REASONS.items():
        if not same(before.get(name), target.get(name)):
            return reason
    steps = (reason for name, reason in _STEP_REASONS.items() if olds.get(name) != news.get(name))
    # That the original is going to have something new does not say yet that it is new code.
    reason = "" if unknown(news.get("released_at")) else next(steps, "")
    return reason or ("" if before == target else "is looked at anew")


def failure_report(name: str, outcome: Outcome, duration: str) -> str:
    """A few lines for people; `name` is the `Deployment`'s, `duration` what `duration_line` says of it."""
    lines = [f"{name}: {len(outcome.failed)} of {outcome.looked_at} environments failed"]
    lines += _by_reason(outcome.failed)
    lines += _by_reason({key: f"unfinished: {in_words(items)}" for key, items in outcome.unfinished.items()})
    lines += [duration] if duration else []
    lines.append("What was deployed stays; the next pulumi up looks again and deploys only what is missing.")
    return "\n".join(lines)


def _by_reason(reasons: Mapping[str, str]) -> list[str]:
    """A line for each reason, with all whose it is.

    >>> _by_reason({"acme-shop/live": "not started", "acme-blog/live": "not started", "acme-news/live": "failed"})
    ['acme-blog live, acme-shop live: not started', 'acme-news live: failed']
    """
    labels: dict[str, list[str]] = {}
    for key, reason in sorted(reasons.items()):
        labels.setdefault(reason, []).append(key.replace("/", " "))
    return [f"{', '.join(those)}: {reason}" for reason, those in labels.items()]


def failed_deployment(divio: Divio, observation: Observation, deployment: Deployment) -> str:
    """What is wrong with the failed environment, with the last lines of the deployment's log, without secrets."""
    tail = " | ".join(
        line.strip() for line in _log(divio, observation, deployment).splitlines()[-_TAIL_LINES:] if line.strip()
    )
    status = f" ({deployment.status})" if deployment.status else ""
    return f"deployment failed{status}; log: {tail or '(empty)'}; {panel_address(divio, observation)}"


def panel_address(divio: Divio, observation: Observation) -> str:
    """The application's page in the Control Panel (the address that divio-cli opens)."""
    try:
        organisation = divio.applications.get(observation.target.application).organisation or ""
    except DivioError:
        organisation = ""  # the address is a help, and what it helps with is told in any case
    host = divio.settings.api_url.replace("://api.", "://control.", 1).rstrip("/")
    return f"{host}/o/{organisation}/app/{observation.target.application}/"


def _log(divio: Divio, observation: Observation, deployment: Deployment) -> str:
    try:
        text = divio.deployments.log(deployment.uuid)
        carried = divio.deployments.variables(deployment.uuid)
    except DivioError as error:
        return f"cannot be read: {error}"
    present = observation.present
    withheld = [value for name, value in carried.items() if present.get(name, "") is None or _built_in(present, name)]
    return redact(text, withheld)


def _built_in(present: Mapping[str, str | None], name: str) -> bool:
    return name not in present and not name.startswith(("DOMAIN", "STAGE", "GIT_BRANCH"))
