"""A preview of a whole estate beside one of as many empty dynamic resources, each with as many properties.

Nothing was brought up before: the engine has everything to plan, and nothing but the machine takes time.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from inspect import get_annotations
from pathlib import Path

import divio_provider
from benchmarks.estate import STACK, declared
from benchmarks.ours import Measured, WrongResult, worked
from benchmarks.rows import Row
from tests.engine.project import Project, Run
from tests.local_divio import ROOT, LocalDivio

COUNTED = ("generation", "shared_generation", "foreign")
"""Inputs that a check adds: no property of the program."""


def measure(row: Row, runs: int, folder: Path) -> tuple[list[Measured], list[float]]:
    """So many previews of ours and seconds of empty ones, in turns; `WrongResult` where a preview asks Divio anything."""
    with LocalDivio(deploy_seconds=0) as divio:
        estate, empty = (Project.begin(folder / name, divio, folder / "home") for name in ("estate", "empty"))
        estate.declare(declared(row.mirrors))
        shutil.copy(Path(__file__).parent / "empty" / "__main__.py", empty.folder)
        empty.environ["PYTHONPATH"] += os.pathsep + str(ROOT)
        for project in (estate, empty):
            project.add_stack(STACK, secrets=False)
        (empty.folder / "resources.json").write_text(json.dumps(_properties(_preview(estate))))
        ours, others = list[Measured](), list[float]()
        for _ in range(runs):
            before, load, began = worked(), os.getloadavg()[0], time.monotonic()
            _preview(estate)
            seconds = time.monotonic() - began
            ours.append(Measured(seconds, seconds, len(divio.calls()), worked() - before, load, {}))
            began = time.monotonic()
            _preview(empty)
            others.append(time.monotonic() - began)
        if divio.calls():
            raise WrongResult("a preview asked Divio")
    return ours, others


def _preview(project: Project) -> Run:
    return project.pulumi("preview", "--stack", STACK, events=True)


def _properties(run: Run) -> list[tuple[str, list[str], list[str]]]:
    """The resources that a preview plans: the name of each, the inputs it is given, the outputs its program waits for."""
    found = []
    for step in run.steps.values():
        given = [name for name in step.new if not name.startswith("__") and name not in COUNTED]
        outputs = get_annotations(getattr(divio_provider, step.type))
        found.append((step.name, given, [name for name in outputs if name not in given]))
    return found
