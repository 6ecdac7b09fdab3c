"""What a stack's state holds, asked from the Pulumi CLI."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from divio_provider.commands.outcome import CouldNotRunError
from divio_provider.estate.site_ids import Register

SITE_IDS = "pulumi-python:dynamic/divio:SiteIds"


def exported(stack: str | None) -> Mapping[str, Any]:
    """A stack's state as `pulumi stack export` prints it, secrets encrypted; None is the selected stack.

    Raises CouldNotRunError with Pulumi's own words.
    """
    # A program of an environment that is not activated finds the CLI that lies beside it.
    beside = str(Path(sys.executable).parent)
    program = shutil.which("pulumi") or shutil.which("pulumi", path=beside)
    if program is None:
        raise CouldNotRunError("the Pulumi CLI is not on PATH; install it, or put its folder there")
    command = [program, "stack", "export", "--non-interactive", *(["--stack", stack] if stack else [])]
    # A list and no shell: the name of a stack is only ever a name.
    ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
    if ran.returncode:
        lines = [line.strip() for line in ran.stderr.splitlines() if line.strip()]
        said = lines[0].removeprefix("error: ") if lines else f"exit code {ran.returncode}"
        raise CouldNotRunError(f"pulumi stack export: {said}")
    try:
        state = json.loads(ran.stdout)
    except json.JSONDecodeError:
        raise CouldNotRunError("pulumi stack export printed something other than JSON") from None
    return state if isinstance(state, dict) else {}


def register_in(state: Mapping[str, Any], original: str) -> Register:
    """The register of `SITE_ID`s of the estate whose original this is. Raises CouldNotRunError where there is none."""
    for outputs in _outputs(state, SITE_IDS):
        ids, retired = outputs.get("ids"), outputs.get("retired") or {}
        if isinstance(ids, Mapping) and original in ids:
            return Register.restored(ids, retired)
    raise CouldNotRunError(
        f"the stack has no SITE_IDs for {original} yet; run `pulumi up` first, or name the stack that has them: --stack"
    )


def _outputs(state: Mapping[str, Any], type_: str) -> Iterator[Mapping[str, Any]]:
    deployment = state.get("deployment") or {}
    for resource in deployment.get("resources") or []:
        if resource.get("type") == type_ and not resource.get("delete"):
            yield resource.get("outputs") or {}
