"""Runs `divio-estate` as a person does: as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def divio_estate(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the command printed and how it ended. `environment` is added to the present one."""
    return subprocess.run(
        [sys.executable, "-m", "divio_provider.cli.app", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
