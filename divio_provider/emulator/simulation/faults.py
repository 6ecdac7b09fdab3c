"""Faults, switched on at run time: what goes wrong with which calls.

A rule without any of `method`, `path`, `nth`, `probability` meets every call. Of several rules that meet a call, the first
with a status or a drop decides; latencies add up.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from divio_provider.emulator.simulation.rule_matching import Count, Occasion


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        message = f"no regular expression: {error}"
        raise ValueError(message) from error
    return text


class Rule(Occasion):
    """One rule; the events are the calls that `method` and `path` meet."""

    method: str | None = None
    """`GET`, `POST` …; None: any."""
    path: Annotated[str, AfterValidator(_regex)] | None = None
    """A regular expression, searched for in the path without the query."""

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
        self._count = Count(rule)

    def meets(self, method: str, path: str) -> bool:
        rule = self.rule
        if rule.method is not None and rule.method.upper() != method:
            return False
        if rule.path is not None and not re.search(rule.path, path):
            return False
        return self._count.applies()
