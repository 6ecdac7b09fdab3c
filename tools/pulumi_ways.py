"""The three ways to the programs of the Pulumi CLI: on PATH already, the official release, a build from Go modules."""

import os
import re
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tools.processes import Failed, run, say

VERSION = "3.259.0"
"""The version that ways 2 and 3 bring: the newest whose CLI is published as a Go module."""
MINIMUM = (3, 254, 0)
"""The oldest CLI that will do on PATH."""
GO_MINIMUM = (1, 26, 0)
"""What the modules of that version ask for in their go.mod."""
PROGRAMS = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
"""The CLI, the host of Python programs (two of them) and the host of dynamic resources."""
INSTALL_SCRIPT = "https://get.pulumi.com/install.sh"
"""What the SDK's installer downloads first; it does so without a time limit, hence our own try."""
MODULES = Path(__file__).resolve().parent / "modules"
GO_USUAL = Path("/usr/local/go/bin/go")

_SDK = "github.com/pulumi/pulumi/sdk/v3"
_STAMP = f"-X {_SDK}/go/common/version.Version=v{VERSION}"
_INSTALL = """\
import sys
from semver import VersionInfo
from pulumi.automation import PulumiCommand
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""


def parse(text: str) -> tuple[int, int, int] | None:
    """Find a version such as ``v3.259.0`` or ``go1.26.8`` in what a program says; None if there is none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def said(version: tuple[int, int, int]) -> str:
    """Write a version with its dots."""
    return ".".join(map(str, version))


def version_of(pulumi: Path) -> tuple[int, int, int]:
    """Ask a CLI for its version.

    Raises:
        Failed: It does not run, or says something else.
    """
    with tempfile.TemporaryDirectory() as home:
        # A home of its own, so that asking leaves nothing in the user's.
        env = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": home}
        output = run([str(pulumi), "version"], limit=60, env=env)
    version = parse(output)
    if version is None:
        raise Failed(f"{pulumi} does not tell its version")
    return version


def missing(directory: Path) -> list[str]:
    """Name the programs that a directory lacks."""
    return [name for name in PROGRAMS if not os.access(directory / name, os.X_OK)]


def cache(environ: Mapping[str, str]) -> Path:
    """Where versions are kept: ``$XDG_CACHE_HOME/divio-provider/pulumi``, by default under ``~/.cache``."""
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "divio-provider" / "pulumi"


def from_path(environ: Mapping[str, str]) -> Path:
    """Way 1: the directory of the ``pulumi`` that the user's shell would run.

    Raises:
        Failed: There is none, it is too old, or it stands there without the programs for Python.
    """
    found = shutil.which("pulumi", path=environ.get("PATH", ""))
    if found is None:
        raise Failed("there is no pulumi on PATH")
    real = Path(found).resolve()
    if real.is_relative_to(cache(environ).resolve()):
        raise Failed(f"{found} is our own link")
    version = version_of(real)
    if version < MINIMUM:
        raise Failed(f"{found} is {said(version)}, and {said(MINIMUM)} or newer is needed")
    for directory in (real.parent, Path(found).parent):
        if not missing(directory):
            return directory
    raise Failed(f"{found} has no {missing(real.parent)[0]} beside it")


def official(root: Path, *, python: str = sys.executable, script: str = INSTALL_SCRIPT, limit: float = 900) -> None:
    """Way 2: the official release, by the SDK's installer.

    Args:
        root: Where it goes; the programs are in ``bin`` below it.
        python: An interpreter with Pulumi's SDK, such as the virtual environment's.
        script: The address that tells whether the download site can be reached.
        limit: Seconds for the download.

    Raises:
        Failed: The site cannot be reached, or the installer fails.
    """
    try:
        with urllib.request.urlopen(script, timeout=10):  # noqa: S310 - a constant https address
            pass
    except OSError as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise Failed(f"{script} cannot be downloaded ({reason})") from error
    say(f"Pulumi CLI: installing the official release {VERSION}.")
    run(
        [python, "-c", _INSTALL, str(root), VERSION],
        limit=limit,
        progress=lambda gone, _: f"Pulumi CLI: still downloading after {gone:.0f} s.",
    )


def build(root: Path, environ: Mapping[str, str], *, usual: Path = GO_USUAL, limit: float = 3600) -> None:
    """Way 3: build the programs from Go modules.

    Args:
        root: Where they go; the programs are in ``bin`` below it.
        environ: The environment whose PATH may have a ``go``.
        usual: Where Go is looked for if PATH has none.
        limit: Seconds for each program.

    Raises:
        Failed: There is no Go, it is too old, or a build fails.
    """
    go = shutil.which("go", path=environ.get("PATH", "")) or (str(usual) if os.access(usual, os.X_OK) else None)
    if go is None:
        raise Failed(f"there is neither a go on PATH nor {usual}")
    # A user's own flags or workspace must not change what the locked modules say.
    env = {**environ, "GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off"}
    version = parse(run([go, "version"], limit=600, cwd=MODULES / "pulumi", env=env))
    if version is None or version < GO_MINIMUM:
        raise Failed(f"{go} is {said(version or (0, 0, 0))}, and {said(GO_MINIMUM)} or newer is needed")
    say(f"Pulumi CLI: building {VERSION} from Go modules, once on this machine. It takes some minutes.")
    binaries = root / "bin"
    binaries.mkdir(parents=True)
    for name, package, flags in (
        # The SDK refuses a CLI without a version.
        ("pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", f"-s -w {_STAMP}"),
        ("pulumi-language-python", f"{_SDK}/python/cmd/pulumi-language-python", "-s -w"),
    ):
        run(
            [go, "build", "-v", "-ldflags", flags, "-o", str(binaries / name), package],
            limit=limit,
            cwd=MODULES / name,
            env=env,
            progress=lambda gone, lines, name=name: (  # type: ignore[misc]
                f"Pulumi CLI: building {name}, {gone:.0f} s, {lines} modules and packages done."
            ),
        )
    sources = run([go, "list", "-m", "-f", "{{.Dir}}", _SDK], limit=600, cwd=MODULES / "pulumi", env=env)
    python = Path(sources.strip().splitlines()[-1]) / "python"
    for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
        target = binaries / Path(script).name
        shutil.copyfile(python / script, target)
        target.chmod(0o755)
