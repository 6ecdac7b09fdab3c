"""A PostgreSQL of our own: a private cluster behind a socket in a short folder, gone after the session."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

_SETTINGS = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]


@dataclass(frozen=True)
class Postgres:
    """How to reach the cluster: `host` is the folder of its socket, `user` may do everything and needs no password."""

    host: str
    user: str = "postgres"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection that commits by itself, as CREATE DATABASE needs it."""
        return psycopg.connect(host=self.host, user=self.user, dbname=database, autocommit=True)

    @contextmanager
    def database(self, name: str, template: str = "template1") -> Iterator[str]:
        """A database of that name, empty or a copy of `template`, that is dropped at the end. Yields the name."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        try:
            yield name
        finally:
            with self.connect() as connection:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running cluster; skips, loudly, where PostgreSQL is not installed."""
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
        # Its socket's folder is what a process of any user has to enter.
        folder.chmod(0o755)
    data = folder / "data"
    made = subprocess.run(
        [*as_somebody, initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert not made.returncode, made.stderr
    log = folder / "log"
    with log.open("w") as written:
        server = subprocess.Popen(
            [*as_somebody, str(Path(initdb).parent / "postgres"), "-D", str(data), "-k", str(folder), *_SETTINGS],
            stdout=subprocess.DEVNULL,
            stderr=written,
            cwd=folder,
        )
    try:
        _await(Postgres(str(folder)), server, log)
        yield Postgres(str(folder))
    finally:
        pid_file = data / "postmaster.pid"
        # At once: nobody needs what is in it. Not the process we started, which may be runuser.
        os.kill(int(pid_file.read_text().split()[0]) if pid_file.exists() else server.pid, signal.SIGQUIT)
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _await(postgres: Postgres, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            postgres.connect().close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
