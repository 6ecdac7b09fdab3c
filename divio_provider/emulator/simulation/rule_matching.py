"""When a rule applies: at which of the events that it is about. Shared by the rules for calls and for deployments."""

from __future__ import annotations

import random

from pydantic import BaseModel, ConfigDict, Field


class Occasion(BaseModel):
    """What rules have in common. A typing mistake must not make a test pass: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")

    nth: int | list[int] | None = None
    """Only the n-th event that the rule is about, counted from 1 since the rules were set; or several of them."""
    probability: float | None = Field(None, ge=0, le=1)
    """The share of events that are met, by `seed`: the same seed and events meet the same ones again."""
    seed: int = 0
    times: int | None = Field(None, ge=0)
    """At most so often. None: no limit."""


class Count:
    """How often a rule was asked about, and how often it applied."""

    def __init__(self, occasion: Occasion) -> None:
        self._occasion = occasion
        self._seen = 0
        self._met = 0
        self._random = random.Random(occasion.seed)  # noqa: S311 - repeatable on purpose

    def applies(self) -> bool:
        """Whether the rule applies to the event that happens now; counts it."""
        occasion = self._occasion
        self._seen += 1
        if occasion.nth is not None and self._seen not in (
            occasion.nth if isinstance(occasion.nth, list) else [occasion.nth]
        ):
            return False
        if occasion.probability is not None and self._random.random() >= occasion.probability:
            return False
        if occasion.times is not None and self._met >= occasion.times:
            return False
        self._met += 1
        return True
