"""What old code does to its tables, as SQL with exactly the columns of the old models, and how it went."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db import Error, models
from django.db.migrations.state import ProjectState

from divio_sites.trial.catalog import Fact, Facts

_NULL = "NULL"


class Column(NamedTuple):
    """A column of an old model."""

    nullable: bool
    given: str | None  # what an INSERT writes: "value", "DEFAULT", "" (a key that the database counts); None: never
    parent: tuple[str, str]  # the table and column that it refers to, or ("", "")
    unique: bool  # whether a unique index of base has it, alone or with others
    example: Fact  # values, as values.sql makes them; {} where base has no such column


class Table(NamedTuple):
    """A table of an old model."""

    label: str  # the model's
    name: str  # as SQL
    identity: str  # its oid, or ""
    key: str  # the primary key's column
    columns: dict[str, Column]


class Probe(NamedTuple):
    """One thing that old code does."""

    table: str
    verb: str  # read, insert, insert with key, insert twice, update, delete
    column: str = ""  # what an update writes, or what both of two inserted rows hold,
    value: str = ""  # this, as a literal
    alike: frozenset[str] = frozenset()  # the columns in which the second of two inserted rows equals the first


class Outcome(NamedTuple):
    """How a probe went: what was written, or PostgreSQL's SQLSTATE, the rule and column it names, and its sentence."""

    value: Any = None
    code: str = ""
    rule: str = ""
    column: str = ""
    text: str = ""
    foreign: bool = False  # whether something that was needed on the way was refused already


