"""The whole world at once: a copy, and its replacement; and a change of any row in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from divio_provider.emulator.world.database import Database, Row


class NoWorld(ValueError):
    """Data that cannot replace the world: the table that is wrong, None when no single one is, and a sentence."""

    def __init__(self, table: str | None, sentence: str) -> None:
        super().__init__(sentence)
        self.table = table


def export(db: Database) -> dict[str, list[Row]]:
    """Every table with every row, in order of creation. Imported again, it is the same world."""
    return {table: db.rows(f"SELECT * FROM {table} ORDER BY rowid") for table in db.tables}


def replace(db: Database, data: Mapping[str, Any]) -> None:
    """Puts another world in place of this one; a table that is left out is empty.

    Raises:
        NoWorld: the data is no world; the present one is untouched.
    """
    _no_others(None, "A world has", data, db.tables)
    table: str | None = None
    try:
        with db.transaction():
            db.execute("PRAGMA defer_foreign_keys = ON")
            for table in reversed(db.tables):
                db.execute(f"DELETE FROM {table}")
            for table, columns in db.tables.items():
                rows = data.get(table, [])
                if not isinstance(rows, list):
                    raise NoWorld(table, f"Expected a list of rows, but got {type(rows).__name__}.")
                for row in rows:
                    if not isinstance(row, dict):
                        raise NoWorld(table, f"Expected an object for every row, but got {type(row).__name__}.")
                    _no_others(table, "A row has", row, columns)
                    db.insert(table, row)
            table = None
    except sqlite3.Error as error:
        raise NoWorld(table, f"These rows do not make a world: {error}.") from error


def change(db: Database, table: str, key: str, values: Mapping[str, Any]) -> None:
    """Changes columns of one row, also those that no call of Divio's changes.

    Args:
        db: the world.
        table: the row's.
        key: the row's id, or its slug, or in a table without slugs its name.
        values: what the columns become.

    Raises:
        NoWorld: no such column, not exactly one such row, or a value that cannot be; nothing was changed.
    """
    _no_others(None, "A world has", {table: values}, db.tables)
    columns = [column for column in db.tables[table] if column != "uuid"]
    _no_others(table, "Besides its id a row has", values, columns)
    readable = [column for column in ("slug", "name") if column in columns][:1]
    found = db.rows(f"SELECT uuid FROM {table} WHERE ? IN ({', '.join(['uuid', *readable])})", key)
    if len(found) != 1:
        raise NoWorld(table, f"Of these rows {len(found)} are called {key}.")
    try:
        with db.transaction():
            db.update(table, found[0]["uuid"], **values)
    except sqlite3.Error as error:
        raise NoWorld(table, f"A row cannot have these values: {error}.") from error


def _no_others(table: str | None, whose: str, names: Mapping[str, Any], known: Mapping[str, Any] | list[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise NoWorld(table, f"{whose} no {unknown[0]}; it has {', '.join(known)}.")
