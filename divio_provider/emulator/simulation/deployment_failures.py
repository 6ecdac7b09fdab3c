"""Deployments that fail, switched on at run time: by site, by number, or a share of all.

A rule without `site` and `environment` is about every deployment. Of several rules that meet one, the first decides. A
deployment is met when it starts, not when it is queued.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from divio_provider.emulator.simulation.rule_matching import Count, Occasion

Stage = Literal[
    "Worker",
    "Provisioning",
    "Build",
    "Release Image",
    "Release Commands",
    "Scaling",
    "Sanity Tests",
    "Finalizing",
]

WORDS: dict[str, str] = {
    "Worker": "No worker could be assigned.",
    "Provisioning": "A service could not be provisioned.",
    "Build": "The command 'docker build .' returned a non-zero code: 1",
    "Release Image": "The release image could not be pushed to the registry.",
    "Release Commands": "A release command failed.",
    "Scaling": "The containers could not be started.",
    "Sanity Tests": "The container did not answer within 60 seconds.",
    "Finalizing": "The deployment could not be finalized.",
}
"""Last words by stage, where a rule gives none. Invented: Divio's are not known."""


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        message = f"no regular expression: {error}"
        raise ValueError(message) from error
    return text


class Failure(Occasion):
    """One rule."""

    site: Annotated[str, AfterValidator(_regex)] | None = None
    """A regular expression that the whole slug of the application matches."""
    environment: str | None = None
    """`test`, `live` …; None: any."""
    stage: Stage = "Release Commands"
    """Where the deployment fails; the stages before it take their time."""
    log: str | None = None
    """The last words. None: some that fit the stage."""
    deploy_seconds: float | None = Field(None, ge=0)
    """How long the whole deployment would take. None: as it does anyway."""


class Failures:
    """The rules in force, and how often each was met."""

    def __init__(self) -> None:
        self.rules: list[Failure] = []
        self._counts: list[Count] = []

    def replace(self, rules: list[Failure]) -> None:
        """Puts new rules in force; all counting starts again."""
        self.rules = rules
        self._counts = [Count(rule) for rule in rules]

    def met(self, site: str, environment: str) -> Failure | None:
        """The rule that a deployment starting now meets; counts it."""
        found = None
        for rule, count in zip(self.rules, self._counts, strict=True):
            about = (rule.site is None or re.fullmatch(rule.site, site)) and rule.environment in (None, environment)
            if about and count.applies() and found is None:
                found = rule
        return found
