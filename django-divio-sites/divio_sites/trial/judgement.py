"""What a changed schema means for old code: what it surely loses, what is proved harmless, and what is left to a person."""

import re
from collections import defaultdict
from collections.abc import Iterator
from textwrap import shorten
from typing import Any

from django.db import Error, models
from django.db.migrations.state import ProjectState

from divio_sites.trial.catalog import Fact, Facts
from divio_sites.trial.source import CONTRACT, UNCLEAR

_WIDER = {"int2": {"int4", "int8"}, "int4": {"int8"}, "numeric": {"numeric"}}
_WIDER |= {"varchar": {"varchar", "text"}, "text": {"varchar", "text"}}
"""Types that hold every value of another unchanged."""
_TOTAL = set(
    "and any array btrim case character char_length coalesce distinct else end false from is length lower md5 not null or"  # noqa: SIM905
    " regconfig text then true upper varying when".split()
)
"""What an expression may call so that it has a value for every row."""
_ROOM = 600
"""Letters for which an index has room in any encoding (PostgreSQL refuses more than 2,704 bytes)."""
_HARMLESS = {"definition": "comes goes", "sequence": "comes goes", "right": "comes changes"}
_HARMLESS["room"] = _HARMLESS["right"]
_HARMLESS |= dict.fromkeys(("function", "type", "label", "extension", "collation"), "comes")
"""What of an object's kind is no loss; of what else happens to objects nobody sees the end."""
_Found = Iterator[tuple[str, str]]
Findings = dict[tuple[object, ...], tuple[str, str]]
"""What old code meets on the new schema: `contract` or `cannot judge`, and a sentence; by what it is about."""


