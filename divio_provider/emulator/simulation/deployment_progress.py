"""How a deployment goes on: by the clock, and finished exactly once.

Where a running deployment stands is computed when it is looked at; nothing runs in the background. What its end changes
(the site, the services) is written by `deployments.settle`, which comes before every request, so nobody can see the moment
between.
The stages are those that Divio documents; how long each takes is not known: equal parts.
"""

from __future__ import annotations

from datetime import datetime

from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store

STAGES = (
    "Worker",
    "Provisioning",
    "Build",
    "Release Image",
    "Release Commands",
    "Scaling",
    "Sanity Tests",
    "Finalizing",
)


def due(store: Store) -> list[Row]:
    """The deployments whose time has come, in the order of their ends."""
    at = clock.stamp(clock.now())
    return store.rows("SELECT * FROM deployments WHERE success IS NULL AND ends_at <= ? ORDER BY ends_at, rowid", at)


def finish(store: Store, row: Row) -> None:
    """Ends a deployment at its time, inside `store.change()`."""
    if row["failure"]:
        store.update("deployments", row["uuid"], success=False, ended_at=row["ends_at"], provisions={})
        store.update("environments", row["environment"], last_finished=row["uuid"])
        return
    store.update(
        "deployments",
        row["uuid"],
        success=True,
        ended_at=row["ends_at"],
        variables={**row["variables"], **row["provisions"]["variables"]},
        provisions={},
    )
    store.update("environments", row["environment"], last_finished=row["uuid"], last_successful=row["uuid"])
    for instance in row["provisions"]["instances"]:
        store.update("service_instances", instance, service_status="attached")


def fails_in(stage: str) -> float:
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
