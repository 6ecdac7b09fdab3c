"""Two other ways to the same end, each on a local Divio of its own: the naive design, and divio-cli in a shell loop.

They mostly wait, so several may run at the same time.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks.estate import CANARY, ORIGINAL, World, addresses
from benchmarks.ours import WrongResult, check, rotate
from benchmarks.rows import Row
from tests.divio_cli import DivioCli, installed
from tests.local_divio import ROOT, LocalDivio

NAIVE = "naive"
CLI = "cli"
TITLES = {NAIVE: "the naive design", CLI: "divio-cli in a shell loop"}
SHARED = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")
PASSPHRASE = "passphrase-of-a-benchmark"  # noqa: S105 - of a state that is thrown away
STACK = "naive"

Sites = list[tuple[str, str]]
"""Environments as slug and `test` or `live`."""


def measure(kind: str, row: Row, world: World, folder: Path) -> float:
    """The seconds that one of them takes, beginning from a world in which every deployment takes the row's time.

    Raises:
        WrongResult: it did not do the work.
    """
    folder.mkdir(parents=True)
    with LocalDivio(deploy_seconds=row.seconds) as divio:
        divio.replace_world(world)
        if row.kind == "rotation":
            rotate(divio)
        before = divio.world()
        seconds = (_naive if kind == NAIVE else _cli)(row, divio, before, folder)
        check(row, before, divio.world())
    return seconds


def _steps(row: Row, world: World) -> list[Sites]:
    mirrors = [slug for slug in addresses(world) if slug != ORIGINAL]
    lives = [(slug, "live") for slug in mirrors]
    if row.kind == "rotation":
        return [lives]
    canary = [(CANARY, "live")]
    others = [site for site in lives if site not in canary]
    return [[(ORIGINAL, "test")], [(ORIGINAL, "live")], [(slug, "test") for slug in mirrors], canary, others]


def _naive(row: Row, divio: LocalDivio, world: World, folder: Path) -> float:
    ids = addresses(world)
    shared = {name: divio.deployed(ORIGINAL, "live")[name] for name in SHARED}
    steps = []
    for step in _steps(row, world):
        variables = {"ESTATE_RELEASE": "after"} if step[0][0] == ORIGINAL else {}
        given = {"release": "after", "variables": shared if row.kind == "rotation" else variables}
        steps.append({f"{slug}/{env}": {"environment": ids[slug][env], **given} for slug, env in step})
    shutil.copy(Path(__file__).parent / "naive" / "__main__.py", folder)
    (folder / "steps.json").write_text(json.dumps(steps))
    options = {"toolchain": "pip", "virtualenv": sys.prefix}
    description = {"name": "naive", "runtime": {"name": "python", "options": options}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(description))
    (folder / "state").mkdir()
    environ = {
        "PATH": os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]]),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PYTHONPATH": str(ROOT),
        "DIVIO_TOKEN": divio.token,
        "NAIVE_DIVIO": divio.url,
    }
    _pulumi(folder, environ, "stack", "init", STACK)
    began = time.monotonic()
    _pulumi(folder, environ, "up", "--stack", STACK, "--yes", "--skip-preview")
    return time.monotonic() - began


def _pulumi(folder: Path, environ: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        ["pulumi", *arguments, "--non-interactive", "--color", "never"],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WrongResult(f"the naive design: pulumi {arguments[0]} ended with {done.returncode}:\n{done.stdout}")


def _cli(row: Row, divio: LocalDivio, world: World, folder: Path) -> float:
    ids = addresses(world)
    if row.kind == "rotation":
        # divio-cli cannot write variables: a person would have, and it is not counted.
        shared: dict[str, Any] = divio.deployed(ORIGINAL, "live")
        for slug in ids.keys() - {ORIGINAL}:
            for name in SHARED:
                divio.set_variable(slug, "live", name, shared[name], sensitive=True)
    else:
        for environment in ("test", "live"):
            divio.set_variable(ORIGINAL, environment, "ESTATE_RELEASE", "after")
    program = DivioCli(installed(), folder / "home", divio)
    began = time.monotonic()
    for step in _steps(row, world):
        for slug, environment in step:
            program.run("app", "deploy", environment, "--remote-id", ids[slug]["application"])
    return time.monotonic() - began
