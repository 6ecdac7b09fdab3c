"""What SQL and Python of one's own do to rows of the tables of base, noted by triggers on the changed database."""

import re
from typing import Any

from django.db.migrations import RunSQL

from divio_sites.trial.catalog import Facts
from divio_sites.trial.source import UNCLEAR, Step, is_code

_OPAQUE = re.compile(r"(?:^|;)\s*(?:DO|CALL)\b|\bDISABLE\s+TRIGGER\b", re.IGNORECASE)
_BARRED = re.compile(r"\bALTER\b[^;]*\b(?:DROP|TYPE)\b", re.IGNORECASE)
"""What PostgreSQL refuses for a column that a trigger names."""


class Watcher:
    """Watches an operation from `begin` to `end`, by a cursor in autocommit on the changed database."""

    def __init__(self, cursor: Any, base: Facts) -> None:
        self._cursor = cursor
        self._functions = [fact["name"] for fact in base.of("object") if fact["kind"] == "function"]

    def begin(self, operation: Any, *, atomic: bool) -> None:
        """Forget what was noted; of SQL of one's own watch, if possible, updates of old columns that match no row as well."""
        self._cursor.execute("SELECT divio_trial.forget()")
        sql = operation.sql if isinstance(operation, RunSQL) else ""
        parts = sql if isinstance(sql, list | tuple) else [sql]
        text = "\n;".join(str(part[0] if isinstance(part, list | tuple) else part) for part in parts)
        self._sql = re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
        self._by_column = bool(sql and atomic and not _BARRED.search(self._sql))
        if self._by_column:
            self._cursor.execute("SELECT divio_trial.watch_columns()")

    def end(self, step: Step) -> None:
        """Add what the operation did to rows, and what of that cannot be judged."""
        self._cursor.execute("SELECT what, is_old FROM divio_trial.event ORDER BY number")
        events, unknown = dict(self._cursor.fetchall()), "what it does to other rows than the sample's is not known"
        for what, is_old in events.items():
            has_columns = any(other.startswith(f"{what}.") for other in events)
            if is_old is None and (self._by_column or (has_columns and not self._sql)):
                continue
            step.seen.append(what)
            # Django's own operations fill new columns; of an old one only a changed row tells.
            if (is_old or (is_old is None and self._sql)) and not is_code(step.operation):
                step.add(UNCLEAR, f"it {what}, which old code has")
        made = re.findall(r"(?:FUNCTION|PROCEDURE)\s+(?:\w+\.)?\"?(\w+)", self._sql, re.IGNORECASE)
        names = "|".join(map(re.escape, [*self._functions, *made])) or "$^"
        called = rf"\b(?:SELECT|WITH|UPDATE|INSERT|DELETE|VALUES|MERGE)\b[^;]*\b(?:{names})\"?\s*\("
        if is_code(step.operation):
            kind = "runs Python" if hasattr(step.operation, "code") else "is a class of somebody's own"
            step.add(UNCLEAR, f"{step.name} {kind}: {unknown}")
        elif _OPAQUE.search(self._sql) or re.search(called, self._sql, re.IGNORECASE):
            step.add(UNCLEAR, f"it calls code of the database, or switches triggers off: {unknown}")
