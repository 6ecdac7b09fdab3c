"""What goes wrong, by rules that are switched on at run time: calls, and deployments.

A rule that says nothing of what it is about meets every call, or every deployment.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from divio_provider.emulator.simulation.deployment_progress import Stage

LAST_WORDS: dict[Stage, str] = {
    "Worker": "No worker could be assigned.",
    "Provisioning": "A service could not be provisioned.",
    "Build": "The command 'docker build .' returned a non-zero code: 1",
    "Release Image": "The release image could not be pushed to the registry.",
    "Release Commands": "A release command failed.",
    "Scaling": "The containers could not be started.",
    "Sanity Tests": "The container did not answer within 60 seconds.",
    "Finalizing": "The deployment could not be finalized.",
}
"""What a failing deployment writes where a rule gives no log. Invented: Divio's words are not known."""


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        message = f"no regular expression: {error}"
        raise ValueError(message) from error
    return text


Regex = Annotated[str, AfterValidator(_regex)]


class Rule(BaseModel):
    """What rules have in common. A typing mistake must not make a test pass: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")

    nth: int | list[int] | None = None
    """Only the n-th event that the rule is about, counted from 1 since the rules were set; or several of them."""
    probability: float | None = Field(None, ge=0, le=1)
    """The share of events that are met, by `seed`: the same seed and events meet the same ones again."""
    seed: int = 0
    times: int | None = Field(None, ge=0)
    """At most so often. None: no limit."""

    def is_about(self, *event: str) -> bool:
        """Whether the rule counts this event at all."""
        raise NotImplementedError


class Fault(Rule):
    """What goes wrong with the calls that `method` and `path` meet.

    Of several rules that meet a call, the first with a status or a drop decides; latencies add up.
    """

    method: str | None = None
    """`GET`, `POST` …; None: any."""
    path: Regex | None = None
    """Searched for in the path without the query."""

    status: int | None = Field(None, ge=200, le=599)
    """Answer with this instead of the call's own answer."""
    happens: bool = False
    """With a status: the call takes effect all the same, only its answer is replaced."""
    retry_after: int | float | str | None = None
    """The header of that name, as given: seconds, or a date, or nonsense."""
    body: Any = None
    """What is answered: text as it is, anything else as JSON. None: Divio's own shape for the status."""
    latency_ms: float = Field(0, ge=0)
    """Waits before anything else."""
    drop: Literal["before", "after"] | None = None
    """Cuts the connection without an answer, before or after the call has taken effect."""

    @model_validator(mode="after")
    def _has_an_effect(self) -> Fault:
        if self.status is None and self.drop is None and not self.latency_ms:
            message = "a rule needs an effect: status, drop or latency_ms"
            raise ValueError(message)
        return self

    def is_about(self, *event: str) -> bool:
        """The event is a call's method and path."""
        method, path = event
        meets_method = self.method is None or self.method.upper() == method
        return meets_method and (self.path is None or re.search(self.path, path) is not None)


class DeploymentFailure(Rule):
    """Deployments that fail, met when they start, not when they are queued. Of several rules, the first decides."""

    site: Regex | None = None
    """Matches the whole slug of the application."""
    environment: str | None = None
    """`test`, `live` …; None: any."""
    stage: Stage = "Release Commands"
    """Where the deployment fails; the stages before it take their time."""
    log: str | None = None
    """The last words. None: some that fit the stage."""
    deploy_seconds: float | None = Field(None, ge=0)
    """How long the whole deployment would take. None: as it does anyway."""

    def is_about(self, *event: str) -> bool:
        """The event is a deployment that starts: the slugs of its application and environment."""
        site, environment = event
        meets_site = self.site is None or re.fullmatch(self.site, site) is not None
        return meets_site and self.environment in (None, environment)


AnyRule = TypeVar("AnyRule", bound=Rule)


class Rules(Generic[AnyRule]):
    """The rules in force, and how often each was met."""

    def __init__(self) -> None:
        self.replace([])

    def replace(self, rules: Sequence[AnyRule]) -> None:
        """Puts new rules in force; all counting starts again."""
        self.rules = rules
        self._counts = [_Count(rule) for rule in rules]

    def met(self, *event: str) -> list[AnyRule]:
        """The rules that apply to the event that happens now; counts it for each that is about it."""
        counted = zip(self.rules, self._counts, strict=True)
        return [rule for rule, count in counted if rule.is_about(*event) and count.applies()]


class _Count:
    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._seen = 0
        self._met = 0
        self._random = random.Random(rule.seed)  # noqa: S311 - repeatable on purpose

    def applies(self) -> bool:
        rule = self._rule
        self._seen += 1
        if rule.nth is not None and self._seen not in (rule.nth if isinstance(rule.nth, list) else [rule.nth]):
            return False
        if rule.probability is not None and self._random.random() >= rule.probability:
            return False
        if rule.times is not None and self._met >= rule.times:
            return False
        self._met += 1
        return True
