"""The world's place: SQLite, in memory or in a file.

All requests are handled on one thread, each without a pause between its first read and its last write, so a request never
sees another's half-done work. A write is one transaction all the same: an error halfway leaves nothing behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from divio_provider.emulator.world import clock
from divio_provider.emulator.world.schema import FORMAT, SCHEMA

Row = dict[str, Any]

sqlite3.register_converter("JSON", json.loads)
sqlite3.register_converter("BOOLEAN", lambda raw: raw != b"0")
sqlite3.register_adapter(dict, json.dumps)
sqlite3.register_adapter(list, json.dumps)


class UnusableFile(ValueError):
    """The file is no world of ours, cannot be opened, or another local Divio has it; the text says which."""


class Database:
    """The tables, and the few ways to reach them. Ids are primary keys; lists come in order of creation unless sorted."""

    def __init__(self, file: Path | None = None) -> None:
        """Opens the file, making it where it is missing.

        Raises:
            UnusableFile: one clear sentence.
        """
        try:
            self._db = sqlite3.connect(
                file or ":memory:", isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES, timeout=0.2
            )
            self._db.row_factory = _as_dict
            # One process owns the file: whoever comes second is told so instead of mixing two worlds.
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self.is_new = self._prepare()
        except sqlite3.OperationalError as error:
            raise UnusableFile("another local Divio is using it" if "locked" in str(error) else str(error)) from error
        except sqlite3.DatabaseError as error:
            raise UnusableFile(f"this is not a local Divio's file ({error}); name another one") from error
        self.tables: dict[str, list[str]] = {
            row["name"]: [column["name"] for column in self.rows("SELECT name FROM pragma_table_info(?)", row["name"])]
            for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
        }
        """Every table of the world with its columns, in the order of schema.py."""

    def _prepare(self) -> bool:
        version = self.value("PRAGMA user_version")
        if version not in (0, FORMAT):
            raise UnusableFile("written by another version of the local Divio; name a new file")
        with self.transaction():  # takes the exclusive lock at once, not at the first write
            if version == FORMAT:
                return False
            if self.value("SELECT count(*) FROM sqlite_master"):
                raise UnusableFile("this is not a local Divio's file; name another one")
            for statement in SCHEMA.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {FORMAT}")
        return True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block's changes or, when it raises, none of them."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """All rows of a SELECT."""
        return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        """The first row of a SELECT, or None."""
        found: Row | None = self._db.execute(sql, values).fetchone()
        return found

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row of a SELECT, or None."""
        return next(iter((self.row(sql, *values) or {}).values()), None)

    def get(self, table: str, uuid: object) -> Row | None:
        """The row with this id, or None, also for anything that is no text."""
        return self.row(f"SELECT * FROM {table} WHERE uuid = ?", uuid) if isinstance(uuid, str) else None

    def insert(self, table: str, row: Mapping[str, Any]) -> Row:
        """Adds a row, with a new id unless it has one; inside `transaction()`."""
        row = {"uuid": clock.new_id(), **row}
        columns = ", ".join(f'"{name}"' for name in row)
        self._db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks(row)})", tuple(row.values()))
        return row

    def update(self, table: str, uuid: str, **values: Any) -> None:
        """Changes columns of one row; inside `transaction()`."""
        columns = ", ".join(f'"{name}" = ?' for name in values)
        self._db.execute(f"UPDATE {table} SET {columns} WHERE uuid = ?", (*values.values(), uuid))

    def delete(self, table: str, uuid: str) -> None:
        """Removes a row and all that belongs to it; inside `transaction()`."""
        self._db.execute(f"DELETE FROM {table} WHERE uuid = ?", (uuid,))

    def execute(self, sql: str, *values: Any) -> None:
        """Any other statement; inside `transaction()`."""
        self._db.execute(sql, values)

    def close(self) -> None:
        """Leaves a file that the next run can open."""
        self._db.close()


def marks(values: Any) -> str:
    """As many placeholders as there are values: `?, ?, ?`."""
    return ", ".join("?" * len(values))


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
