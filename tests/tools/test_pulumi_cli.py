"""Which of the three ways to the Pulumi CLI is taken, and what is said when none works.

The programs are fakes on a PATH of their own: the real download and the real build take minutes and a network.
"""

import inspect
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from tools import pulumi_cli, pulumi_ways
from tools.processes import Failed, run
from tools.pulumi_ways import PROGRAMS, VERSION

ROOT = Path(__file__).parents[2]


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def programs(directory: Path, version: str = f"v{VERSION}", names: tuple[str, ...] = PROGRAMS) -> Path:
    for name in names:
        program(directory / name, f"echo {version}\n")
    return directory


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "path").mkdir()
    return {"PATH": f"{tmp_path / 'path'}:/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path / "cache")}


def refuses(reason: str) -> Callable[..., None]:
    def way(*_: object) -> None:
        raise Failed(reason)

    return way


def installs(root: Path, *_: object) -> None:
    programs(root / "bin")


def half(root: Path) -> None:
    programs(root / "bin", names=PROGRAMS[:3])


def never(*_: object) -> None:
    pytest.fail("an earlier way should have been taken")


def test_a_recent_cli_on_path_is_taken_as_it_is(environ: dict[str, str], tmp_path: Path) -> None:
    programs(tmp_path / "path", "v3.254.0")
    assert pulumi_cli.obtain(environ, by_installer=never, by_build=never) == tmp_path / "path"
    assert not (tmp_path / "cache").exists()


def test_a_link_on_path_leads_to_where_its_programs_are(environ: dict[str, str], tmp_path: Path) -> None:
    real = programs(tmp_path / "opt" / "pulumi")
    (tmp_path / "path" / "pulumi").symlink_to(real / "pulumi")
    assert pulumi_cli.obtain(environ, by_installer=never, by_build=never) == real


@pytest.mark.parametrize(
    ("version", "names", "reason"),
    [
        ("v3.253.9", PROGRAMS, "is 3.253.9, and 3.254.0 or newer is needed"),
        ("v3.260.0", ("pulumi",), "has no pulumi-language-python beside it"),
        ("no-idea", PROGRAMS, "does not tell its version"),
    ],
)
def test_a_cli_on_path_that_will_not_do_is_passed_over(
    environ: dict[str, str], tmp_path: Path, version: str, names: tuple[str, ...], reason: str
) -> None:
    programs(tmp_path / "path", version, names)
    with pytest.raises(Failed, match=reason):
        pulumi_ways.from_path(environ)
    installed = pulumi_cli.obtain(environ, by_installer=installs, by_build=never)
    assert installed == tmp_path / "cache" / "divio-provider" / "pulumi" / VERSION / "bin"


def test_our_own_link_on_path_does_not_hide_a_newer_version(environ: dict[str, str], tmp_path: Path) -> None:
    old = programs(pulumi_ways.cache(environ) / "3.255.0" / "bin", "v3.255.0")
    (tmp_path / "path" / "pulumi").symlink_to(old / "pulumi")
    assert (
        pulumi_cli.obtain(environ, by_installer=installs, by_build=never)
        == pulumi_ways.cache(environ) / VERSION / "bin"
    )


def test_what_was_obtained_once_is_not_obtained_again(environ: dict[str, str]) -> None:
    first = pulumi_cli.obtain(environ, by_installer=installs, by_build=never)
    assert pulumi_cli.obtain(environ, by_installer=never, by_build=never) == first


def test_a_cache_that_does_not_run_is_replaced(environ: dict[str, str]) -> None:
    bad = pulumi_ways.cache(environ) / VERSION / "bin"
    programs(bad)
    program(bad / "pulumi", "exit 1\n")
    found = pulumi_cli.obtain(environ, by_installer=installs, by_build=never)
    assert pulumi_ways.version_of(found / "pulumi") == (3, 259, 0)


def test_the_build_follows_where_the_release_cannot_be_had(environ: dict[str, str]) -> None:
    found = pulumi_cli.obtain(environ, by_installer=refuses("no route"), by_build=installs)
    assert found.is_relative_to(pulumi_ways.cache(environ))


def test_when_no_way_works_each_is_named_with_its_reason(environ: dict[str, str]) -> None:
    with pytest.raises(Failed) as caught:
        pulumi_cli.obtain(environ, by_installer=refuses("no route"), by_build=refuses("no go"))
    lines = [line.strip() for line in str(caught.value).splitlines()]
    assert lines[1:] == [
        "1. the pulumi on PATH: there is no pulumi on PATH",
        "2. the official release: no route",
        "3. a build from Go modules: no go",
    ]


def test_a_way_that_fails_half_way_leaves_nothing_that_looks_ready(environ: dict[str, str]) -> None:
    with pytest.raises(Failed, match="it came without pulumi-resource-pulumi-python"):
        pulumi_cli.obtain(
            environ,
            by_installer=half,
            by_build=refuses("no go"),
        )
    assert [path.name for path in pulumi_ways.cache(environ).iterdir()] == [".lock"]


def test_two_runs_at_once_obtain_it_once(environ: dict[str, str]) -> None:
    calls: list[Path] = []
    inside, both = threading.Event(), threading.Event()

    def slow(root: Path) -> None:
        calls.append(root)
        inside.set()
        assert both.wait(30)
        programs(root / "bin")

    found: list[Path] = []

    def one() -> None:
        found.append(pulumi_cli.obtain(environ, by_installer=slow, by_build=never))

    first, second = threading.Thread(target=one), threading.Thread(target=one)
    first.start()
    assert inside.wait(30)
    second.start()
    both.set()
    first.join(30)
    second.join(30)
    assert len(calls) == 1
    assert found == [pulumi_ways.cache(environ) / VERSION / "bin"] * 2


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    """An interpreter whose Pulumi SDK records what its installer is asked for."""
    package = tmp_path / "site" / "pulumi" / "automation"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").write_text(
        "import pathlib\n"
        "class PulumiCommand:\n"
        "    @classmethod\n"
        "    def install(cls, root=None, version=None, skip_version_check=False):\n"
        f"        pathlib.Path({str(tmp_path / 'asked')!r}).write_text(f'{{root}} {{version}}')\n"
    )
    return program(tmp_path / "python", f'PYTHONPATH={tmp_path / "site"} exec {sys.executable} "$@"\n')


