"""How far a deployment is, and what it has written: computed by the clock when it is looked at.

The stages are those that Divio documents; how long each takes is not known: equal parts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row

# fmt: off
Stage = Literal["Worker", "Provisioning", "Build", "Release Image", "Release Commands", "Scaling", "Sanity Tests", "Finalizing"]
# fmt: on
STAGES: tuple[Stage, ...] = get_args(Stage)


def share_until(stage: Stage) -> float:
    """The share of a deployment's time that has passed when it fails in this stage."""
    return (STAGES.index(stage) + 1) / len(STAGES)


def percent(row: Row, at: datetime) -> int:
    """0 to 100; 100 is for successful ones alone."""
    if row["queued"]:
        return 0
    if row["success"]:
        return 100
    end = clock.moment(row["ended_at"]) if row["ended_at"] else at
    passed = (end - clock.moment(row["started_at"])).total_seconds()
    return max(0, min(99, int(100 * passed / row["seconds"]))) if row["seconds"] else 0


def status(row: Row, at: datetime) -> str:
    """The text that Divio shows; not for programs to decide by."""
    if row["queued"]:
        return "Queued"
    if row["success"] is not None:
        return "success" if row["success"] else "failure"
    return STAGES[percent(row, at) * len(STAGES) // 100]


def log(row: Row, at: datetime) -> str:
    """What a deployment has written so far. It names variables, never their values."""
    if row["queued"]:
        return ""
    if row["success"]:
        reached = len(STAGES)
    elif row["failure"] and row["success"] is False:
        reached = STAGES.index(row["failure"]["stage"]) + 1
    else:
        reached = percent(row, at) * len(STAGES) // 100 + 1
    lines: list[str] = []
    for stage in STAGES[:reached]:
        lines.append(f"==> {stage}")
        if stage == "Build" and row["image"]:
            lines.append(f"    image {row['image']} ({row['build_mode']})")
        if stage == "Release Image":
            lines.append(f"    with the variables {', '.join(sorted(row['variables']))}")
    if row["success"]:
        lines.append("Deployment successful")
    elif row["success"] is False:
        lines += [f"ERROR: {row['failure']['log']}", "Deployment failed"]
    return "\n".join(lines) + "\n"