class OldCode:
    """The tables of the old models, with sample rows on the base; what their code does, tried on any database."""

    def __init__(self, state: ProjectState, cursor: Any) -> None:
        self._cursor, self.base, self.tables = cursor, Facts(cursor), dict[str, Table]()
        self._there: set[tuple[str, int]] = set()  # rows by table and number that a probe has inserted
        self._fixed: dict[tuple[str, str], str] = {}  # values where the base's rules refuse ordinary ones
        metas: list[Any] = [model._meta for model in state.apps.get_models(include_auto_created=True)]
        for meta, fields in ((one, one.local_concrete_fields) for one in metas):
            name = quote(meta.db_table)
            if not meta.proxy and fields and name not in self.tables:
                cursor.execute("SELECT to_regclass(%s)::oid::text", [name])
                identity = cursor.fetchone()[0] or ""
                columns = {one.column: self._column(one, identity) for one in fields}
                self.tables[name] = Table(meta.label, name, identity, meta.pk.column or min(columns), columns)
        for table in self.tables.values():
            self._learn(table)
        # Two sample rows in every table, as far as it takes them; what may be NULL is so in the second.
        for number, table in ((number, table) for number in (0, 1) for table in self.tables.values()):
            self._there = set()
            cursor.execute("BEGIN")
            try:
                self._ensure(table, number)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("COMMIT")
            except Error:
                cursor.execute("ROLLBACK")

    def _column(self, field: Any, identity: str) -> Column:
        by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
        given = "" if isinstance(field, models.AutoField) else "DEFAULT" if by_database else "value"
        to = field.remote_field and field.target_field
        parent = (quote(to.model._meta.db_table), to.column) if to else ("", "")
        indexes = [one["used"] for one in self.base.of("index", identity) if one["unique"] or one["excludes"]]
        unique = any(field.column in used for used in indexes)
        example = self.base.columns(identity).get(field.column, {}).get("example", {})
        return Column(field.null, None if getattr(field, "generated", False) else given, parent, unique, example)

    def _learn(self, table: Table) -> None:
        rules = {fact["name"]: fact["definition"] for (kind, _), fact in self.base.items() if kind == "constraint"}
        tried: set[Probe] = set()
        for _ in range(40):
            (outcome,) = self.run([Probe(table.name, "insert with key")], self._cursor).values()
            rule = "" if outcome.foreign else rules.get(outcome.rule, "")
            others = (one for one in self.suggested(table, rule, table.columns) if one.column in rule)
            probe = next((one for one in others if one not in tried), None)
            if not probe:
                return
            tried.add(probe)
            self._fixed[table.name, probe.column] = probe.value

    def usual(self, table: Table) -> Iterator[Probe]:
        """All that old code is expected to do to a table."""
        yield from (Probe(table.name, verb) for verb in ("read", "insert", "insert with key", "delete"))
        for name, column in ((name, column) for name, column in table.columns.items() if column.example):
            values = [literal(value, column) for value in column.example["edges"] or ()]
            if parent := self.tables.get(column.parent[0]):
                # A key that no row of the target has: refused at base where a foreign key holds it.
                values = [self._value(parent, column.parent[1], 9)]
            values += [_NULL] if column.nullable else []
            yield from (Probe(table.name, "update", name, value) for value in values)

    def suggested(self, table: Table, expression: str, columns: Iterable[str]) -> Iterator[Probe]:
        """Updates to values that a rule's expression names, and their neighbours: what it refuses is often near."""
        numbers = dict.fromkeys(map(int, re.findall(r"(?<![\w.'])-?\d{1,9}(?![\w.])", expression)))
        words = [word.replace("''", "'") for word in dict.fromkeys(re.findall(r"'((?:[^']|'')*)'", expression))]
        near = {"N": [str(number + more) for number in numbers for more in (-1, 0, 1)]}
        near["S"] = [word + more for word in words for more in ("", "x")]
        for name in (name for name in columns if name in table.columns):
            column = table.columns[name]
            values = near.get(column.example.get("category", ""), ())
            yield from (Probe(table.name, "update", name, literal(value, column)) for value in values)

    def run(self, probes: Iterable[Probe], cursor: Any) -> dict[Probe, Outcome]:
        """Try them, each by itself and rolled back; what is updated or deleted is inserted before."""
        self._cursor, found = cursor, dict[Probe, Outcome]()
        for probe in probes:
            table, foreign = self.tables[probe.table], True
            self._there = set()
            cursor.execute("BEGIN")
            try:
                if probe.verb != "read":
                    self._insert_parents(table, 5)
                if probe.verb in {"update", "delete"}:
                    self._insert(table, 5)
                foreign = False
                self._do(table, probe)
                rows = cursor.fetchall() if cursor.description else [[cursor.rowcount]]
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                found[probe] = Outcome([(type(one), one) for row in rows for one in row])
            except Error as error:
                about: Any = error.__cause__
                rule, column, text = about.diag.constraint_name, about.diag.column_name, about.diag.message_primary
                code = about.diag.sqlstate or "?"
                found[probe] = Outcome(None, code, rule or "", column or "", text or str(error), foreign)
            finally:
                cursor.execute("ROLLBACK")
        return found

    def _do(self, table: Table, probe: Probe) -> None:
        where, column = f"{quote(table.key)} = {self._value(table, table.key, 5)}", quote(probe.column)
        sql = {
            "read": f"SELECT {listed(table.columns)} FROM {table.name} LIMIT 0",
            "update": f"UPDATE {table.name} SET {column} = {probe.value} WHERE {where} RETURNING {column}",
            "delete": f"DELETE FROM {table.name} WHERE {where}",
        }
        if probe.verb in sql:
            self._cursor.execute(sql[probe.verb])
        elif probe.verb == "insert twice":
            given = {probe.column: probe.value}
            self._insert(table, 5, given)
            self._insert_parents(table, 6, without=probe.alike)
            self._insert(table, 6, {one: self._value(table, one, 5) for one in probe.alike} | given)
        else:
            self._insert(table, 5, keyed=probe.verb == "insert with key")

    def _insert(self, table: Table, number: int, given: Mapping[str, str] = {}, *, keyed: bool = True) -> None:
        values = {}
        for name, column in table.columns.items():
            if column.given == "DEFAULT":
                values[name] = "DEFAULT"
            elif column.given or (keyed and column.given is not None):
                values[name] = given.get(name) or self._value(table, name, number)
        into = f"({listed(values)}) VALUES ({', '.join(values.values())})" if values else "DEFAULT VALUES"
        # Of what the database gives, such as the time, only that it does is compared.
        shown = {"value": "{}", "DEFAULT": "{} IS NULL"}
        asked = [shown[one.given].format(quote(name)) for name, one in table.columns.items() if one.given]
        self._cursor.execute(f"INSERT INTO {table.name} {into} RETURNING {', '.join(asked) or '1'}")

    def _value(self, table: Table, name: str, number: int) -> str:
        """What old code writes into a column of its `number`-th row, as a literal."""
        column = table.columns[name]
        if parent := self.tables.get(column.parent[0]):
            if parent is table and column.nullable and not column.unique:
                return _NULL
            return self._value(parent, column.parent[1], number if column.unique or parent is table else 0)
        if fixed := self._fixed.get((table.name, name)):
            return fixed
        ordinary, few = (column.example.get(key) for key in ("ordinary", "edges"))
        if column.nullable and (number == 1 or not (ordinary or few)):
            return _NULL
        text = few[number % len(few)] if few and not ordinary else ordinary or "v#"
        return literal(text.replace("#", str(number)), column)

    def _insert_parents(self, table: Table, number: int, without: Iterable[str] = ()) -> None:
        """Insert the rows to which a row refers, as far as they are not there."""
        self._there.add((table.name, number))
        for column in (column for name, column in table.columns.items() if name not in without):
            if parent := self.tables.get(column.parent[0]):
                self._ensure(parent, number if column.unique else 0)

    def _ensure(self, table: Table, number: int) -> None:
        if (table.name, number) not in self._there:
            self._insert_parents(table, number)
            where = f"{quote(table.key)} = {self._value(table, table.key, number)}"
            self._cursor.execute(f"SELECT 1 FROM {table.name} WHERE {where}")
            if not self._cursor.fetchone():
                self._insert(table, number)


def literal(text: str, column: Column) -> str:
    """A literal of SQL, of a column's type."""
    return "'" + text.replace("'", "''") + f"'{column.example.get('cast', '')}"


def quote(name: str) -> str:
    """An identifier of SQL; one that is quoted already stays, as Django has it."""
    if name.startswith('"') and name.endswith('"'):
        return name
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str]) -> str:
    """Identifiers, apart by commas."""
    return ", ".join(map(quote, names))
