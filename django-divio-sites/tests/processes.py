"""Real processes of the tests' project: `manage.py` once, or a worker that runs one command after the other."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.postgres import Postgres

PROJECT = Path(__file__).parent / "project"
_PACKAGE = Path(__file__).parent.parent
Row = tuple[int, str, str]


class Ran(NamedTuple):
    """What a process left: its exit code, what it printed, and what it complained of."""

    code: int
    out: str
    err: str = ""


@dataclass(frozen=True)
class Database:
    """One environment's database: of the cluster where `postgres` is given, else the SQLite file `name`."""

    name: str
    postgres: Postgres | None = None

    @property
    def url(self) -> str:
        """For the project's `DATABASE_URL`."""
        if self.postgres:
            return f"postgres://{self.postgres.user}@/{self.name}?host={self.postgres.host}"
        return f"sqlite://{self.name}"

    @contextmanager
    def connect(self) -> Iterator[Any]:
        """A connection that commits each statement."""
        if self.postgres:
            with self.postgres.connect(self.name) as connection:
                yield connection
            return
        connection = sqlite3.connect(self.name, isolation_level=None, timeout=30)
        try:
            yield connection
        finally:
            connection.close()

    def run(self, *statements: str) -> None:
        """Run statements of SQL."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str = "SELECT id, domain, name FROM django_site ORDER BY id") -> list[Row]:
        """What a query gives; by default the sites."""
        with self.connect() as connection:
            return list(connection.execute(query).fetchall())

    def copy_sites_from(self, other: "Database") -> None:
        """What a copy of the other's whole data leaves of the sites: its rows in place of ours."""
        tables = {"django_site": "id, domain, name", "divio_sites_siteowner": "*"}
        found = {table: other.rows(f"SELECT {columns} FROM {table}") for table, columns in tables.items()}
        mark = "%s" if self.postgres else "?"
        with self.connect() as connection:
            for table, rows in found.items():
                connection.execute(f"DELETE FROM {table}")
                for row in rows:
                    names = f"({tables[table]})" if tables[table] != "*" else ""
                    connection.execute(f"INSERT INTO {table} {names} VALUES ({', '.join([mark] * len(row))})", row)


@dataclass(frozen=True)
class Site:
    """One site of an environment, as Divio starts its processes."""

    database: Database
    site_id: int = 1
    slug: str = "acme-main"
    role: str = "original"
    stage: str = "live"
    domain: str = "acme.example"
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The variables; one that is "" in `more` is not set at all."""
        given = {
            "DATABASE_URL": self.database.url,
            "SITE_ID": str(self.site_id),
            "ESTATE_SLUG": self.slug,
            "ESTATE_ROLE": self.role,
            "STAGE": self.stage,
            "DOMAIN": self.domain,
            **self.more,
        }
        return {name: value for name, value in given.items() if value}

    def start(self, *argv: str) -> "subprocess.Popen[str]":
        """Start `manage.py`."""
        return _start([sys.executable, "manage.py", *argv], self.environment)

    def manage(self, *argv: str) -> Ran:
        """Run `manage.py` to its end."""
        return finish(self.start(*argv))


def finish(process: "subprocess.Popen[str]", timeout: float = 60) -> Ran:
    """Await a process that `start` began."""
    out, err = process.communicate(timeout=timeout)
    return Ran(process.returncode, out, err)


class Worker:
    """A process of the project that runs commands as they are sent, so that hundreds of runs take seconds."""

    def __init__(self, database: Database) -> None:
        self._process = _start([sys.executable, "worker.py"], {"DATABASE_URL": database.url})

    def send(self, site: Site, argv: Sequence[str]) -> None:
        """Have a command begin."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps([site.environment, argv]) + "\n")
        self._process.stdin.flush()

    def receive(self) -> Ran:
        """Await its end."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return Ran(*json.loads(line))

    def manage(self, site: Site, *argv: str) -> Ran:
        """Run a command to its end."""
        self.send(site, argv)
        return self.receive()

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=30)


@contextmanager
def serve(site: Site) -> Iterator[int]:
    """The site behind a real HTTP server; yields its port on 127.0.0.1."""
    process = _start([sys.executable, "serve.py"], site.environment)
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield int(line)
    finally:
        process.kill()
        process.communicate()


def _start(argv: Sequence[str], environment: dict[str, str]) -> "subprocess.Popen[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.Popen(
        argv,
        cwd=PROJECT,
        env={**kept, "PYTHONPATH": str(_PACKAGE), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
