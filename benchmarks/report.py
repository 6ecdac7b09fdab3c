"""The table for people and the file for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.ours import Measured
from benchmarks.rows import Row

EMPTY = "empty"
"""The baseline of a preview: empty resources of Pulumi's own."""

HEAD = ("figure", "ideal", "ours", "ratio", "bar", "", "naive", "ratio", "divio-cli", "ratio")


@dataclass
class Result:
    """What came out of a row: a run of ours each, and each baseline's seconds."""

    row: Row
    ours: list[Measured] = field(default_factory=list)
    baselines: dict[str, list[float]] = field(default_factory=dict)

    @property
    def ideal(self) -> float:
        """The row's, in seconds; for a preview the median of as many empty resources."""
        return median(self.baselines[EMPTY]) if EMPTY in self.baselines else self.row.ideal

    @property
    def ratio(self) -> float | None:
        """The median of our runs against the ideal."""
        return median(one.seconds for one in self.ours) / self.ideal if self.ours else None


def table(results: Sequence[Result]) -> str:
    """Medians and ratios to the ideal; `-` for what was not measured in this run: nothing here is extrapolated."""
    rows = [HEAD, *(_cells(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    aligned = [
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in rows)
    ]
    aligned.insert(1, "-" * len(aligned[0]))
    return "\n".join(line.rstrip() for line in aligned)


def _cells(result: Result) -> tuple[str, ...]:
    row, ratio = result.row, result.ratio
    ours = [one.seconds for one in result.ours]
    verdict = "" if ratio is None else "within" if ratio <= row.bar else "MISSED"
    cells = [row.title, f"{result.ideal:.3g} s", *_pair(ours, result.ideal), f"<= {row.bar:.2f}", verdict]
    for kind in ("naive", "cli"):
        cells += _pair(result.baselines.get(kind, []), result.ideal)
    return tuple(cells)


def _pair(seconds: Sequence[float], ideal: float) -> tuple[str, str]:
    if not seconds:
        return "-", "-"
    middle = median(seconds)
    return f"{middle:.1f} s", f"{middle / ideal:.2f}"


def as_json(results: Sequence[Result], options: Mapping[str, object]) -> dict[str, Any]:
    """Everything that was measured, and on what."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "options": dict(options),
        "rows": [
            {
                **asdict(result.row),
                "ideal": result.ideal,
                "ratio": result.ratio,
                "ours": [one.as_json() for one in result.ours],
                "baselines": result.baselines,
            }
            for result in results
        ],
    }


def write(path: Path, results: Sequence[Result], options: Mapping[str, object]) -> None:
    """Write the results' file."""
    path.write_text(json.dumps(as_json(results, options), indent=2) + "\n", encoding="utf-8")
