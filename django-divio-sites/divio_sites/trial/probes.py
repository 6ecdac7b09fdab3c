"""What old code does to its tables, as SQL with exactly the columns of the old models, and how it went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import Error, models
from django.db.migrations.state import ProjectState

from divio_sites.trial.catalog import Fact, Facts
from divio_sites.trial.values import edges, mentioned, ordinary, quoted


@dataclass(frozen=True)
class Column:
    """A column of an old model.

    Args:
        nullable: old code may write NULL.
        given: what an INSERT writes: `value`, `DEFAULT` (the database's own) or nothing (a key that the database counts).
        target: the table and column that it refers to.
    """

    name: str
    is_key: bool
    nullable: bool
    given: str
    target: tuple[str, str] | None


@dataclass(frozen=True)
class Table:
    """A table of an old model: the model's label, its name as SQL, its oid ("" where there is none) and its columns."""

    label: str
    name: str
    identity: str
    columns: Mapping[str, Column]

    @property
    def key(self) -> str:
        """The primary key's column."""
        return next((one.name for one in self.columns.values() if one.is_key), next(iter(self.columns)))


def tables_of(state: ProjectState, cursor: Any) -> dict[str, Table]:
    """The old models' tables, by name as SQL."""
    found: dict[str, Table] = {}
    quote_name = cursor.db.ops.quote_name
    for model in state.apps.get_models(include_auto_created=True, include_swapped=False):
        fields: list[Any] = [one for one in model._meta.local_concrete_fields if not getattr(one, "generated", False)]
        if model._meta.proxy or not fields:
            continue
        columns = {}
        for one in fields:
            by_database = getattr(one, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
            given = "" if isinstance(one, models.AutoField) else "DEFAULT" if by_database else "value"
            to = one.remote_field and one.target_field
            target = (quote_name(to.model._meta.db_table), to.column) if to else None
            columns[one.column] = Column(one.column, one.primary_key, one.null, given, target)
        name = quote_name(model._meta.db_table)
        cursor.execute("SELECT to_regclass(%s)::oid::text", [name])
        found.setdefault(name, Table(model._meta.label, name, cursor.fetchone()[0] or "", columns))
    return found


@dataclass(frozen=True)
class Probe:
    """One thing that old code does.

    Args:
        verb: `read`, `insert`, `insert with key`, `update`, `delete`, `insert twice`.
        column: what an update writes, or what both of two inserted rows hold; its `value` is a literal.
        alike: the columns in which the second of two inserted rows equals the first.
    """

    table: str
    verb: str
    column: str = ""
    value: str = ""
    alike: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """How a probe went: what was read afterwards, or PostgreSQL's SQLSTATE, the rule and the column it names, its sentence.

    `foreign`: what was needed on the way was refused already.
    """

    value: Any = None
    code: str = ""
    rule: str = ""
    column: str = ""
    text: str = ""
    foreign: bool = False


@dataclass
class Prober:
    """Probes on one database.

    Args:
        cursor: one of Django's, in autocommit; a probe is rolled back.
        tables: all of the old models.
        base: the facts of before: which types the old columns have, and what was unique.
        fixed: literals, by table and column, where ordinary values are refused at base.
    """

    cursor: Any
    tables: Mapping[str, Table]
    base: Facts
    fixed: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read from the facts what each table needs."""
        self.facts: dict[str, dict[str, Fact]] = {}
        self.unique: dict[str, set[str]] = {}
        for table in self.tables.values():
            self.facts[table.name] = self.base.columns(table.identity) if table.identity else {}
            called = {fact["number"]: name for name, fact in self.facts[table.name].items()}
            indexes = self.base.of("index", table.identity).values() if table.identity else ()
            used = [number for one in indexes if one["unique"] for number in one["used"] or ()]
            self.unique[table.name] = {called[number] for number in used if number in called}

    def sample(self) -> None:
        """Insert two rows into every table, as far as it takes them, for good; what may be NULL is so in the second."""
        for number in (0, 1):
            for table in self.tables.values():
                self.cursor.execute("BEGIN")
                try:
                    self._ensure(table, number, set())
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
        found = [Probe(table.name, verb) for verb in ("read", "insert", "insert with key", "delete")]
        for column in table.columns.values():
            if fact := self.facts[table.name].get(column.name):
                values = edges(fact["base"], fact["labels"] or ())
                if column.target and column.target[0] in self.tables:
                    # A key that no row of the target has: refused at base where a foreign key holds it.
                    values = [self._literal(self.tables[column.target[0]], column.target[1], 9)]
                values += ["NULL"] * column.nullable
                found += [Probe(table.name, "update", column.name, value) for value in values]
        return found

    def suggested(self, table: Table, expression: str, columns: Iterable[str]) -> list[Probe]:
        """Updates to values that a rule's expression names."""
        facts = self.facts[table.name]
        known = [(name, facts[name]["base"]) for name in columns if name in facts and name in table.columns]
        values = [(name, value) for name, kind in known for value in mentioned(expression, kind)]
        return [Probe(table.name, "update", *one) for one in values]

    def learn(self, table: Table) -> None:
        """Find values that the base takes, where its rules refuse ordinary ones."""
        rules = {fact["name"]: fact["definition"] for (kind, _), fact in self.base.items() if kind == "constraint"}
        tried: set[Probe] = set()
        for _ in range(40):
            (outcome,) = self.run([Probe(table.name, "insert with key")]).values()
            rule = "" if outcome.foreign else rules.get(outcome.rule, "")
            more = [
                one for one in self.suggested(table, rule, table.columns) if one.column in rule and one not in tried
            ]
            if not more:
                return
            tried.add(more[0])
            self.fixed[table.name, more[0].column] = more[0].value

    def run(self, probes: Iterable[Probe]) -> dict[Probe, Outcome]:
        """Try them, each by itself; what is updated or deleted is inserted before."""
        found: dict[Probe, Outcome] = {}
        together: dict[object, list[Probe]] = {}
        for probe in probes:
            together.setdefault(probe.table if probe.verb == "update" else probe, []).append(probe)
        for group in together.values():
            table, done = self.tables[group[0].table], set[tuple[str, int]]()
            self.cursor.execute("BEGIN")
            try:
                if group[0].verb != "read":
                    self._parents(table, 5, done)
                if group[0].verb in {"update", "delete"}:
                    self._insert(table, 5)
                for probe in group:
                    self.cursor.execute("SAVEPOINT probe")
                    try:
                        value = self._do(table, probe, done)
                        self.cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                        found[probe] = Outcome(value)
                    except Error as error:
                        found[probe] = _outcome(error)
                    self.cursor.execute("ROLLBACK TO SAVEPOINT probe")
            except Error as error:
                # An insert that is refused is told by its own probe.
                found |= {probe: _outcome(error, foreign=True) for probe in group if probe not in found}
            finally:
                self.cursor.execute("ROLLBACK")
        return found

    def _do(self, table: Table, probe: Probe, done: set[tuple[str, int]]) -> Any:
        where = f"{quote(table.key)} = {self._literal(table, table.key, 5)}"
        if probe.verb == "read":
            self.cursor.execute(f"SELECT {_list(table.columns)} FROM {table.name} LIMIT 1")
        elif probe.verb == "update":
            column = quote(probe.column)
            self.cursor.execute(f"UPDATE {table.name} SET {column} = {probe.value} WHERE {where} RETURNING {column}")
            return self._returned([probe.column])
        elif probe.verb == "delete":
            self.cursor.execute(f"DELETE FROM {table.name} WHERE {where}")
            return self.cursor.rowcount
        elif probe.verb == "insert twice":
            both = {probe.column: probe.value} if probe.column else {}
            self._insert(table, 5, both)
            for column in table.columns.values():
                if column.target and column.target[0] in self.tables and column.name not in probe.alike:
                    self._ensure(self.tables[column.target[0]], 6, done)
            self._insert(table, 6, {**{name: self._literal(table, name, 5) for name in probe.alike}, **both})
        else:
            return self._insert(table, 5, keyed=probe.verb == "insert with key")
        return None

    def _insert(self, table: Table, number: int, given: Mapping[str, str] | None = None, *, keyed: bool = True) -> Any:
        values = {}
        for name, column in table.columns.items():
            if given and name in given and column.given != "DEFAULT":
                values[name] = given[name]
            elif column.given or keyed:
                values[name] = "DEFAULT" if column.given == "DEFAULT" else self._literal(table, name, number)
        into = f"({_list(values)}) VALUES ({', '.join(values.values())})" if values else "DEFAULT VALUES"
        shown = [name for name, column in table.columns.items() if column.given]
        self.cursor.execute(f"INSERT INTO {table.name} {into} RETURNING {_list(shown) or '1'}")
        return self._returned(shown or [""])

    def _returned(self, names: list[str]) -> dict[str, tuple[str, Any]]:
        row = self.cursor.fetchone()
        if row is None:
            raise Error("nothing was written")
        return {name: (type(value).__name__, value) for name, value in zip(names, row, strict=True)}

    def _literal(self, table: Table, name: str, number: int) -> str:
        """What old code writes into a column of its `number`-th row."""
        column, fact = table.columns[name], self.facts[table.name].get(name)
        alone = name in self.unique[table.name]
        if column.target and column.target[0] in self.tables:
            target = self.tables[column.target[0]]
            if (target.name, column.target[1]) == (table.name, name) or (
                target is table and column.nullable and not alone
            ):
                return "NULL"
            return self._literal(target, column.target[1], number if alone or target is table else 0)
        if (table.name, name) in self.fixed:
            return self.fixed[table.name, name]
        if number == 1 and column.nullable:
            return "NULL"
        found = ordinary(fact["base"], number, fact["labels"] or ()) if fact else None
        return found or ("NULL" if column.nullable else quoted(f"v{number}"))

    def _parents(self, table: Table, number: int, done: set[tuple[str, int]]) -> None:
        done.add((table.name, number))
        for name, column in table.columns.items():
            if column.target and column.target[0] in self.tables:
                self._ensure(self.tables[column.target[0]], number if name in self.unique[table.name] else 0, done)

    def _ensure(self, table: Table, number: int, done: set[tuple[str, int]]) -> None:
        if (table.name, number) in done:
            return
        self._parents(table, number, done)
        key = self._literal(table, table.key, number)
        self.cursor.execute(f"SELECT 1 FROM {table.name} WHERE {quote(table.key)} = {key}")
        if not self.cursor.fetchone():
            self._insert(table, number)


def _outcome(error: Exception, *, foreign: bool = False) -> Outcome:
    cause = error.__cause__
    about = getattr(cause, "diag", None)
    code = getattr(about, "sqlstate", None) or getattr(cause, "pgcode", None) or "?"
    text = getattr(about, "message_primary", None) or (str(error).strip().splitlines() or [type(error).__name__])[0]
    names = (getattr(about, name, None) or "" for name in ("constraint_name", "column_name"))
    return Outcome(None, code, *names, text, foreign)


def quote(name: str) -> str:
    """An identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _list(names: Iterable[str]) -> str:
    return ", ".join(quote(name) for name in names)
