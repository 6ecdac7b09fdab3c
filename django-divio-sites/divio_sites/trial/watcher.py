"""What SQL and Python of one's own do to rows of the tables of base, noted by triggers on the changed database."""

import re
from typing import Any

from django.db.migrations import RunSQL

from divio_sites.trial.catalog import EVENTS, Facts
from divio_sites.trial.source import UNCLEAR, Step, is_code

_BLOCKS = re.compile(r"(?:^|;)\s*(?:DO|CALL)\b", re.IGNORECASE)
_BARRED = re.compile(r"\bALTER\b[^;]*\b(?:DROP|TYPE)\b", re.IGNORECASE)
"""What PostgreSQL refuses for a column that a trigger names."""


class Watcher:
    """Begins at once; each reading forgets what was noted.

    Args:
        cursor: one of Django's, in autocommit, on the changed database.
        base: the facts of before.
    """

    def __init__(self, cursor: Any, base: Facts) -> None:
        self._cursor, self._base = cursor, base
        # A partition has its parent's triggers.
        relations = [(identity, fact) for (kind, identity), fact in base.items() if kind == "relation"]
        tables = [identity for identity, fact in relations if fact["kind"] in "rp" and not fact["bound"]]
        self._columns = {identity: base.columns(identity) for identity in tables}
        for identity in tables:
            cursor.execute(f"SELECT {EVENTS}.watch(%s::oid::regclass, NULL)", [identity])
        self._forget()

    def begin(self, step: Step, *, atomic: bool) -> None:
        """Watch an operation; of SQL of one's own, if possible, the columns of updates that match no row as well."""
        self._sql = _text(step.operation)
        self._by_column = bool(self._sql and atomic and not _BARRED.search(self._sql))
        names = (
            "SELECT array_agg(attname::text) FROM pg_attribute"
            " WHERE attrelid = c.oid AND attnum = ANY(%s) AND NOT attisdropped AND attgenerated = ''"
        )
        watch = f"SELECT {EVENTS}.watch(c.oid::regclass, ({names})) FROM pg_class c WHERE c.oid = %s AND ({names}) IS NOT NULL"
        for identity, columns in self._columns.items() if self._by_column else ():
            old = [fact["number"] for fact in columns.values()]
            self._cursor.execute(watch, [old, identity, old])

    def end(self, step: Step, now: Facts) -> None:
        """Add what the operation did to rows, and what of that cannot be judged."""
        self._cursor.execute(f'SELECT verb, relation, "column" FROM {EVENTS}.event ORDER BY number')
        events = list(dict.fromkeys(self._cursor.fetchall()))
        changed = {relation for _, relation, column in events if column}
        for verb, relation, column in events:
            update = verb == "update" and column is None
            if verb == "insert" or (update and (self._by_column or (not self._sql and relation in changed))):
                continue  # The columns are told.
            name = self._base["relation", relation]["name"]
            others = {"delete": f"deletes from {name}", "truncate": f"empties {name}"}
            what = others.get(verb, f"updates {name}{f'.{column}' if column else ''}")
            step.seen += [what] if what not in step.seen else []
            # Django's own operations fill new columns; of an old one only a changed row tells.
            old = column in self._columns[relation] if column else not update or self._sql
            if old and not is_code(step.operation):
                step.add(UNCLEAR, f"it {what}, which old code has")
        self._cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = %s AND tgenabled = 'A'", [EVENTS])
        if self._cursor.fetchone()[0] < sum(("relation", identity) in now for identity in self._columns):
            step.add(UNCLEAR, "it switches triggers off, so that what it does to rows is not seen")
        unknown = "what it does to other rows than the sample's is not known"
        if is_code(step.operation):
            kind = "runs Python" if hasattr(step.operation, "code") else "is a class of somebody's own"
            step.add(UNCLEAR, f"{step.name} {kind}: {unknown}")
        elif self._sql and self._calls():
            step.add(UNCLEAR, f"it calls code of the database: {unknown}")
        self._forget()

    def _calls(self) -> bool:
        functions = [fact["name"] for fact in self._base.of("object").values() if fact["kind"] == "function"]
        made = re.findall(r"(?:FUNCTION|PROCEDURE)\s+(?:\w+\.)?\"?(\w+)", self._sql, re.IGNORECASE)
        names = "|".join(map(re.escape, sorted({*functions, *made})))
        called = rf"\b(?:SELECT|WITH|UPDATE|INSERT|DELETE|VALUES|MERGE)\b[^;]*\b(?:{names})\"?\s*\("
        return bool(_BLOCKS.search(self._sql) or (names and re.search(called, self._sql, re.IGNORECASE)))

    def _forget(self) -> None:
        self._cursor.execute(f"SELECT {EVENTS}.unwatch()")
        self._cursor.execute(f"TRUNCATE {EVENTS}.event")


def _text(operation: Any) -> str:
    """What SQL a RunSQL runs, without comments; "" of other operations."""
    if not isinstance(operation, RunSQL):
        return ""
    parts = operation.sql if isinstance(operation.sql, list | tuple) else [operation.sql]
    text = "\n;".join(str(part[0] if isinstance(part, list | tuple) else part) for part in parts)
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL) or " "
