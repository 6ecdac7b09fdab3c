"""What is measured: the rows of the table, each with the bar that it answers for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

STEPS = 5
"""A release's: the original's Test, its Live, the mirrors' Tests, the canary's Live, the other Lives."""


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        name: a key, for `--rows` and the results' file.
        kind: `release`: a new release to the whole estate; `rotation`: a rotated password to every Live; `preview`: a
            preview of an estate that is not there yet.
        mirrors: how many there are besides the original.
        rate: requests a second that our program may send.
        seconds: how long one deployment takes.
        bar: the ratio to the ideal that is promised.
        naive: whether the naive design is measured beside it.
        cli: whether divio-cli in a shell loop is; one deployment after the other, it may take very long.
    """

    name: str
    kind: Literal["release", "rotation", "preview"]
    mirrors: int
    rate: int
    seconds: float
    bar: float
    naive: bool = True
    cli: bool = True

    @property
    def ideal(self) -> float:
        """Seconds if nothing but deployments took time and all that may run together did; a preview's is measured."""
        return (STEPS if self.kind == "release" else 1) * self.seconds

    @property
    def title(self) -> str:
        """The row for people."""
        if self.kind == "preview":
            return f"preview, 1+{self.mirrors} sites, beside as many empty resources"
        what = "release" if self.kind == "release" else "rotated password"
        return f"{what}, 1+{self.mirrors} sites, {self.rate} requests/s, d = {self.seconds:g} s"

    @property
    def deployments(self) -> int:
        """How many deployments it takes."""
        return 2 * (1 + self.mirrors) if self.kind == "release" else self.mirrors

    def with_size(self, mirrors: int | None, seconds: float | None) -> Row:
        """The same for another estate or other deployments, to try it out: the bar then means nothing."""
        return replace(self, mirrors=mirrors or self.mirrors, seconds=self.seconds if seconds is None else seconds)


ROWS = (
    Row("release-20", "release", mirrors=20, rate=100, seconds=20, bar=1.10),
    Row("release-5", "release", mirrors=20, rate=100, seconds=5, bar=1.20),
    # divio-cli would take an hour and a quarter: only on request (`--all-baselines`).
    Row("release-100", "release", mirrors=100, rate=20, seconds=20, bar=1.25, cli=False),
    Row("rotation", "rotation", mirrors=39, rate=20, seconds=20, bar=1.75),
    Row("preview-500", "preview", mirrors=500, rate=1000, seconds=0, bar=1.50, naive=False, cli=False),
)
