"""What came out for each thing that we rely on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from divio_provider.api.contract.types import Certainty


class Verdict(StrEnum):
    """What came out."""

    FINE = "fine"
    DIFFERS = "differs"
    MISSING = "missing"
    UNKNOWN = "unknown"


WRONG = (Verdict.DIFFERS, Verdict.MISSING)
Kinds = Literal["path", "call", "field", "filter", "behaviour", "choice", "account"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came out for one thing that we rely on.

    Attributes:
        kind: ``path`` only where one is gone, with all that is on it.
        about: the collection, such as ``environment-variables``.
        name: the path, the verb with its path, the field, the filter, or the key of the behaviour.
        verdict: what came out.
        certainty: how sure the contract is of it.
        source: who says so.
        detail: why it is not fine, or what it is for.
    """

    kind: Kinds
    about: str
    name: str
    verdict: Verdict
    certainty: Certainty
    source: str
    detail: str = ""

    def __str__(self) -> str:
        """`applications field slug: missing: …`."""
        what = f"{self.about} {self.kind} {self.name}".strip()
        return f"{what}: {self.verdict}{': ' if self.detail else ''}{self.detail}"

    @property
    def wrong(self) -> bool:
        """Whether it is something that does not hold."""
        return self.verdict in WRONG
