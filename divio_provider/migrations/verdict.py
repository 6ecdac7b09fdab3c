"""Verdicts: whether an operation is expand or contract, why, and how sure that is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

Basis = Literal["judged", "undecided", "declared"]

_UNCLEAR = "cannot be judged: "


class Phase(StrEnum):
    """What a change is to code that runs on: harmless, or not."""

    EXPAND = "expand"
    CONTRACT = "contract"


@dataclass(frozen=True)
class Verdict:
    """What an operation is.

    Args:
        phase: expand or contract.
        why: a clause without a full stop.
        basis: `judged` by reading it; `undecided`: it could not be told, so it counts as contract; `declared` by a
            comment in the code.
        remarks: what else one should know.
    """

    phase: Phase
    why: str
    basis: Basis = "judged"
    remarks: tuple[str, ...] = ()

    @property
    def harmless(self) -> bool:
        """Whether it is expand."""
        return self.phase is Phase.EXPAND

    def with_remarks(self, *remarks: str) -> "Verdict":
        """The same with more remarks; empty and known ones are left out."""
        added = tuple(dict.fromkeys(remark for remark in remarks if remark and remark not in self.remarks))
        return replace(self, remarks=(*self.remarks, *added))


def expand(why: str, *remarks: str) -> Verdict:
    """Old code goes on reading and writing."""
    return Verdict(Phase.EXPAND, why, remarks=tuple(remark for remark in remarks if remark))


def contract(why: str, *remarks: str) -> Verdict:
    """Old code does not, or what it writes is refused."""
    return Verdict(Phase.CONTRACT, why, remarks=tuple(remark for remark in remarks if remark))


def undecided(why: str, *remarks: str) -> Verdict:
    """It cannot be told by reading: contract, until somebody looks and says otherwise."""
    remark = "if it is harmless to code of before, say so above it: # estate: expand, REASON"
    return Verdict(Phase.CONTRACT, f"{_UNCLEAR}{why}", "undecided", (*remarks, remark))


def worst(verdicts: Iterable[Verdict], why: str) -> Verdict:
    """One verdict for several parts; `why` is for none at all. The reasons of the worst ones are kept, all remarks too."""
    found = list(verdicts)
    if not found:
        return expand(why)
    bad = [verdict for verdict in found if not verdict.harmless]
    certain = [verdict for verdict in bad if verdict.basis == "judged"]
    unclear = [verdict for verdict in bad if verdict.basis != "judged"]
    basis: Basis = "undecided" if bad and not certain else "judged"
    remarks = tuple(dict.fromkeys(remark for verdict in found for remark in verdict.remarks))
    reasons = list(dict.fromkeys(verdict.why for verdict in (certain if bad else found)))
    if unclear:
        # Said once for all of them.
        reasons.append(_UNCLEAR + "; ".join(dict.fromkeys(verdict.why.removeprefix(_UNCLEAR) for verdict in unclear)))
    return Verdict(Phase.CONTRACT if bad else Phase.EXPAND, "; ".join(reasons), basis, remarks)
