"""What a changed schema means for old code: what it surely loses, what is proved harmless, and what is left to a person."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import shorten
from typing import Any

from django.db import Error, models
from django.db.migrations.state import ProjectState

from divio_sites.trial.source import CONTRACT, UNCLEAR

_FACTS = Path(__file__).with_name("facts.sql").read_text(encoding="utf-8")
PREPARE = Path(__file__).with_name("prepare.sql").read_text(encoding="utf-8")
"""Makes what facts need, and watches the tables that are there."""
_TOTAL = set(
    "and any array btrim case character char_length coalesce distinct else end false from is length lower md5 not null or"  # noqa: SIM905
    " regconfig text then true upper varying when".split()
)
"""What an expression may call so that it has a value for every row."""
_ROOM = 600
"""Letters for which an index has room in any encoding (PostgreSQL refuses more than 2,704 bytes)."""
_Found = Iterator[tuple[str, str]]
Findings = dict[tuple[object, ...], tuple[str, str]]
"""What old code meets on the new schema: `contract` or `cannot judge`, and a sentence; by what it is about."""
Fact = Mapping[str, Any]
Facts = Mapping[tuple[str, str], Fact]


def read_facts(cursor: Any) -> Facts:
    """What the catalog says of a schema in which `PREPARE` ran: by kind, and what stays when an object is renamed (its oid)."""
    cursor.execute(_FACTS)
    # Django keeps psycopg from reading jsonb, because its own JSONField does.
    return {(kind, identity): {"id": identity, **json.loads(text)} for kind, identity, text in cursor.fetchall()}


def _of(facts: Facts, kind: str, relation: str) -> list[Fact]:
    return [fact for (one, _), fact in facts.items() if one == kind and fact["relation"] == relation]


class Judge:
    """Compares the catalogs of base and of the changed database. `cursor` is one on base, where nothing changes.

    Columns that some model had `once`, as (table, column), and none has at base, no code of Django's asks for.
    """

    def __init__(self, state: ProjectState, once: set[tuple[str, str]], cursor: Any) -> None:
        self._base, self._once, self._cursor, self._quote = read_facts(cursor), once, cursor, cursor.db.ops.quote_name
        self.labels: dict[str, str] = {}  # of the models at base, by the oid of their table
        self._cut = Findings()  # what stays when a schema comes back
        self._fields = defaultdict[str, dict[str, Any]](dict)  # theirs, by column
        metas: list[Any] = [model._meta for model in state.apps.get_models(include_auto_created=True)]
        for meta in metas:
            cursor.execute("SELECT to_regclass(%s)::oid::text", [self._quote(meta.db_table)])
            if identity := cursor.fetchone()[0]:
                self.labels.setdefault(identity, meta.label)
                self._fields[identity].update({field.column: field for field in meta.local_concrete_fields})

    def look(self, now: Facts) -> Findings:
        """Everything that differs for old code."""
        self._now, found = now, Findings()
        for key in {**self._base, **now}:
            before, after = self._base.get(key), now.get(key)
            fact = after or before or {}
            # Of a relation that comes or goes only that matters.
            relation = ("relation", fact["relation"])
            if before != after and relation in self._base and (relation in now or key == relation):
                about = f"{self.labels.get(fact['relation'], 'Code')} at base"
                for number, one in enumerate(getattr(self, f"_{key[0]}")(about, fact, before, after)):
                    found[*key, number] = one
        return self._cut | found

    def _relation(self, about: str, _: Fact, before: Fact, now: Fact | None) -> _Found:
        name, schema = before["name"], before["schema"]
        if not now or now["name"] != name or (not now["visible"] and (before["visible"] or now["schema"] != schema)):
            if not before["owned"]:
                others = [one for (kind, _), one in self._now.items() if kind == "relation"]
                yield from self._gone(about, (name, ""), before, now, others)
        elif before["definition"] != now["definition"]:
            yield UNCLEAR, f"{about} uses {name}, which changes in a way that nobody can judge"

    def _column(self, about: str, fact: Fact, before: Fact | None, now: Fact | None) -> _Found:
        relation, name = fact["relation"], (before or fact)["name"]
        table = self._base["relation", relation]["name"]
        loses = CONTRACT if relation in self.labels and not fact["fills"] else UNCLEAR  # a trigger may fill it
        if before and (not now or now["name"] != name):
            yield from self._gone(about, (table, name), before, now, _of(self._now, "column", relation))
        elif before and now:
            yield from self._changed(f"{table}.{name}", about, before, now, loses)
        elif fact["generated"]:
            yield UNCLEAR, f"{table}.{name} is generated and may fail: {shorten(fact['default'], 60)}"
        elif fact["required"] and not fact["filled"] and name not in self._fields[relation]:
            yield loses, f"{about} inserts into {table} without {name}: NOT NULL"
        elif fact["domain"]:
            yield UNCLEAR, f"{about} may insert into {table} what {name} refuses: {fact['type']}"

    def _changed(self, column: str, about: str, before: Fact, now: Fact, loses: str) -> _Found:
        field: Any = self._fields[now["relation"]].get(now["name"])
        akin = before["family"] and before["family"] == now["family"]  # no smaller, it holds every value unchanged
        holds = akin and all(now[size] >= before[size] for size in ("larger", "finer"))
        if (before["type"], before["typeid"]) != (now["type"], now["typeid"]) and not holds:
            what = f"{about} uses {column}, which changes from {before['type']} to {now['type']}"
            self._cut["column", now["id"], 0] = UNCLEAR, f"{what} for a while: values may be cut"
            yield CONTRACT if field and akin else UNCLEAR, what
        if now["required"] > before["required"]:
            yield loses if field and field.null else UNCLEAR, f"{about} may write NULL into {column}: NOT NULL"
        # What old code leaves to the database when it inserts a row; without a field it does not know the column.
        by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
        is_left_out = not field or by_database or isinstance(field, models.AutoField)
        if is_left_out and (before["default"], before["filled"]) != (now["default"], now["filled"]):
            if now["required"] and not now["filled"]:
                yield loses, f"{about} inserts no {column}, whose default is gone: NOT NULL"
            elif field:
                yield UNCLEAR, f"{about} inserts no {column}, whose default changes"
        if before["definition"] != now["definition"]:
            yield UNCLEAR, f"{about} uses {column}, which changes in a way that nobody can judge"

    def _constraint(self, about: str, fact: Fact, before: Fact | None, now: Fact | None) -> _Found:
        others = _of(self._base if now else self._now, "constraint", fact["relation"])
        # What else changes in place follows names and types of columns, which are told themselves.
        if before["waits"] == now["waits"] if before and now else any(one["says"] == fact["says"] for one in others):
            return
        if verdict := UNCLEAR if before and now else self._refusal(now) if now else "":
            yield verdict, f"{about} may write what {fact['name']} refuses: {shorten(fact['definition'], 60)}"
        elif not now and (fact["acts"] or fact["type"] == "p"):
            yield UNCLEAR, f"{about} may rely on {fact['name']}, which is gone"

    def _index(self, about: str, fact: Fact, before: Fact | None, _: Fact | None) -> _Found:
        if before:
            unique = [one["keys"] for one in _of(self._now, "index", fact["relation"]) if one["unique"]]
            if before["unique"] and before["keys"] not in unique:
                yield UNCLEAR, f"{about} may rely on {fact['name']} in get(), add() or update_conflicts; it is gone"
            return
        what = f"{fact['name']}: {shorten(fact['definition'].partition(' USING ')[2], 90)}"
        if fact["letters"] > _ROOM or self._may_fail(fact["expressions"], fact["relation"]):
            yield UNCLEAR, f"An index may refuse rare values, {what}"
        if fact["unique"] and (verdict := self._sameness(fact)):
            yield verdict, f"{about} may write rows that an index takes for the same, {what}"
        elif not fact["immediate"]:
            yield UNCLEAR, f"{about} may INSERT … ON CONFLICT, which a deferrable constraint refuses: {what}"

    def _gone(self, about: str, place: tuple[str, str], before: Fact, now: Fact | None, peers: list[Fact]) -> _Found:
        """A table, or a column of it, that is no longer there under its name; among its peers another may have the name."""
        name, is_taken = ".".join(filter(None, place)), any(one["name"] == before["name"] for one in peers)
        what = f"the {'column' if place[1] else 'table'} is {'called ' + now['name'] + ' now' if now else 'gone'}"
        what += ", and something else has its name" if is_taken else ""
        if before["relation"] in self.labels and place[1] in {"", *self._fields[before["relation"]]}:
            yield UNCLEAR if is_taken else CONTRACT, f"{about} reads and writes {name}: {what}"
        elif place not in self._once:
            yield UNCLEAR, f"{name}: {what}; no model at base has it, but SQL of one's own may"

    def _refusal(self, now: Fact) -> str:
        """Whether old code may, or surely does, break a new CHECK or foreign key; "" where it cannot."""
        relation, check = now["relation"], now["expression"]
        keys = [("column", f"{relation}.{number}") for number in now["columns"]]
        columns = [self._base[key] for key in keys if key in self._base]
        if now["type"] != "c":
            return UNCLEAR if now["type"] == "f" and (columns or any(self._now[key]["filled"] for key in keys)) else ""
        if self._has_no_row(relation, f"NOT ({check})"):
            return ""
        if len(columns) != 1:
            return CONTRACT if self._has_no_row(relation, f"({check}) IS NOT FALSE") else UNCLEAR
        # Old code writes into a column what is at the edges of its type, as far as base's rules let it.
        (column,), rules = columns, [one for one in _of(self._base, "constraint", relation) if one["type"] == "c"]
        where = [f"NOT ({check})", *(one["expression"] for one in rules if column["number"] in one["columns"])]
        rows = f"SELECT unnest(%s::text[])::{column['type']} AS {self._quote(column['name'])}"
        allowed = ") AND (".join(where).replace("%", "%%")
        found = self._asked(f"SELECT FROM ({rows}) AS rows WHERE ({allowed})", column.get("edges"))
        field: Any = self._fields[relation].get(column["name"], models.AutoField())
        while field.is_relation:
            field = field.target_field
        return CONTRACT if found and not isinstance(field, models.AutoField) else UNCLEAR  # a key counts from 1

    def _sameness(self, now: Fact) -> str:
        """Whether old code may, or surely does, write rows that a new unique index takes for the same; "" where it cannot."""
        relation = now["relation"]
        rivals = [one for one in _of(self._base, "index", relation) if one["unique"]]
        rivals = [one for one in rivals if 0 in one["keys"] or set(one["keys"]) <= set(now["keys"])]
        for one in rivals:
            as_strict = all(one[what] >= now[what] for what in ("immediate", "nulls", "equal")) and one["equal"]
            if as_strict and not one["expressions"] and set(one["collations"]) <= {0, *now["collations"]}:
                return ""
        columns = {fact["number"]: fact["name"] for fact in _of(self._now, "column", relation)}
        names = [columns.get(key) for key in now["keys"]]
        filled = [f"{self._quote(name)} IS NOT NULL" for name in names if name and not now["nulls"]]
        if self._has_no_row(relation, " AND ".join([*filled, now["predicate"] or "true"])):
            return ""
        is_plain = now["equal"] and not (rivals or now["predicate"] or now["nulls"])
        return CONTRACT if is_plain and set(names) <= self._fields[relation].keys() else UNCLEAR

    def _has_no_row(self, relation: str, condition: str) -> bool:
        """Whether PostgreSQL's planner proves by base's rules that no row of old code meets a condition.

        New columns are at their defaults. Source: constraint_exclusion in
        https://www.postgresql.org/docs/current/runtime-config-query.html; the plan reads "One-Time Filter: false".
        """
        new = [one for one in _of(self._now, "column", relation) if ("column", one["id"]) not in self._base]
        new = [one for one in new if one["default"] or not one["filled"]]
        shown = [f"CAST({one['default'] or 'NULL'} AS {one['type']}) AS {self._quote(one['name'])}" for one in new]
        table = self._base["relation", relation]
        rows = f"SELECT {', '.join(['*', *shown])} FROM {self._quote(table['schema'])}.{self._quote(table['name'])}"
        self._cursor.execute("SET constraint_exclusion = on")
        plan = self._asked(f"EXPLAIN (COSTS OFF) SELECT 1 FROM ({rows}) AS rows WHERE {condition}")
        return any("One-Time Filter: false" in line for (line,) in plan)

    def _asked(self, sql: str, *given: Any) -> list[Any]:
        """The rows of a query on base; none where it makes no sense there."""
        try:
            self._cursor.execute(sql, given or None)
        except Error:
            return []
        return list(self._cursor.fetchall())

    def _may_fail(self, expression: str, relation: str) -> bool:
        """Whether an expression is not known to have a value for every row."""
        text = re.sub(r"'(?:[^']|'')*'(?:::[a-z ]+)?", "", expression)
        columns = {fact["name"] for fact in _of(self._now, "column", relation)}
        words = {word.lower() for word in re.findall(r"[A-Za-z_]\w*", text) if word not in columns}
        return not (words <= _TOTAL and set(re.sub(r"[\w\s(),.:\"\[\]]", "", text)) <= set("|=<>?@#"))
