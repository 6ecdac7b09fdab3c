"""Faults, switched on at run time: what goes wrong with which calls.

A rule without any of `method`, `path`, `nth`, `probability` meets every call. Of several rules that meet a call, the first
with a status or a drop decides; latencies add up.
"""

from __future__ import annotations

import random
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        message = f"no regular expression: {error}"
        raise ValueError(message) from error
    return text


class Rule(BaseModel):
    """One rule. A typing mistake must not make a test pass: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")

    method: str | None = None
    """`GET`, `POST` …; None: any."""
    path: Annotated[str, AfterValidator(_regex)] | None = None
    """A regular expression, searched for in the path without the query."""
    nth: int | list[int] | None = None
    """Only the n-th call that method and path meet, counted from 1 since the rules were set; or several of them."""
    probability: float | None = Field(None, ge=0, le=1)
    """The share of calls that are met, by `seed`: the same seed and calls meet the same calls again."""
    seed: int = 0
    times: int | None = Field(None, ge=0)
    """At most so often. None: no limit."""

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
    def _does_something(self) -> Rule:
        if self.status is None and self.drop is None and not self.latency_ms:
            message = "a rule needs an effect: status, drop or latency_ms"
            raise ValueError(message)
        return self


class Faults:
    """The rules in force, and how often each was met."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._states: list[_State] = []

    def replace(self, rules: list[Rule]) -> None:
        """Puts new rules in force; all counting starts again."""
        self.rules = rules
        self._states = [_State(rule) for rule in rules]

    def met(self, method: str, path: str) -> list[Rule]:
        """The rules that this call meets; counts it."""
        return [state.rule for state in self._states if state.meets(method, path)]


class _State:
    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._seen = 0
        self._met = 0
        self._random = random.Random(rule.seed)  # noqa: S311 - repeatable on purpose

    def meets(self, method: str, path: str) -> bool:
        rule = self.rule
        if rule.method is not None and rule.method.upper() != method:
            return False
        if rule.path is not None and not re.search(rule.path, path):
            return False
        self._seen += 1
        if rule.nth is not None and self._seen not in (rule.nth if isinstance(rule.nth, list) else [rule.nth]):
            return False
        if rule.probability is not None and self._random.random() >= rule.probability:
            return False
        if rule.times is not None and self._met >= rule.times:
            return False
        self._met += 1
        return True
