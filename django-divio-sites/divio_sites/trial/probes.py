"""What old code does to its tables, as SQL with exactly the columns of the old models, and how it went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import Error, models
from django.db.migrations.state import ProjectState

from divio_sites.trial.catalog import Fact, Facts, used_columns
from divio_sites.trial.values import edges, mentioned, ordinary, quoted


@dataclass(frozen=True)
class Column:
    """A column of an old model.

    Args:
        name: without quotes.
        nullable: old code may write NULL.
        given: what an INSERT writes: `value`, `DEFAULT` (the database's own) or nothing (a key that the database counts).
        target: the table and column that it refers to.
    """

    name: str
    field: models.Field[Any, Any]
    nullable: bool
    given: str
    target: tuple[str, str] | None


@dataclass(frozen=True)
class Table:
    """A table of an old model.

    Args:
        label: the model, such as `shop.Product`.
        name: as SQL, quoted.
        identity: its oid; "" where the database has none of that name.
    """

    label: str
    name: str
    identity: str
    columns: Mapping[str, Column]

    @property
    def key(self) -> str:
        """The primary key's column."""
        return next(
            (name for name, column in self.columns.items() if column.field.primary_key), next(iter(self.columns))
        )


def tables_of(state: ProjectState, cursor: Any, quote: Any) -> dict[str, Table]:
    """The old models' tables, by name as SQL."""
    found: dict[str, Table] = {}
    for model in state.apps.get_models(include_auto_created=True, include_swapped=False):
        about = model._meta
        if about.proxy or not about.local_concrete_fields:
            continue
        name = quote(about.db_table)
        cursor.execute("SELECT to_regclass(%s)::oid::text", [name])
        identity = cursor.fetchone()[0] or ""
        columns = {
            str(one.column): _column(one, quote)
            for one in about.local_concrete_fields
            if not getattr(one, "generated", False)
        }
        found.setdefault(name, Table(about.label, name, identity, columns))
    return found


def _column(one: Any, quote: Any) -> Column:
    by_database = getattr(one, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
    given = "" if isinstance(one, models.AutoField) else "DEFAULT" if by_database else "value"
    target = (quote(one.target_field.model._meta.db_table), one.target_field.column) if one.remote_field else None
    return Column(one.column, one, one.null, given, target)


@dataclass(frozen=True)
class Probe:
    """One thing that old code does.

    Args:
        verb: `read`, `insert`, `insert with key`, `update`, `delete`, `insert twice`.
        column: what an update writes.
        value: the literal that it writes.
        alike: the columns in which the second of two inserted rows equals the first.
    """

    table: str
    verb: str
    column: str = ""
    value: str = ""
    alike: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """How a probe went.

    Args:
        value: what was read afterwards.
        code: PostgreSQL's SQLSTATE of what refused it; "" if nothing did.
        rule: the constraint or index that refused it.
        column: the column that it names.
        text: PostgreSQL's sentence.
        foreign: it was refused by another table, on the way.
    """

    value: Any = None
    code: str = ""
    rule: str = ""
    column: str = ""
    text: str = ""
    foreign: bool = False


@dataclass(frozen=True)
class Place:
    """Where a table of base is now, so that one loss does not hide the next; what is lost by that, the catalog tells.

    Args:
        name: as SQL.
        columns: what its old columns are called; those that are gone are missing.
        filled: literals for new columns that no INSERT may leave out.
    """

    name: str
    columns: Mapping[str, str]
    filled: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Prober:
    """Probes on one database.

    Args:
        cursor: one of Django's, in autocommit; a probe is rolled back.
        tables: all of the old models.
        base: the facts of before: which types the old columns have, and what was unique.
        fixed: literals, by table and column, where ordinary values are refused at base.
        places: where tables are now, by name as SQL; for one that is not there, as at base.
    """

    cursor: Any
    tables: Mapping[str, Table]
    base: Facts
    fixed: dict[tuple[str, str], str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read from the facts what each table needs."""
        self.facts: dict[str, dict[str, Fact]] = {}
        self.unique: dict[str, list[frozenset[str]]] = {table.name: [] for table in self.tables.values()}
        for table in self.tables.values():
            self.facts[table.name] = self.base.columns(table.identity) if table.identity else {}
            called = {fact["number"]: name for name, fact in self.facts[table.name].items()}
            for index in self.base.of("index", table.identity).values() if table.identity else ():
                if index["unique"]:
                    self.unique[table.name].append(frozenset(called.get(number, "") for number in used_columns(index)))

    def sample(self) -> None:
        """Insert two rows into every table, as far as it takes them, for good; what may be NULL is so in the second."""
        for number in (0, 1):
            for table in self.tables.values():
                self.cursor.execute("BEGIN")
                done: set[tuple[str, int]] = set()
                try:
                    self._ensure(table, number, done)
                    self.cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    self.cursor.execute("COMMIT")
                except Error:
                    self.cursor.execute("ROLLBACK")
        # Beyond the rows above, so that a sequence that is set back shows; a small one has no more.
        self.cursor.execute(
            "SELECT setval(quote_ident(schemaname) || '.' || quote_ident(sequencename), 31000) FROM pg_sequences"
            " WHERE max_value > 31000 AND min_value <= 31000 AND COALESCE(last_value, 0) < 31000 AND increment_by > 0"
        )

    def usual(self, table: Table) -> list[Probe]:
        """All that old code is expected to do to a table."""
        name = table.name
        found = [Probe(name, "read"), Probe(name, "insert"), Probe(name, "insert with key"), Probe(name, "delete")]
        for column in table.columns.values():
            if fact := self.facts[name].get(column.name):
                values = edges(fact["base"], fact["labels"] or ())
                if column.target and column.target[0] in self.tables:
                    # A key that no row of the target has: refused at base where a foreign key holds it.
                    values = [self.literal(self.tables[column.target[0]], column.target[1], 9)]
                values += ["NULL"] * column.nullable
                found += [Probe(name, "update", column.name, value) for value in values]
        return found

    def rule_probes(self, table: Table, expression: str, columns: Iterable[str]) -> list[Probe]:
        """Updates to values that a rule's expression names."""
        found = []
        for name in columns:
            if (fact := self.facts[table.name].get(name)) and name in table.columns:
                values = mentioned(expression, fact["base"])
                found += [Probe(table.name, "update", name, value) for value in values]
        return found

    def run(self, probes: Iterable[Probe]) -> dict[Probe, Outcome]:
        """Try them, each by itself."""
        found: dict[Probe, Outcome] = {}
        rest: dict[str, list[Probe]] = {}
        for probe in probes:
            rest.setdefault(probe.table, []).append(probe)
        for name, asked in rest.items():
            updates = [probe for probe in asked if probe.verb == "update"]
            for probe in asked:
                if probe.verb != "update":
                    found |= self._together(self.tables[name], [probe])
            if updates:
                found |= self._together(self.tables[name], updates)
        return found

    def _together(self, table: Table, probes: list[Probe]) -> dict[Probe, Outcome]:
        self.cursor.execute("BEGIN")
        found: dict[Probe, Outcome] = {}
        try:
            done: set[tuple[str, int]] = set()
            if probes[0].verb != "read":
                self._parents(table, 5, done)
            if probes[0].verb in {"update", "delete"}:
                try:
                    self._insert(table, 5, keyed=True)
                except Error as error:
                    # That is told by the insert itself.
                    return dict.fromkeys(probes, _outcome(error, foreign=True))
            for probe in probes:
                if probe.verb == "update" and probe.column not in self._place(table).columns:
                    found[probe] = Outcome(code="gone", foreign=True)
                    continue
                self.cursor.execute("SAVEPOINT probe")
                try:
                    value = self._do(table, probe, done)
                    self.cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    found[probe] = Outcome(value)
                except Error as error:
                    found[probe] = _outcome(error)
                self.cursor.execute("ROLLBACK TO SAVEPOINT probe")
        except Error as error:
            found = {probe: found.get(probe) or _outcome(error, foreign=True) for probe in probes}
        finally:
            self.cursor.execute("ROLLBACK")
        return found

    def _place(self, table: Table) -> Place:
        return self.places.get(table.name) or Place(table.name, {name: name for name in table.columns})

    def _do(self, table: Table, probe: Probe, done: set[tuple[str, int]]) -> Any:
        place = self._place(table)
        key = quote(place.columns.get(table.key, table.key))
        where = f"{key} = {self.literal(table, table.key, 5)}"
        if probe.verb == "read":
            self.cursor.execute(f"SELECT {_list(place.columns.values())} FROM {place.name} LIMIT 1")
        elif probe.verb == "update":
            here = quote(place.columns[probe.column])
            self.cursor.execute(f"UPDATE {place.name} SET {here} = {probe.value} WHERE {where} RETURNING {here}")
            return self._one(probe.column)
        elif probe.verb == "delete":
            self.cursor.execute(f"DELETE FROM {place.name} WHERE {where}")
            return self.cursor.rowcount
        elif probe.verb == "insert twice":
            met = {probe.column: probe.value} if probe.column else {}
            self._insert(table, 5, keyed=True, given=met)
            for column in table.columns.values():
                if column.target and column.target[0] in self.tables and column.name not in probe.alike:
                    self._ensure(self.tables[column.target[0]], 6, done)
            self._insert(table, 6, keyed=True, given=met, alike=probe.alike, before=5)
        elif probe.verb.startswith("insert"):
            return self._insert(table, 5, keyed=probe.verb == "insert with key")
        return None

    def _one(self, *names: str) -> Any:
        row = self.cursor.fetchone()
        if row is None:
            raise _NoRowError
        return {name: (type(value).__name__, value) for name, value in zip(names, row, strict=True)}

    def _insert(
        self,
        table: Table,
        number: int,
        *,
        keyed: bool,
        given: Mapping[str, str] | None = None,
        alike: frozenset[str] = frozenset(),
        before: int = 0,
    ) -> Any:
        place = self._place(table)
        values = dict(place.filled)
        for name, here in place.columns.items():
            if given and name in given:
                values[here] = given[name]
            elif table.columns[name].given == "DEFAULT":
                values[here] = "DEFAULT"
            elif table.columns[name].given or keyed:
                values[here] = self.literal(table, name, before if name in alike else number)
        into = f"({_list(values)}) VALUES ({', '.join(values.values())})" if values else "DEFAULT VALUES"
        shown = {name: here for name, here in place.columns.items() if table.columns[name].given}
        self.cursor.execute(f"INSERT INTO {place.name} {into} RETURNING {_list(shown.values()) or '1'}")
        return self._one(*(shown or [""]))

    def literal(self, table: Table, name: str, number: int) -> str:
        """What old code writes into a column of its `number`-th row."""
        column = table.columns[name]
        if column.target and column.target[0] in self.tables:
            target = self.tables[column.target[0]]
            alone = any(name in columns for columns in self.unique[table.name])
            if target is not table or alone:
                return (
                    self.literal(target, column.target[1], number if alone else 0)
                    if (target.name, column.target[1]) != (table.name, name)
                    else "NULL"
                )
            return "NULL" if column.nullable else self.literal(target, column.target[1], number)
        if fixed := self.fixed.get((table.name, name)):
            return fixed
        fact = self.facts[table.name].get(name)
        if number == 1 and column.nullable:
            return "NULL"
        found = ordinary(fact["base"], number, fact["labels"] or ()) if fact else None
        return found or ("NULL" if column.nullable else quoted(f"v{number}"))

    def _parents(self, table: Table, number: int, done: set[tuple[str, int]]) -> None:
        done.add((table.name, number))
        for name, column in table.columns.items():
            if column.target and column.target[0] in self.tables:
                alone = any(name in columns for columns in self.unique[table.name])
                self._ensure(self.tables[column.target[0]], number if alone else 0, done)

    def _ensure(self, table: Table, number: int, done: set[tuple[str, int]]) -> None:
        if (table.name, number) in done:
            return
        self._parents(table, number, done)
        key = self.literal(table, table.key, number)
        place = self._place(table)
        self.cursor.execute(
            f"SELECT 1 FROM {place.name} WHERE {quote(place.columns.get(table.key, table.key))} = {key}"
        )
        if not self.cursor.fetchone():
            self._insert(table, number, keyed=True)

    def learn(self, table: Table) -> bool:
        """Find values that the base takes, where its rules refuse ordinary ones; whether a row can be inserted."""
        probe = Probe(table.name, "insert with key")
        tried: set[tuple[str, str]] = set()
        for _ in range(40):
            outcome = self.run([probe])[probe]
            if not outcome.code:
                return True
            rule = next(
                (
                    fact
                    for (kind, _), fact in self.base.items()
                    if kind == "constraint" and fact["name"] == outcome.rule
                ),
                None,
            )
            if outcome.foreign or rule is None:
                return False
            choices = [
                (name, value)
                for one in self.rule_probes(table, rule["definition"], table.columns)
                for name, value in [(one.column, one.value)]
            ]
            named = [one for one in choices if one[0] in rule["definition"] and one not in tried]
            if not named:
                return False
            tried.add(named[0])
            self.fixed[table.name, named[0][0]] = named[0][1]
        return False


class _NoRowError(Error):
    pass


def _outcome(error: Exception, *, foreign: bool = False) -> Outcome:
    if isinstance(error, _NoRowError):
        return Outcome(code="none", text="nothing was written")
    cause = error.__cause__
    about = getattr(cause, "diag", None)
    code = getattr(about, "sqlstate", None) or getattr(cause, "pgcode", None) or "?"
    text = getattr(about, "message_primary", None) or (str(error).strip().splitlines() or [type(error).__name__])[0]
    return Outcome(
        None,
        code,
        getattr(about, "constraint_name", None) or "",
        getattr(about, "column_name", None) or "",
        text,
        foreign,
    )


def quote(name: str) -> str:
    """An identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _list(names: Iterable[str]) -> str:
    return ", ".join(quote(name) for name in names)
