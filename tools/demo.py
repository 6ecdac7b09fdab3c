"""``make demo`` and ``make demo-down``: an estate on a local Divio, by the real Pulumi CLI.

All that a demo leaves is in ``.demo``: the local Divio's data and log, Pulumi's state and home, and ``env.sh``, which
gives a shell the same settings.
"""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tools.local_divio import LocalDivio, Trouble

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / ".demo"
BIN = ROOT / ".venv" / "bin"
STACK = "demo"
PORT = 8100
"""Where the stack's configuration expects Divio (``divio:apiUrl`` in stacks/Pulumi.demo.yaml)."""

NEXT = """
What to try next, here in the repository's root:

  . .demo/env.sh                      give this shell the stack, its backend and a token
  pulumi preview                      nothing to change, and not one call to Divio
  pulumi up --refresh                 ask Divio too: what was changed by hand is put back
  divio-estate status --stack demo    the table above

Add a site: three lines at the end of "mirrors:" in stacks/estate.yaml,

  acme-jobs:
    name: Acme Jobs
    domains: [jobs.acme.example]

then `pulumi preview` shows its SITE_ID, and `pulumi up` makes it. The local Divio's log is .demo/divio.log;
`make demo-down` removes all of this.
"""


def settings(demo: Path) -> dict[str, str]:
    """Name what a shell needs, besides PATH, to work with the demo's stack.

    Args:
        demo: The demo's folder.
    """
    return {
        "PULUMI_BACKEND_URL": f"file://{demo / 'state'}?metadata=skip",
        "PULUMI_HOME": str(demo / "pulumi-home"),
        "PULUMI_CONFIG_PASSPHRASE": "demo",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_STACK": STACK,
        "DIVIO_TOKEN": "demo-token",
    }


def script(demo: Path, binaries: Path) -> str:
    """Write ``env.sh``, for any POSIX shell.

    Args:
        demo: The demo's folder.
        binaries: The folder of programs that has to come first on PATH.
    """
    path = shlex.quote(str(binaries))
    lines = [
        "# Made by `make demo`. Use it in the repository's root:  . .demo/env.sh",
        f'case "$PATH" in {path}:*) ;; *) export PATH={path}:"$PATH" ;; esac',
        *(f"export {name}={shlex.quote(value)}" for name, value in settings(demo).items()),
    ]
    return "\n".join(lines) + "\n"


def providers(home: str) -> list[int]:
    """Find processes of dynamic providers that a killed CLI may have left.

    Args:
        home: The ``PULUMI_HOME`` that tells the demo's from others.

    Returns:
        Their process ids; none where there is no ``/proc`` to look into (there, too, a provider ends by itself once its
        engine no longer answers).
    """
    wanted = f"PULUMI_HOME={home}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"pulumi.dynamic" in (process / "cmdline").read_bytes() and wanted in (
                (process / "environ").read_bytes().split(b"\0")
            ):
                found.append(int(process.name))
    return found


def up() -> int:
    """Bring the demo up, or what is missing of it; a second run changes nothing.

    Returns:
        The exit code of the first command that failed, else 0.

    Raises:
        Trouble: The local Divio cannot be started.
    """
    (DEMO / "state").mkdir(parents=True, exist_ok=True)
    (DEMO / "env.sh").write_text(script(DEMO, BIN))
    divio = LocalDivio(program=BIN / "divio-estate", folder=DEMO, port=PORT)
    started = divio.start()
    print(f"Local Divio: {'started' if started else 'already running'} on http://127.0.0.1:{PORT}", flush=True)
    environ = {**os.environ, **settings(DEMO), "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    for command in (
        ["pulumi", "stack", "select", "--create", STACK],
        ["pulumi", "up", "--yes", "--suppress-outputs"],
        ["divio-estate", "status", "--stack", STACK],
    ):
        if code := subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode:
            print(
                f"`{' '.join(command)}` failed. The local Divio's log: {divio.log.relative_to(ROOT)}", file=sys.stderr
            )
            return code
    print(NEXT)
    return 0


def down() -> int:
    """End the local Divio and all that a killed CLI may have left, and remove the demo's folder."""
    LocalDivio(program=BIN / "divio-estate", folder=DEMO, port=PORT).stop()
    for process in providers(settings(DEMO)["PULUMI_HOME"]):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, 9)
    shutil.rmtree(DEMO, ignore_errors=True)
    print("The demo is gone.")
    return 0


def main() -> int:
    """Do what the first argument says: ``up`` or ``down``."""
    verbs = {"up": up, "down": down}
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        print("usage: python -m tools.demo up|down", file=sys.stderr)
        return 2
    try:
        return verbs[sys.argv[1]]()
    except Trouble as trouble:
        print(f"demo: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