def test_the_sdk_installer_is_asked_for_our_version_in_the_cache(sdk: Path, tmp_path: Path) -> None:
    (tmp_path / "install.sh").touch()
    pulumi_ways.official(tmp_path / "root", python=str(sdk), script=(tmp_path / "install.sh").as_uri())
    assert (tmp_path / "asked").read_text() == f"{tmp_path / 'root'} {VERSION}"


def test_the_installed_sdk_has_the_installer_that_we_call() -> None:
    """The fake above stands for this; here the real signature is asked."""
    assert {"root", "version"} <= inspect.signature(PulumiCommand.install).parameters.keys()


def test_a_site_that_cannot_be_reached_fails_fast_and_asks_no_installer(sdk: Path, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="cannot be downloaded"):
        pulumi_ways.official(tmp_path / "root", python=str(sdk), script=(tmp_path / "absent").as_uri())
    assert not (tmp_path / "asked").exists()


FAKE_GO = """
case "$1" in
  version) echo "go version go{version} linux/amd64" ;;
  build)
    echo "$GOFLAGS|$PWD|$*" >> {log}
    while [ "$1" != -o ]; do shift; done
    echo '#!/bin/sh' > "$2"; echo 'echo v3.259.0' >> "$2"; chmod +x "$2" ;;
  list) echo {sdk} ;;
esac
"""


