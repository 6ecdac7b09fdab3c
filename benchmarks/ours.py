"""Our program: `pulumi up`, with the real CLI, by a stopwatch that is outside of it."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from benchmarks.estate import CANARY, ORIGINAL, STACK, Estate, World, addresses, since
from benchmarks.rows import Row
from tests.engine.project import Project
from tests.local_divio import LocalDivio


class WrongResult(Exception):
    """What was measured did not do its work, so its time means nothing."""


@dataclass(frozen=True)
class Measured:
    """One run, in seconds since the command was given.

    Attributes:
        seconds: until everything was level: for a release the end of `pulumi up`, for a rotated password the end of the
            last Live's deployment by Divio's clock.
        ended: until the command had ended.
        calls: requests to Divio.
        cpu: seconds that Pulumi, the program and the provider worked (with `--at-once`, the baselines' as well).
        load: the machine's load average of the last minute when it began.
        durations: what the stack's output tells of its steps.
    """

    seconds: float
    ended: float
    calls: int
    cpu: float
    load: float
    durations: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """For the results' file."""
        return asdict(self)


def measure(row: Row, estate: Estate) -> Measured:
    """Do it once, and look at Divio whether it was done; `WrongResult` where it was not."""
    project = estate.fresh(row.seconds)
    flags = ["--skip-preview", "--yes", "--stack", STACK]
    if row.kind == "release":
        project.declare({**project.declared(), "release": {"name": "after"}})
    else:
        rotate(estate.divio)
        flags.append("--refresh")
    before, load = estate.divio.world(), os.getloadavg()[0]
    estate.divio.clear_calls()
    began_at, began, before_it = datetime.now(UTC), time.monotonic(), worked()
    run = project.pulumi("up", *flags, check=False)
    ended, cpu = time.monotonic() - began, worked() - before_it
    if run.code != 0:
        raise WrongResult(f"pulumi up ended with exit code {run.code}:\n{run.output}")
    calls, world = len(estate.divio.calls()), estate.divio.world()
    check(row, before, world)
    lives = {ids["live"] for ids in addresses(world).values()}
    last = max(datetime.fromisoformat(one["ended_at"]) for one in since(world, before) if one["environment"] in lives)
    seconds = ended if row.kind == "release" else (last - began_at).total_seconds()
    return Measured(seconds, ended, calls, cpu, load, _durations(project))


def rotate(divio: LocalDivio) -> None:
    """What starts the clock of a rotated password: the original's Live has it, and no mirror."""
    divio.rotate(ORIGINAL, "live")
    deployment = divio.start_deployment(ORIGINAL, "live", "ADOPT")
    divio.finished(deployment["uuid"], within=600)


def check(row: Row, before: World, after: World) -> None:
    """Whether each environment that had to be was deployed exactly once, successfully, and in the right order."""
    new = since(after, before)
    ids = addresses(after)
    mirrors = [slug for slug in ids if slug != ORIGINAL]
    tests, lives = [ids[slug]["test"] for slug in mirrors], [ids[slug]["live"] for slug in mirrors]
    # Somebody else's deployment of the original's Live puts the mirrors' Tests behind as well: they come after the Lives.
    counted = new if row.kind == "release" else [one for one in new if one["environment"] not in set(tests)]
    expected = [*tests, *lives, ids[ORIGINAL]["test"], ids[ORIGINAL]["live"]] if row.kind == "release" else lives
    if Counter(one["environment"] for one in counted) != Counter(expected):
        raise WrongResult(f"{len(counted)} deployments instead of one for each of {len(expected)} environments")
    if not all(one["success"] for one in new):
        raise WrongResult("a deployment did not succeed")
    if row.kind == "rotation":
        original = [one for one in before["deployments"] if one["environment"] == ids[ORIGINAL]["live"]][-1]
        if any(one["variables"]["DATABASE_URL"] != original["variables"]["DATABASE_URL"] for one in counted):
            raise WrongResult("a mirror was deployed without the new password")
        return
    others = [ids[slug]["live"] for slug in mirrors if slug != CANARY]
    steps = ([ids[ORIGINAL]["test"]], [ids[ORIGINAL]["live"]], tests, [ids[CANARY]["live"]], others)
    spans = [[one for one in new if one["environment"] in set(step)] for step in steps]
    for earlier, later in pairwise(spans):
        if later and min(one["started_at"] for one in later) < max(one["ended_at"] for one in earlier):
            raise WrongResult("a step began before the one ahead of it had ended")


def worked() -> float:
    """Seconds of work of all programs that were started so far."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _durations(project: Project) -> dict[str, str]:
    shown: dict[str, str] = project.outputs(STACK).get("durations") or {}
    return shown
