"""Rules of what goes wrong, and when one applies: shared by the faults of calls and the failures of deployments."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


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
