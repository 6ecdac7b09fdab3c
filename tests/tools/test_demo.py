"""What the demo gives a shell."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import demo


@pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
def test_env_sh_gives_any_shell_the_settings_even_where_the_path_has_spaces(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    folder = tmp_path / "it's a demo"
    binaries = tmp_path / "a venv" / "bin"
    folder.mkdir()
    (folder / "env.sh").write_text(demo.script(folder, binaries))
    names = ["PATH", *demo.settings(folder)]
    twice_then_show = '. "$1"; . "$1"; shift; exec "$@"'
    show = "import os, sys; print(*(os.environ[name] for name in sys.argv[1:]), sep='\\n')"
    done = subprocess.run(
        [shell, "-eu", "-c", twice_then_show, shell, str(folder / "env.sh"), sys.executable, "-c", show, *names],
        env={"PATH": os.defpath},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [f"{binaries}:{os.defpath}", *demo.settings(folder).values()]


def test_only_providers_of_the_demo_are_found(tmp_path: Path) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("there is no /proc")
    command = [sys.executable, "-c", "print(flush=True); input()", "-m", "pulumi.dynamic"]
    started = []
    try:
        for home in ("ours", "theirs"):
            process = subprocess.Popen(
                command, env={"PULUMI_HOME": str(tmp_path / home)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            started.append(process)
            assert process.stdout is not None
            process.stdout.readline()
        assert demo.providers(str(tmp_path / "ours")) == [started[0].pid]
    finally:
        for process in started:
            process.communicate()
