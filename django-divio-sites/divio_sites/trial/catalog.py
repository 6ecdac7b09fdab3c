"""What PostgreSQL's catalog says of a schema: a fact for each object, by what stays when it is renamed."""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Fact = Mapping[str, Any]
_FACTS, _PREPARED = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("facts.sql", "prepare.sql")
)
PREPARE = "CREATE SCHEMA divio_trial;" + _PREPARED
"""Makes what facts need, and watches the tables that are there."""


class Facts(dict[tuple[str, str], Fact]):
    """All facts of a database in which `PREPARE` ran, by kind and identity (oid; for a column `oid.attnum`). Read only."""

    def __init__(self, cursor: Any) -> None:
        cursor.execute(_FACTS)
        self._of: dict[tuple[str, str | None], list[Fact]] = defaultdict(list)
        for kind, identity, text in cursor.fetchall():
            # Django keeps psycopg from reading jsonb, because its own JSONField does.
            self[kind, identity] = fact = {"id": identity, **json.loads(text)}
            self._of[kind, fact.get("relation")].append(fact)

    def of(self, kind: str, relation: str | None = None) -> list[Fact]:
        """The facts of a kind about a relation; without one, those that belong to none."""
        return self._of.get((kind, relation), [])

    def columns(self, relation: str) -> dict[str, Fact]:
        """A relation's columns by name."""
        return {fact["name"]: fact for fact in self.of("column", relation)}
