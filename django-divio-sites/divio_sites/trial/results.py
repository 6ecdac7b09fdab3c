"""What came of each operation of a change, and what the whole needs."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from divio_sites.trial.steps import Step

EXPAND, CONTRACT, UNCLEAR, TRY = "expand", "contract", "cannot judge", "try it"


@dataclass
class Result:
    """What came of one operation.

    Args:
        verdict: `expand`, `contract`, `cannot judge`, or, without a trial, `try it`; a comment's word is not in it.
        why: one sentence for each thing that is not expand.
        seen: what it was seen to do to sample rows.
    """

    step: Step
    verdict: str = EXPAND
    why: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    @property
    def needs(self) -> str:
        """The phase that the operation needs: a comment settles what cannot be judged, and may ask for more."""
        comment = self.step.comment
        if self.verdict == UNCLEAR:
            return comment.phase if comment else CONTRACT
        return CONTRACT if comment and comment.phase == CONTRACT else self.verdict

    def add(self, verdict: str, why: str) -> None:
        """Something more that is not expand."""
        if self.verdict != CONTRACT:
            self.verdict = verdict
        if why not in self.why:
            self.why.insert(0 if verdict == CONTRACT else len(self.why), why)


def needs(results: Iterable[Result]) -> str:
    """What a whole change needs: the most that any operation does."""
    found = {result.needs for result in results}
    return next((one for one in (CONTRACT, TRY) if one in found), EXPAND)