def fake_go(tmp_path: Path, version: str) -> Path:
    module = tmp_path / "module"
    programs(module / "python" / "cmd", names=("pulumi-language-python-exec",))
    programs(module / "python" / "dist", names=("pulumi-resource-pulumi-python",))
    return program(tmp_path / "path" / "go", FAKE_GO.format(version=version, log=tmp_path / "log", sdk=module))


def test_the_build_brings_all_four_programs_and_stamps_the_version(environ: dict[str, str], tmp_path: Path) -> None:
    fake_go(tmp_path, "1.26.8")
    pulumi_ways.build(tmp_path / "root", environ | {"GOFLAGS": "-mod=vendor"}, usual=tmp_path / "absent")
    assert pulumi_ways.missing(tmp_path / "root" / "bin") == []
    cli, host = (tmp_path / "log").read_text().splitlines()
    assert cli.startswith(f"-mod=readonly -buildvcs=false|{ROOT}/tools/modules/pulumi|")
    assert f"version.Version=v{VERSION}" in cli
    assert f"{ROOT}/tools/modules/pulumi-language-python|" in host


def test_a_go_that_is_too_old_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    fake_go(tmp_path, "1.25.1")
    with pytest.raises(Failed, match=r"is 1\.25\.1, and 1\.26\.0 or newer is needed"):
        pulumi_ways.build(tmp_path / "root", environ, usual=tmp_path / "absent")


def test_no_go_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="there is neither a go on PATH nor"):
        pulumi_ways.build(tmp_path / "root", {"PATH": str(tmp_path)}, usual=tmp_path / "absent")


def test_the_locked_modules_are_of_the_version_that_we_name() -> None:
    text = (ROOT / "tools" / "modules" / "pulumi" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{VERSION} " in text
    assert f"github.com/pulumi/pulumi/sdk/v3 v{VERSION} " in text


def test_links_of_an_earlier_version_give_way(tmp_path: Path) -> None:
    old, new, into = programs(tmp_path / "old"), programs(tmp_path / "new"), tmp_path / "bin"
    program(old / "pulumi-watch", "")
    into.mkdir()
    pulumi_cli.link(old, into)
    pulumi_cli.link(new, into)
    assert {path.name: path.resolve().parent for path in into.iterdir()} == dict.fromkeys(PROGRAMS, new)


def test_linking_programs_where_they_already_are_leaves_them(tmp_path: Path) -> None:
    here = programs(tmp_path / "bin")
    pulumi_cli.link(here, here)
    assert pulumi_ways.missing(here) == []


def test_a_program_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    slow = program(tmp_path / "slow", f"sleep 600 & echo $! > {child}; wait\n")
    with pytest.raises(Failed, match="slow took longer than 1 s"):
        run([str(slow)], limit=1)
    state = Path(f"/proc/{child.read_text().strip()}/stat")

    def ended() -> bool:
        try:
            return state.read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True

    # The kernel carries out a kill when the process has its next turn.
    deadline = time.monotonic() + 10
    while not ended():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_long_run_says_how_far_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    go_on = tmp_path / "go-on"
    slow = program(tmp_path / "slow", f"echo one; echo two; while [ ! -e {go_on} ]; do sleep 0.05; done\n")

    def progress(gone: float, lines: int) -> str:
        if lines == 2:
            go_on.touch()
        return f"{lines} lines"

    assert run([str(slow)], limit=60, progress=progress, every=0.1) == "one\ntwo\n"
    assert "2 lines" in capsys.readouterr().err


def test_the_command_ends_with_one_error_and_no_traceback(tmp_path: Path) -> None:
    """As a person would run it: nothing on PATH, no download site, no Go."""
    program(tmp_path / "bin" / "go", "echo go version go1.20.1\n")
    env = {"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path), "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-m", "tools.pulumi_cli", "--print-dir"],
        cwd=ROOT,
        env=env | {"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    for way in ("1. the pulumi on PATH", "2. the official release", "3. a build from Go modules"):
        assert way in done.stderr
    assert [path.name for path in (tmp_path / "divio-provider" / "pulumi").iterdir()] == [".lock"]
