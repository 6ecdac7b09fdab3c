"""What PostgreSQL's catalog says of a schema: a fact for each object, by what stays when it is renamed."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

Fact = Mapping[str, Any]
EVENTS = "divio_trial"
"""The schema in which triggers of ours note what is done to rows; no fact tells of it."""
_FACTS, WATCH = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("facts.sql", "watch.sql"))


class Facts(dict[tuple[str, str], Fact]):
    """Facts by kind and identity (oid; for a column `oid.attnum`). Read only."""

    @cached_property
    def _grouped(self) -> dict[tuple[str, str], dict[str, Fact]]:
        found: dict[tuple[str, str], dict[str, Fact]] = {}
        for (kind, identity), fact in self.items():
            found.setdefault((kind, fact.get("relation") or ""), {})[identity] = fact
        return found

    def of(self, kind: str, relation: str = "") -> dict[str, Fact]:
        """The facts of a kind about a relation, by identity; without one, those of a kind that belongs to none."""
        return self._grouped.get((kind, relation), {})

    def columns(self, relation: str) -> dict[str, Fact]:
        """A relation's columns by name; each with its `number`."""
        found = self.of("column", relation).items()
        return {fact["name"]: {**fact, "number": int(identity.partition(".")[2])} for identity, fact in found}


def facts_of(cursor: Any) -> Facts:
    """All facts of the database of a cursor of Django's, in which `WATCH` ran."""
    cursor.execute(_FACTS)
    # Django keeps psycopg from reading jsonb, because its own JSONField does.
    return Facts({(kind, identity): json.loads(fact) for kind, identity, fact in cursor.fetchall()})