class Judge:
    """Compares the catalogs of base and of the changed database. `cursor` is one on base, where nothing changes.

    Columns that some model had `once`, as (table, column), and none has at base, no code of Django's asks for.
    """

    def __init__(self, state: ProjectState, once: set[tuple[str, str]], cursor: Any) -> None:
        self._base, self._once, self._cursor, self._quote = Facts(cursor), once, cursor, cursor.db.ops.quote_name
        self.labels: dict[str, str] = {}  # of the models at base, by the oid of their table
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
        for key in self._base | now:
            before, after = self._base.get(key), now.get(key)
            fact = after or before or {}
            relation = ("relation", fact.get("relation") or "")
            # Of a relation that comes or goes only that matters.
            stands = relation in self._base and relation in now
            if before != after and (stands or not relation[1] or key[0] == "relation"):
                for number, one in enumerate(getattr(self, f"_{key[0]}")(fact, before, after)):
                    found[*key, number] = one
        return found

    def _relation(self, _: Fact, before: Fact | None, now: Fact | None) -> _Found:
        if not before:
            return
        name, schema = before["name"], before["schema"]
        if not now or now["name"] != name or (not now["visible"] and (before["visible"] or now["schema"] != schema)):
            others = [one for (kind, _), one in self._now.items() if kind == "relation" and one["name"] == name]
            # A sequence of a column shows in the column's default.
            if not before["owned"]:
                yield from self._gone(before["relation"], (name, ""), now, others)

    def _column(self, fact: Fact, before: Fact | None, now: Fact | None) -> _Found:
        relation, name = fact["relation"], (before or fact)["name"]
        table = self._base["relation", relation]["name"]
        if before and now and now["name"] == name:
            yield from self._changed(f"{table}.{name}", before, now)
        elif before:
            others = [one for one in self._now.of("column", relation) if one["name"] == name]
            yield from self._gone(relation, (table, name), now, others)
        elif fact["generated"]:
            yield (
                UNCLEAR,
                f"{table}.{name} is generated, which may fail for rare values: {shorten(fact['default'], 60)}",
            )
        elif fact["required"] and not fact["filled"]:
            yield self._left_out(relation), f"{self._about(relation)} inserts into {table} without {name}: NOT NULL"
        elif fact["domain"]:
            yield UNCLEAR, f"{self._about(relation)} may insert into {table} what {name} refuses: {fact['type']}"

    def _changed(self, column: str, before: Fact, now: Fact) -> _Found:
        """A column that is another than it was."""
        relation, about = now["relation"], self._about(now["relation"])
        field = self._fields[relation].get(now["name"])
        if (before["type"], before["typeid"]) != (now["type"], now["typeid"]) and not _is_wider(before, now):
            what = f"{about} uses {column}, which changes from {before['type']} to {now['type']}"
            yield CONTRACT if field and _is_wider(now, before) else UNCLEAR, what
        if now["required"] > before["required"]:
            verdict = self._left_out(relation) if field and field.null else UNCLEAR
            yield verdict, f"{about} may write NULL into {column}: NOT NULL"
        if _is_left_out(field) and before["default"] != now["default"]:
            if now["required"] and not now["filled"]:
                yield self._left_out(relation), f"{about} inserts no {column}, whose default is gone: NOT NULL"
            elif field and (not now["filled"] or isinstance(field, models.AutoField)):
                yield UNCLEAR, f"{about} inserts no {column}, whose default changes"
        if before["identity"] != now["identity"] or before["generated"] != now["generated"]:
            yield UNCLEAR, f"{about} uses {column}, which the database fills in another way"

    def _left_out(self, relation: str) -> str:
        """The verdict on a NULL where a column wants none: a trigger or a rule may fill it, or no model uses the table."""
        fills = any(one["kind"] in {"trigger", "rule"} for one in self._now.of("object", relation))
        return UNCLEAR if fills or relation not in self.labels else CONTRACT

    def _constraint(self, fact: Fact, before: Fact | None, now: Fact | None) -> _Found:
        name, about = fact["name"], self._about(fact["relation"])
        others = (self._base if now else self._now).of("constraint", fact["relation"])
        # What changes in place, but for when it is checked, follows names and types of columns, which are told themselves.
        if before["waits"] == now["waits"] if before and now else any(one["says"] == fact["says"] for one in others):
            return
        if now and (verdict := self._refusal(now, changes=bool(before))):
            yield verdict, f"{about} may write what {name} refuses: {shorten(now['definition'], 60)}"
        elif not now and (fact["acts"] or fact["type"] == "p"):
            yield UNCLEAR, f"{about} may rely on {name}, which is gone"

    def _index(self, fact: Fact, before: Fact | None, _: Fact | None) -> _Found:
        if before:
            return
        relation, what = fact["relation"], f"{fact['name']}: {shorten(fact['definition'], 60)}"
        columns = self._base.columns(relation).items()
        letters = [one["example"]["letters"] for name, one in columns if name in fact["used"]]
        by_parts = re.search(r" USING (gin|hash) |gist_trgm_ops", fact["definition"])
        is_long = not by_parts and (None in letters or sum(letters) > _ROOM)
        if is_long or self._may_fail((fact["expressions"] or "") + (fact["predicate"] or ""), relation):
            yield UNCLEAR, f"An index may refuse rare values, {what}"
        if (fact["unique"] or fact["excludes"]) and (verdict := self._sameness(relation, fact)):
            yield verdict, f"{self._about(relation)} may write rows that an index takes for the same, {what}"

    def _object(self, fact: Fact, before: Fact | None, now: Fact | None) -> _Found:
        did = "comes" if not before else "goes" if not now else "changes"
        is_same = before and now and before.get("definition", "") == now.get("definition")
        if not is_same and did not in _HARMLESS.get(fact["kind"], ""):
            what = f"{fact['kind']} {shorten(fact['name'], 60)} {did}: nobody sees all that may hang on it"
            yield UNCLEAR, f"{self._about(fact.get('relation'))}: {what}"

    def _gone(self, relation: str, place: tuple[str, str], now: Fact | None, others: list[Fact]) -> _Found:
        """A table, or a column of it, that is no longer there under its name; what else has the name."""
        name = ".".join(filter(None, place))
        what = f"the {'column' if place[1] else 'table'} is {'called ' + now['name'] + ' now' if now else 'gone'}"
        what += ", and something else has its name" if others else ""
        if relation in self.labels and place[1] in {"", *self._fields[relation]}:
            yield UNCLEAR if others else CONTRACT, f"{self._about(relation)} reads and writes {name}: {what}"
        elif place not in self._once:
            yield UNCLEAR, f"{name}: {what}; no model at base has it, but SQL of one's own may"

    def _about(self, relation: str | None) -> str:
        return f"{self.labels.get(relation or '', 'Code')} at base"

    def _refusal(self, now: Fact, *, changes: bool) -> str:
        """Whether old code may, or surely does, break a new CHECK or foreign key; "" where it cannot."""
        relation, numbers, check = now["relation"], now["columns"] or [], now["expression"]
        keys = [("column", f"{relation}.{number}") for number in numbers] or [("object", now["domain"])]
        columns = [self._base[key] for key in keys if key in self._base]
        if now["type"] != "c" or not relation or changes:
            added = columns or any(self._now[key].get("filled") for key in keys)
            return UNCLEAR if changes or (now["type"] in "cf" and added) else ""
        if self._has_no_row(relation, f"NOT ({check})"):
            return ""
        if len(columns) != 1:
            return CONTRACT if self._has_no_row(relation, f"({check}) IS NOT FALSE") else UNCLEAR
        # Old code writes into a column what is at the edges of its type, as far as base's rules let it.
        (column,), rules = columns, [one for one in self._base.of("constraint", relation) if one["type"] == "c"]
        where = [f"NOT ({check})", *(one["expression"] for one in rules if column["number"] in one["columns"])]
        rows = f"SELECT unnest(%s::text[])::{column['type']} AS {self._quote(column['name'])}"
        allowed = ") AND (".join(where).replace("%", "%%")
        found = self._asked(f"SELECT FROM ({rows}) AS rows WHERE ({allowed})", column["example"]["edges"])
        return CONTRACT if found and column["name"] in self._fields[relation] else UNCLEAR

    def _sameness(self, relation: str, now: Fact) -> str:
        """Whether old code may, or surely does, write rows that a new unique index takes for the same; "" where it cannot."""
        rivals = [one for one in self._base.of("index", relation) if one["unique"] or one["excludes"]]
        rivals = [one for one in rivals if 0 in one["keys"] or set(one["keys"]) <= set(now["keys"])]
        for one in rivals:
            plain = one["unique"] and now["unique"] and not (one["predicate"] or one["expressions"])
            as_strict = one["immediate"] >= now["immediate"] and one["nulls"] >= now["nulls"]
            if plain and as_strict and set(one["collations"]) <= {0, *now["collations"]}:
                return ""
        columns = {fact["number"]: name for name, fact in self._now.columns(relation).items()}
        filled = [
            f"{self._quote(columns[key])} IS NOT NULL" for key in now["keys"] if key in columns and not now["nulls"]
        ]
        if self._has_no_row(relation, " AND ".join([*filled, now["predicate"] or "true"])):
            return ""
        is_plain = now["unique"] and not (rivals or now["predicate"] or now["nulls"])
        return (
            CONTRACT if is_plain and all(columns.get(key) in self._fields[relation] for key in now["keys"]) else UNCLEAR
        )

    def _has_no_row(self, relation: str, condition: str) -> bool:
        """Whether PostgreSQL's planner proves by base's rules that no row of old code meets a condition.

        New columns are at their defaults. Source: constraint_exclusion in
        https://www.postgresql.org/docs/current/runtime-config-query.html; the plan reads "One-Time Filter: false".
        """
        new = [one for one in self._now.of("column", relation) if ("column", one["id"]) not in self._base]
        new = [one for one in new if not (one["generated"] or one["identity"])]
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
        words = {word.lower() for word in re.findall(r"[A-Za-z_]\w*", text) if word not in self._now.columns(relation)}
        return not (words <= _TOTAL and set(re.sub(r"[\w\s(),.:\"\[\]]", "", text)) <= set("|=<>?@#"))


def _is_wider(old: Fact, new: Fact) -> bool:
    """Whether a column's type holds every value of another unchanged; of letters or digits it has at least as many."""
    if new["domain"] or old["domain"]:
        return False
    old, new = old["example"], new["example"]
    digits, more = ((one["size"] or 0) - (one["scale"] or 0) for one in (old, new))
    fits = not new["size"] or (0 < digits <= more and (old["scale"] or 0) <= (new["scale"] or 0))
    return new["kind"] in _WIDER.get(old["kind"], ()) and fits


def _is_left_out(field: Any) -> bool:
    """Whether old code leaves a column to the database when it inserts a row; without a field it does not know it."""
    by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
    return not field or by_database or isinstance(field, models.AutoField) or bool(getattr(field, "generated", False))
