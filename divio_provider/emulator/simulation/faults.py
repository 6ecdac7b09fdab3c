"""Faults, switched on at run time: what goes wrong with which calls.

A rule without any of `method`, `path`, `nth`, `probability` meets every call. Of several rules that meet a call, the first
with a status or a drop decides; latencies add up.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, model_validator

from divio_provider.emulator.simulation.rule_matching import Regex, Rule


class Fault(Rule):
    """One rule; the events are the calls that `method` and `path` meet."""

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
