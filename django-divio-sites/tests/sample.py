"""The sample project examples/django-estate as tests use it: a copy of their own, an interpreter, real `manage.py`.

    python = python_with("requirements.txt")                # dj-database-url, psycopg …
    sample = copy_sample(tmp_path, python=python)
    sample.manage("migrate", DATABASE_URL=database_url(postgres, "shop"), SITE_ID="2")
    assert "no issues" in sample.manage("check", "--tag", "divio").stdout

Without `python` it runs on the interpreter of the tests; without DATABASE_URL on SQLite.
"""

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

from packaging.requirements import Requirement

from tests.postgres import Postgres

PACKAGE = Path(__file__).resolve().parent.parent
SAMPLE = PACKAGE.parent / "examples" / "django-estate"
CMS = {"DJANGO_SETTINGS_MODULE": "estate.settings_cms"}
"""The variable that makes the sample its variant with django CMS; it needs `requirements-cms.txt`."""


def database_url(postgres: Postgres, name: str) -> str:
    """The DATABASE_URL of a database of the cluster: its host is the folder of a socket, so it is quoted."""
    return f"postgres://{postgres.user}@{quote(postgres.host, safe='')}/{name}"


def uv(*arguments: str | Path) -> None:
    """Run uv, which makes environments fast because it keeps what it downloaded."""
    command = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    assert command, "needs uv: pip install uv"
    done = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr


@functools.cache
def python_with(requirements: str = "", *packages: str) -> str:
    """The interpreter that has the sample's requirements: the tests' own, else one of a new virtual environment.

    Args:
        requirements: A file of the sample, `requirements.txt` or `requirements-cms.txt`; "" for a new environment that has
            nothing but `packages`.
        packages: What to install there, such as `Django==4.2.*` or the path of a wheel.
    """
    if requirements and all(_is_installed(line) for line in _requirements(requirements)):
        return sys.executable
    folder = Path(tempfile.mkdtemp(prefix="sample-venv-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    uv("venv", "--quiet", "--python", sys.executable, folder / "venv")
    python = folder / "venv" / "bin" / "python"
    listed = _requirements(requirements) if requirements else []
    uv("pip", "install", "--quiet", "--python", python, *listed, *packages)
    return str(python)


@functools.cache
def wheel() -> Path:
    """The package as a user gets it, built once a session."""
    folder = Path(tempfile.mkdtemp(prefix="sample-wheel-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    uv("build", "--quiet", "--wheel", "--out-dir", folder, PACKAGE)
    return next(folder.glob("*.whl"))


def _requirements(file: str) -> list[str]:
    """A file's lines and those of files that it names; not the wheel: copies run on the package as it is in this tree."""
    found = []
    for line in (SAMPLE / file).read_text().splitlines():
        asked = line.partition("#")[0].strip()
        if asked.startswith("-r "):
            found += _requirements(asked.removeprefix("-r "))
        elif asked and not asked.startswith("./wheels/"):
            found.append(asked)
    return found


def _is_installed(line: str) -> bool:
    asked = Requirement(line)
    try:
        return asked.specifier.contains(version(asked.name))
    except PackageNotFoundError:
        return False


@dataclass(frozen=True)
class Sample:
    """A copy of the sample project.

    Attributes:
        folder: Where it is.
        python: The interpreter it runs on.
        variables: What is set for every command, beside PATH; a command's own win.
        package: Whether the package comes from this tree; else it is what `python` has installed.
    """

    folder: Path
    python: str = sys.executable
    variables: dict[str, str] = field(default_factory=dict)
    package: bool = True

    def environment(self, **variables: str) -> dict[str, str]:
        """The whole environment of a command: nothing of the tests' own but PATH."""
        return {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONDONTWRITEBYTECODE": "1",
            **({"PYTHONPATH": str(PACKAGE)} if self.package else {}),
            **self.variables,
            **variables,
        }

    def manage(self, *arguments: str, code: int | None = 0, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run `manage.py` with these variables, and hold its exit code to `code`; None takes any."""
        return self.run("manage.py", *arguments, code=code, **variables)

    def run(self, *arguments: str, code: int | None = 0, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run the interpreter in the copy, such as `run("-c", "import news")`."""
        done = subprocess.run(
            [self.python, *arguments],
            cwd=self.folder,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert code is None or done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def git(self, *arguments: str) -> str:
        """Run git in the copy, and give what it prints."""
        identity = ["-c", "user.name=Acme", "-c", "user.email=web@acme.example", "-c", "commit.gpgsign=false"]
        return subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout

    def commit(self, message: str) -> str:
        """Commit all there is, in a repository that the first commit makes. Returns the commit's id."""
        if not (self.folder / ".git").exists():
            self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    @contextmanager
    def serve(self, **variables: str) -> Iterator[str]:
        """A real `runserver` of one site, on a port of its own. Yields its address, without a slash at the end."""
        server = subprocess.Popen(
            [self.python, "-u", "manage.py", "runserver", "--noreload", "127.0.0.1:0"],
            cwd=self.folder,
            env=self.environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield "http://127.0.0.1:" + _port(server)
        finally:
            server.terminate()
            server.communicate(timeout=30)


def _port(server: "subprocess.Popen[str]") -> str:
    """Django prints the port that it was told, 0; the process's own socket has the real one."""
    printed = []
    assert server.stdout
    for line in server.stdout:
        printed.append(line)
        if "Quit the server" in line:
            return _listening(server.pid)
    raise AssertionError("".join(printed))


def _listening(pid: int) -> str:
    sockets = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:  # 0A: it listens
            return str(int(fields[1].rpartition(":")[2], 16))
    raise AssertionError("it listens nowhere")


def copy_sample(to: Path, python: str = sys.executable, **variables: str) -> Sample:
    """Copy the sample into the folder `to`, without what a run left in it.

    Args:
        to: A folder, such as tmp_path; the copy is `to / "estate"`.
        python: The interpreter, from `python_with`.
        variables: Set for every command.
    """
    left = shutil.ignore_patterns("__pycache__", "db.sqlite3", "media", "static", "wheels")
    return Sample(Path(shutil.copytree(SAMPLE, to / "estate", ignore=left)), python, variables)
