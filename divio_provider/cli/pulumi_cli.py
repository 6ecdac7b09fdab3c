"""The Pulumi CLI, asked for what it knows of a stack."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from divio_provider.cli.exit_codes import CouldNotRunError


def answer(*words: str, stack: str | None) -> Mapping[str, Any]:
    """The object that `pulumi WORDS` prints as JSON; for the selected stack where none is named.

    Raises CouldNotRunError with Pulumi's own words.
    """
    # A program of an environment that is not activated finds the CLI that lies beside it.
    beside = str(Path(sys.executable).parent)
    program = shutil.which("pulumi") or shutil.which("pulumi", path=beside)
    if program is None:
        raise CouldNotRunError("the Pulumi CLI is not on PATH; install it, or put its folder there")
    command = [program, *words, "--non-interactive", *(["--stack", stack] if stack else [])]
    # A list and no shell: the name of a stack is only ever a name.
    ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
    said = f"pulumi {' '.join(word for word in words if not word.startswith('-'))}"
    if ran.returncode:
        lines = [line.strip() for line in ran.stderr.splitlines() if line.strip()]
        why = lines[0].removeprefix("error: ") if lines else f"exit code {ran.returncode}"
        raise CouldNotRunError(f"{said}: {why}")
    try:
        printed = json.loads(ran.stdout)
    except json.JSONDecodeError:
        raise CouldNotRunError(f"{said} printed something other than JSON") from None
    return printed if isinstance(printed, dict) else {}
