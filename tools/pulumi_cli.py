"""Get the Pulumi CLI, in one of three ways, and print where its programs are.

1. The ``pulumi`` on PATH, if it is recent enough and has the programs that Python needs beside it.
2. The official release, by the installer of Pulumi's own Python SDK (``pulumi.automation.PulumiCommand.install``).
3. A build from published Go modules, where the release cannot be downloaded; ``tools/modules`` locks their versions.

What ways 2 and 3 bring goes into a cache outside the tree, so that it happens once a machine.

The choice between the ways and the call of the SDK's installer are tested. That the official release then runs this
project has not been seen: nobody has yet run it from a place where Pulumi's download site can be reached.
``Pulumi.yaml`` sets what Pulumi documents for it. The built language host is older than the CLI (the newest that is
published as a Go module) and does not know ``runtime.options.virtualenv``: it runs the ``python3`` that comes first on
PATH. Hence the links in ``.venv/bin``, which make one PATH right for both.
"""

import argparse
import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tools.processes import Failed, say
from tools.pulumi_ways import GO_MINIMUM, MINIMUM, VERSION, build, cache, from_path, missing, official, said, version_of


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one run at a time work in the cache; the others wait for what it brings."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Pulumi CLI: another run is getting it; waiting for that one.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _cached(home: Path) -> Path | None:
    """Return the cache's programs if they are all there and run."""
    with contextlib.suppress(Failed):
        if not missing(home / "bin") and version_of(home / "bin" / "pulumi") >= MINIMUM:
            return home / "bin"
    return None


def obtain(
    environ: Mapping[str, str],
    *,
    by_installer: Callable[[Path], None] = official,
    by_build: Callable[[Path, Mapping[str, str]], None] = build,
) -> Path:
    """Return the directory of the CLI's programs, by the first way that works.

    Args:
        environ: The environment: PATH and the place of the cache.
        by_installer: Way 2.
        by_build: Way 3.

    Raises:
        Failed: No way works; the text names each with its reason.
    """
    try:
        return from_path(environ)
    except Failed as no:
        reasons = [f"1. the pulumi on PATH: {no}"]
    directory = cache(environ)
    home = directory / VERSION
    with _alone(directory):
        if found := _cached(home):
            return found
        for left in directory.glob(".partial-*"):
            shutil.rmtree(left, ignore_errors=True)
        ways = (
            ("2. the official release", by_installer),
            ("3. a build from Go modules", lambda root: by_build(root, environ)),
        )
        for name, way in ways:
            partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=directory))
            try:
                way(partial / VERSION)
                if lacking := missing(partial / VERSION / "bin"):
                    raise Failed(f"it came without {lacking[0]}")
                shutil.rmtree(home, ignore_errors=True)
                # Complete or not there at all: a run that is killed half-way leaves nothing that looks ready.
                (partial / VERSION).rename(home)
            except Failed as no:
                reasons.append(f"{name}: {no}")
                say(f"Pulumi CLI: {name[3:]} does not work here: {no}.")
            else:
                return home / "bin"
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    raise Failed("No way to get the Pulumi CLI works here:\n  " + "\n  ".join(reasons))


def link(programs: Path, into: Path) -> None:
    """Link all of Pulumi's programs into a directory, in place of any links of an earlier version."""
    if programs.resolve() == into.resolve():
        return
    for old in into.glob("pulumi*"):
        if old.is_symlink():
            old.unlink()
    for program in (programs / "pulumi", *sorted(programs.glob("pulumi-*"))):
        if os.access(program, os.X_OK):
            (into / program.name).symlink_to(program)


def main() -> int:
    """Get the CLI; say where it is, or why there is none."""
    parser = argparse.ArgumentParser(description="Get the Pulumi CLI: from PATH, the official release or Go modules.")
    parser.add_argument("--print-dir", action="store_true", help="print only the directory of its programs")
    parser.add_argument("--link", type=Path, metavar="DIR", help="link its programs into this directory")
    arguments = parser.parse_args()
    try:
        programs = obtain(os.environ)
    except Failed as no:
        wanted = f"Pulumi {said(MINIMUM)} (https://www.pulumi.com/docs/install/) or Go {said(GO_MINIMUM)}"
        say(f"{no}\nInstall {wanted}, or newer.")
        return 1
    if arguments.link:
        link(programs, arguments.link)
    print(programs if arguments.print_dir else f"Pulumi CLI: {programs}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
