"""What SQL and Python of one's own do to rows of the tables of base, noted by triggers on the changed database."""

import re
from typing import Any

from divio_sites.trial.catalog import EVENTS, Facts
from divio_sites.trial.results import UNCLEAR, Result
from divio_sites.trial.steps import is_code, is_sql

_CALLS = re.compile(r"(?:^|;)\s*(?:DO|CALL)\b", re.IGNORECASE)


class Watcher:
    """Begins at once; each reading forgets what was noted.

    Args:
        cursor: one of Django's, in autocommit, on the changed database.
        base: the facts of before.
    """

    def __init__(self, cursor: Any, base: Facts) -> None:
        self._cursor, self._base = cursor, base
        # A partition has its parent's triggers.
        self._tables = [
            i for (kind, i), fact in base.items() if kind == "relation" and fact["kind"] in "rp" and not fact["bound"]
        ]
        self._columns = {
            identity: {name: fact["number"] for name, fact in base.columns(identity).items()}
            for identity in self._tables
        }
        for identity in self._tables:
            cursor.execute(f"SELECT {EVENTS}.watch(%s::oid::regclass, NULL)", [identity])
        self._forget()

    def begin(self, *, columns: bool, sequences: bool) -> None:
        """Watch an operation; with `columns`, those of updates that match no row as well; with `sequences`, what they count."""
        self._by_column, self._counted = columns, self._sequences() if sequences else None
        names = (
            "SELECT array_agg(attname::text) FROM pg_attribute"
            " WHERE attrelid = c.oid AND attnum = ANY(%s) AND NOT attisdropped AND attgenerated = ''"
        )
        for identity, numbers in self._columns.items() if columns else ():
            old = list(numbers.values())
            self._cursor.execute(
                f"SELECT {EVENTS}.watch(c.oid::regclass, ({names})) FROM pg_class c WHERE c.oid = %s AND ({names}) IS NOT NULL",
                [old, identity, old],
            )

    def end(self, result: Result, now: Facts) -> None:
        """Add to a result what its operation did to rows, and what of that cannot be judged."""
        self._cursor.execute(f'SELECT verb, relation, "column" FROM {EVENTS}.event ORDER BY number')
        events = list(dict.fromkeys(self._cursor.fetchall()))
        operation = result.step.operation
        for verb, relation, column in events:
            name = self._base["relation", relation]["name"]
            if verb == "insert" or (
                verb == "update"
                and column is None
                and (self._by_column or any(one[1] == relation and one[2] for one in events))
            ):
                continue  # The columns are told.
            what = {"delete": f"deletes from {name}", "truncate": f"empties {name}"}.get(
                verb, f"updates {name}{f'.{column}' if column else ''}"
            )
            result.seen.extend([what] if what not in result.seen else [])
            # Django's own operations fill new columns; of an old one only a changed row tells.
            if not is_code(operation) and (
                column in self._columns[relation] or (column is None and (verb != "update" or is_sql(operation)))
            ):
                result.add(UNCLEAR, f"it {what}, which old code has")
        self._cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = %s AND tgenabled = 'A'", [EVENTS])
        if self._cursor.fetchone()[0] < sum(("relation", identity) in now for identity in self._tables):
            result.add(UNCLEAR, "it switches triggers off, so that what it does to rows is not seen")
        if is_code(operation):
            kind = "runs Python" if hasattr(operation, "code") else "is a class of somebody's own"
            result.add(UNCLEAR, f"{result.step.name} {kind}: what it does to other rows than the sample's is not known")
        elif is_sql(operation) and self._calls(operation):
            result.add(
                UNCLEAR, "it calls code of the database: what that does to other rows than the sample's is not known"
            )
        if self._counted is not None:
            counted = self._sequences()
            for name, (last, strays) in self._counted.items():
                if name in counted and ((counted[name][0] or 0) < (last or 0) or counted[name][1] > strays):
                    result.add(
                        UNCLEAR,
                        f"it sets {name} back, or inserts keys unknown to it: old code's next INSERT may meet them",
                    )
        self._forget()

    def _sequences(self) -> dict[str, tuple[int | None, int]]:
        """What each sequence gave last, and how many keys its table has that did not come from it."""
        self._cursor.execute(
            "SELECT s.oid::regclass::text, pg_sequence_last_value(s.oid), t.oid::regclass::text, quote_ident(a.attname)"
            " FROM pg_class s JOIN pg_sequence q ON q.seqrelid = s.oid LEFT JOIN pg_depend d ON d.objid = s.oid"
            " AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0"
            " LEFT JOIN pg_class t ON t.oid = d.refobjid"
            " LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
            " WHERE s.relnamespace::regnamespace::text <> %s",
            [EVENTS],
        )
        found: dict[str, tuple[int | None, int]] = {}
        for name, last, table, column in self._cursor.fetchall():
            strays = 0
            if table:
                # Sample rows have 30000 and 30001; what a sequence gave comes after 31000.
                known = f"{column} BETWEEN 30000 AND 30001 OR {column} BETWEEN 31001 AND %s"
                self._cursor.execute(f"SELECT count(*) FROM {table} WHERE NOT ({known})", [last or 0])
                strays = self._cursor.fetchone()[0]
            found[name] = (last, strays)
        return found

    def _calls(self, operation: Any) -> bool:
        parts = operation.sql if isinstance(operation.sql, list | tuple) else [operation.sql]
        text = "\n;".join(str(part[0] if isinstance(part, list | tuple) else part) for part in parts)
        text = re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
        names = {re.escape(fact["name"]) for (kind, _), fact in self._base.items() if kind == "function"}
        names |= set(re.findall(r"(?:FUNCTION|PROCEDURE)\s+(?:\w+\.)?\"?(\w+)", text, re.IGNORECASE))
        verbs = r"\b(?:SELECT|WITH|UPDATE|INSERT|DELETE|VALUES|MERGE)\b"
        return bool(
            _CALLS.search(text)
            or (names and re.search(rf"{verbs}[^;]*\b(?:{'|'.join(sorted(names))})\"?\s*\(", text, re.IGNORECASE))
        )

    def _forget(self) -> None:
        self._cursor.execute(f"SELECT {EVENTS}.unwatch()")
        self._cursor.execute(f"TRUNCATE {EVENTS}.event")
