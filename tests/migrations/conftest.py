"""A real Django on real databases: SQLite, which is always there, and PostgreSQL where it is installed."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.migrations.truth import add_postgres, set_up


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The folder of the socket of a PostgreSQL of our own; skips, loudly, where none is installed."""
    initdb = shutil.which("initdb") or next(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None)
    if initdb is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    as_somebody: list[str] = []
    # Not the test's own folder: a socket's path must be short, and another user has to reach it.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.getuid() == 0:
        # PostgreSQL refuses to run as root; its package brings a user.
        as_somebody = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    data = folder / "data"
    user = "postgres"
    made = subprocess.run(
        [*as_somebody, initdb, "-D", str(data), "-U", user, "-A", "trust", "-N", "-E", "UTF8", "--locale=C"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert not made.returncode, made.stderr
    server = subprocess.Popen(
        [*as_somebody, str(Path(initdb).parent / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=",
         "-c", "fsync=off", "-c", "full_page_writes=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder,
    )  # fmt: skip
    try:
        _await(folder, user, server)
        yield str(folder)
    finally:
        pid = (
            int((data / "postmaster.pid").read_text().split()[0]) if (data / "postmaster.pid").exists() else server.pid
        )
        # At once: nobody needs what is in it.
        os.kill(pid, 3)
        server.wait(timeout=30)
        if server.stderr:
            server.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _await(folder: Path, user: str, server: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(host=str(folder), user=user, dbname="postgres").close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, server.stderr.read() if server.stderr else ""
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.fixture(scope="session")
def django() -> None:
    """Django, with an empty SQLite in memory as its database."""
    set_up()


@pytest.fixture(scope="session")
def django_on_postgres(django: None, postgres: str) -> str:
    """The alias of a PostgreSQL among Django's databases."""
    return add_postgres(postgres)
