"""The Pulumi CLI, asked for what it knows of a stack: above all what its state holds."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from divio_provider.cli.exit_codes import CouldNotRunError
from divio_provider.estate.health.observation import StackMemory
from divio_provider.estate.planning.site_id_allocation import Register
from divio_provider.estate.planning.unfinished import merged

SITE_IDS = "pulumi-python:dynamic/divio:SiteIds"
ENVIRONMENT_VARIABLES = "pulumi-python:dynamic/divio:EnvironmentVariables"
DEPLOYMENT = "pulumi-python:dynamic/divio:Deployment"

_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - not one: the key by which Pulumi's state marks an encrypted value


def json_answer(*words: str, stack: str | None) -> Mapping[str, Any]:
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


def exported(stack: str | None) -> Mapping[str, Any]:
    """A stack's state as `pulumi stack export` prints it, secrets encrypted; None is the selected stack.

    Raises CouldNotRunError with Pulumi's own words.
    """
    return json_answer("stack", "export", stack=stack)


def register_in(state: Mapping[str, Any], original: str) -> Register:
    """The register of the estate whose original this is. Raises CouldNotRunError where there is none."""
    register = find_register(state, original)
    if register is None:
        raise CouldNotRunError(
            f"the stack has no SITE_IDs for {original} yet; run `pulumi up` first, or name the stack that has them: "
            "--stack"
        )
    return register


def find_register(state: Mapping[str, Any], original: str) -> Register | None:
    """The same; None where the stack has none."""
    for outputs in _outputs(state, SITE_IDS):
        ids, retired = outputs.get("ids"), outputs.get("retired") or {}
        if isinstance(ids, Mapping) and original in ids:
            return Register.restored(ids, retired)
    return None


def memory_of(state: Mapping[str, Any], owner: Mapping[str, Any], original: str) -> StackMemory:
    """What a stack's state adds to what Divio shows; `owner` is the state of the stack that has the `SITE_ID`s."""
    written = {
        (str(outputs.get("site")), str(outputs.get("environment"))): outputs
        for outputs in _outputs(state, ENVIRONMENT_VARIABLES)
        if outputs.get("application")
    }
    written_at = {place: (outputs.get("change") or {}).get("at") for place, outputs in written.items()}
    reports = (outputs.get("unfinished") for outputs in _outputs(state))
    return StackMemory(
        register=find_register(owner, original),
        unfinished=merged(report for report in reports if isinstance(report, Mapping) and _SECRET not in report),
        writes={place: datetime.fromisoformat(at) if at else None for place, at in written_at.items()},
        copied={
            place: (outputs.get("shared_change") or {}).get("fingerprints") or {} for place, outputs in written.items()
        },
        release=_release(state, original),
    )


def _release(state: Mapping[str, Any], original: str) -> tuple[str, datetime] | None:
    """The deployment of the original's Live that the stack knows, and when the present release arrived there.

    The two differ where the stack deployed the original again for its variables alone, which is no release.
    """
    for outputs in _outputs(state, DEPLOYMENT):
        uuid, at = (outputs.get("deployed") or {}).get(f"{original}/live"), outputs.get("original_released_at")
        if uuid and at:
            return uuid, datetime.fromisoformat(at)
    return None


def _outputs(state: Mapping[str, Any], type_: str | None = None) -> Iterator[Mapping[str, Any]]:
    deployment = state.get("deployment") or {}
    for resource in deployment.get("resources") or []:
        wanted = resource.get("custom") if type_ is None else resource.get("type") == type_
        if wanted and not resource.get("delete"):
            yield resource.get("outputs") or {}
