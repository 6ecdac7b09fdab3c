"""What PostgreSQL's catalog says of a schema: a fact for each object, by what stays when it is renamed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Fact = Mapping[str, Any]
Facts = dict[tuple[str, str], Fact]
"""By kind and identity (oid; for a column `oid.attnum`)."""

EVENTS = "divio_trial"
"""The schema in which triggers of ours note what is done to rows; no fact tells of it."""

_FACTS = Path(__file__).with_name("facts.sql").read_text(encoding="utf-8")


def facts_of(cursor: Any) -> Facts:
    """All facts of a database.

    Args:
        cursor: one of Django's, on that database.
    """
    cursor.execute(_FACTS)
    # Django keeps psycopg from reading jsonb, because its own JSONField does.
    return {(kind, identity): json.loads(fact) for kind, identity, fact in cursor.fetchall()}


def used_columns(index: Fact) -> set[int]:
    """The columns, by number, of which an index is made: its keys, and those of its expressions and its condition."""
    keys, included = index["columns"][: index["keys"]], index["columns"][index["keys"] :]
    return {
        number for number in (*keys, *(index["used"] or ())) if number > 0 and number not in set(included) - set(keys)
    }


WATCH = Path(__file__).with_name("watch.sql").read_text(encoding="utf-8")
"""Makes the schema of `EVENTS`, whose triggers note what is done to rows of a table that they are put on."""
