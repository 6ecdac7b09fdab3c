"""What the tests of the package share: a PostgreSQL of our own, and migrated databases on it and on SQLite."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from tests.postgres import Postgres, postgres
from tests.processes import Database, Site

__all__ = ["new_database", "postgres"]


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Database]:
    """The databases that `new_database` copies, by the kind; made on first use."""
    return {}


@pytest.fixture(params=["postgresql", pytest.param("sqlite", marks=pytest.mark.slow)])
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _migrated: dict[str, Database]
) -> Iterator[Callable[..., Database]]:
    """Makes a database as the original's first migration leaves it (row 1 is example.com); `migrated=False`: empty."""
    kind = request.param
    cluster: Postgres | None = request.getfixturevalue("postgres") if kind == "postgresql" else None
    folder = tmp_path_factory.mktemp("databases")
    with ExitStack() as stack:

        def make(migrated: bool = True) -> Database:
            name = f"sites_{uuid4().hex[:12]}"
            source = _source() if migrated else None
            if cluster:
                return Database(
                    stack.enter_context(cluster.database(name, source.name if source else "template1")), cluster
                )
            path = folder / f"{name}.sqlite3"
            if source:
                path.write_bytes(Path(source.name).read_bytes())
            return Database(str(path))

        def _source() -> Database:
            if kind not in _migrated:
                if cluster:
                    with cluster.connect() as connection:
                        connection.execute("CREATE DATABASE migrated")
                    found = Database("migrated", cluster)
                else:
                    found = Database(str(tmp_path_factory.mktemp("migrated") / "db.sqlite3"))
                ran = Site(found).manage("migrateoriginal", "-v0")
                assert ran.code == 0, ran
                _migrated[kind] = found
            return _migrated[kind]

        yield make
