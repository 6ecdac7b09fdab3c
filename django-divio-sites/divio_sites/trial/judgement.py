"""What a changed schema means for old code: what it proves lost, what it proves harmless, and what is left to a person."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import Error

from divio_sites.trial.catalog import Fact, Facts
from divio_sites.trial.probes import OldCode, Outcome, Probe, Table, listed, quote
from divio_sites.trial.source import CONTRACT, UNCLEAR

_WIDER = {"int2": {"int4", "int8"}, "int4": {"int8"}, "numeric": {"numeric"}}
_WIDER |= {"varchar": {"varchar", "text"}, "text": {"varchar", "text"}}
"""Types that hold every value of another unchanged."""
_TOTAL = set(
    "and btrim case character char_length coalesce else end false is length lower md5 not null or regconfig text then"  # noqa: SIM905
    " true upper varying when".split()
)
"""What an expression may call so that it has a value for every row."""
_RARE = ("22", "54", "P0")
"""Classes of SQLSTATE: a value is out of range, an index's row is too long, a function of somebody's raised."""
_HARMLESS = {"definition": "comes goes", "sequence": "comes goes", "right": "comes changes"}
_HARMLESS["room"] = _HARMLESS["right"]
_HARMLESS |= dict.fromkeys(("function", "type", "label", "extension", "collation"), "comes")
"""What of an object's kind is no loss; of what else happens to objects nobody sees the end."""
_Found = Iterator[tuple[str, str]]
Findings = dict[tuple[object, ...], tuple[str, str]]
"""What old code meets on the new schema: `contract` or `cannot judge`, and a sentence; by what it is about."""


class Judge:
    """Compares the databases of two cursors, the base and the changed one, which is `filled` with sample rows or not.

    Columns that some model had `once`, as (table, column), and none has at base, no code of Django's asks for.
    """

    def __init__(self, old: OldCode, cursors: tuple[Any, Any], once: set[tuple[str, str]], *, filled: bool) -> None:
        self._old, self._base, self._cursors, self._once, self._filled = old, old.base, cursors, once, filled
        self._tables = {table.identity: table for table in old.tables.values() if table.identity}
        self._before: dict[Probe, Outcome] = {}
        self._losses: dict[str, list[tuple[Probe, Outcome]]] = {}

    def look(self, facts: Facts, relations: Iterable[str]) -> Findings:
        """Everything that differs for old code, after it was tried anew on some relations."""
        self._now = facts
        for table in (self._tables[one] for one in relations if one in self._tables):
            asked = [*self._old.usual(table), *self._suggested(table)]
            # Where a column or the table itself is gone, the catalog tells, and every probe would say it again.
            if not table.columns.keys() <= facts.columns(table.identity).keys():
                asked = []
            self._before |= self._old.run([probe for probe in asked if probe not in self._before], self._cursors[0])
            now = self._old.run(asked, self._cursors[1])
            self._losses[table.identity] = [(one, now[one]) for one in asked if self._is_lost(one, now[one])]
        return dict(self._findings())

    def _suggested(self, table: Table) -> Iterator[Probe]:
        """Probes that new rules suggest: the values they name, and two rows alike in what is to be unique."""
        former = " ".join(fact["definition"] for fact in self._base.of("constraint", table.identity))
        for rule in self._new("constraint", table.identity):
            yield from self._old.suggested(table, f"{rule['definition']} {former}", table.columns)
        for index in self._new("index", table.identity):
            if index["unique"] or index["excludes"]:
                columns = table.columns.items()
                alike = frozenset(name for name, one in columns if name in index["used"] or not one.unique)
                yield Probe(table.name, "insert twice", alike=alike)
                for one in self._old.suggested(table, index["predicate"] or "", index["used"]):
                    yield one._replace(verb="insert twice", alike=alike)

    def _is_lost(self, probe: Probe, now: Outcome) -> bool:
        """Whether something went at base and does not go now, or gives something else."""
        base, identity = self._before[probe], self._old.tables[probe.table].identity
        # Rows that a migration inserts may be in the way of a probe's own; that is nobody's loss.
        known = {fact["name"] for fact in self._base.of("index", identity)}
        in_the_way = now.code == "23505" and probe.verb != "insert" and now.rule in known
        return not (base.code or now.foreign or in_the_way) and (base.code, base.value) != (now.code, now.value)

    def _findings(self) -> Iterator[tuple[tuple[object, ...], tuple[str, str]]]:
        for key in self._base | self._now:
            before, now = self._base.get(key), self._now.get(key)
            fact = now or before or {}
            relation = ("relation", fact.get("relation") or "")
            stands = relation in self._base and relation in self._now
            if before != now and (stands or not relation[1] or key[0] == "relation"):
                found = getattr(self, f"_{key[0]}")(fact, before, now)
                yield from (((*key, number, one[0]), one) for number, one in enumerate(found))
        for identity, losses in self._losses.items():
            certain = [one for one in losses if not self._is_rare(*one)]
            first = {(probe.verb, probe.column, now.rule): (probe, now) for probe, now in reversed(certain or losses)}
            for about, (probe, now) in first.items():
                told = CONTRACT if certain else UNCLEAR, _told(self._tables[identity], probe, now)
                yield (identity, *about, now.column, now.code), told

    def _is_rare(self, probe: Probe, now: Outcome) -> bool:
        """Whether a value is refused by an expression or an index, not by the column that holds it."""
        columns = (facts.columns(self._old.tables[probe.table].identity) for facts in (self._base, self._now))
        was, is_ = (one.get(probe.column, {}).get("type") for one in columns)
        return probe.verb == "update" and now.code.startswith(_RARE) and now.code != "22P02" and was == is_

    # --- What the catalog tells, by kind: the fact, as it was and as it is -------------------------------------------

    def _relation(self, _: Fact, before: Fact | None, now: Fact | None) -> _Found:
        if not before:
            return
        relation, name, schema = before["relation"], before["name"], before["schema"]
        if not now or now["name"] != name or not (now["schema"] == schema or now["visible"]):
            others = [one for key, one in self._now.items() if key[0] == "relation" and one["name"] == name]
            yield from self._gone(relation, (name, ""), now, [one for one in others if one["schema"] == schema])
        elif before["filenode"] != now["filenode"] and self._filled and not self._has_kept_rows(relation):
            yield UNCLEAR, f"{self._about(relation)} reads other values in {name}, which is written anew"

    def _column(self, fact: Fact, before: Fact | None, now: Fact | None) -> _Found:
        relation, about, table = fact["relation"], self._about(fact["relation"]), self._tables.get(fact["relation"])
        of, name = self._base["relation", relation]["name"], (before or fact)["name"]
        if not before:
            # Where there are triggers, only a probe tells whether an INSERT may leave a column out.
            kinds = {one["kind"] for one in self._now.of("object", relation)} & {"trigger", "rule"}
            if table and fact["required"] and not (fact["default"] or fact["generated"] or fact["identity"]):
                if not kinds:
                    yield CONTRACT, f"{about} inserts into {of} without {name}: NOT NULL"
                elif self._is_blind(table):
                    yield UNCLEAR, f"{about} may insert into {of} without {name}: NOT NULL"
            elif fact["generated"] and self._may_fail(fact["default"], relation):
                yield UNCLEAR, f"{of}.{name} is generated, which may fail for rare values: {_short(fact['default'])}"
        elif not now or now["name"] != name:
            yield from self._gone(
                relation, (of, name), now, [one for one in self._now.of("column", relation) if one["name"] == name]
            )
        elif not self._is_told(relation, name):
            same = (before["type"], before["typeid"]) == (now["type"], now["typeid"])
            if not same and (now["domain"] or not _is_wider(before["example"], now["example"])):
                what = f"changes from {before['type']} to {now['type']}; nothing tried failed, which is no proof"
                yield UNCLEAR, f"{of}.{name} {what}"
            tried = table and self._before.get(Probe(table.name, "update", name, "NULL"))
            if table and self._is_blind(table) and any(before[one] != now[one] for one in ("default", "identity")):
                yield (
                    UNCLEAR,
                    f"{about} may leave out {of}.{name}, whose default changes; no row of ours could be inserted",
                )
            if table and now["required"] > before["required"] and (not tried or not tried.code or tried.foreign):
                yield UNCLEAR, f"{about} may write NULL into {of}.{name}: NOT NULL"

    def _constraint(self, fact: Fact, before: Fact | None, now: Fact | None) -> _Found:
        relation, name, about = fact["relation"], fact["name"], self._about(fact["relation"])
        others = (self._base if now else self._now).of("constraint", relation)
        twin = before if now and before else next((one for one in others if one["says"] == fact["says"]), None)
        if not now:
            if not twin and (fact["acts"] or fact["type"] == "p"):
                yield CONTRACT if fact["acts"] else UNCLEAR, f"{about} relies on {name}, which is gone"
        elif twin:
            if any(now[when] and not twin[when] for when in ("at_once", "always_at_once")):
                yield CONTRACT, f"{about} may rely on {name} waiting for a transaction's end; it is checked at once"
        elif now["type"] not in "upt" and not self._is_told(relation, name):
            on = [("column", f"{relation}.{number}") for number in now["columns"] or ()]
            on += [("object", fact["domain"])] if fact["domain"] else []
            is_harmless = now["type"] == "c" and relation and self._has_no_row(relation, f"NOT ({now['expression']})")
            if not is_harmless and (not on or any(one in self._base for one in on)):
                yield UNCLEAR, f"{about} may write what {name} refuses: {_short(now['definition'])}"

    def _index(self, fact: Fact, before: Fact | None, _: Fact | None) -> _Found:
        relation, what = fact["relation"], f"{fact['name']}: {_short(fact['definition'])}"
        if before or self._is_told(relation, fact["name"]):
            return
        used = [one["example"] for name, one in self._base.columns(relation).items() if name in fact["used"]]
        long = "USING btree" in fact["definition"] and any(
            one["category"] == "A" or one["kind"] == "jsonb" for one in used
        )
        if long or self._may_fail(fact["expressions"], relation):
            yield UNCLEAR, f"An index may refuse rare values, {what}"
        if fact["unique"] and not self._is_harmless(relation, fact):
            yield UNCLEAR, f"{self._about(relation)} may write rows that an index takes for the same, {what}"

    def _object(self, fact: Fact, before: Fact | None, now: Fact | None) -> _Found:
        did = "comes" if not before else "goes" if not now else "changes"
        is_same = before and now and before.get("definition", "") == now.get("definition")
        if not is_same and did not in _HARMLESS.get(fact["kind"], ""):
            what = f"{fact['kind']} {_short(fact['name'])} {did}: nobody sees all that may hang on it"
            yield UNCLEAR, f"{self._about(fact.get('relation'))}: {what}"

    def _gone(self, relation: str, place: tuple[str, str], now: Fact | None, others: list[Fact]) -> _Found:
        """A table, or a column of it, that is no longer there under its name; what else has the name."""
        table, name = self._tables.get(relation), ".".join(filter(None, place))
        what = f"the {'column' if place[1] else 'table'} is {'called ' + now['name'] + ' now' if now else 'gone'}"
        what += ", and something else has its name" if others else ""
        if not table or place[1] not in {"", *table.columns}:
            # A sequence of a column shows in inserts.
            if place not in self._once and not self._base["relation", relation]["owned"]:
                yield UNCLEAR, f"{name}: {what}; no model at base has it, but SQL of one's own may"
        elif others and (others[0].get("kind") == "v" or self._has_kept_rows(relation)):
            yield UNCLEAR, f"{table.label} at base uses {name}: {what}"
        else:
            yield CONTRACT, f"{table.label} at base reads and writes {name}: {what}"

    def _is_blind(self, table: Table) -> bool:
        """Whether the base refused the probes' rows, so that nothing about inserting was tried."""
        return bool(self._before.get(Probe(table.name, "insert"), Outcome()).code)

    def _new(self, kind: str, relation: str) -> list[Fact]:
        return [fact for fact in self._now.of(kind, relation) if (kind, fact["id"]) not in self._base]

    def _about(self, relation: str | None) -> str:
        return f"{self._tables[relation].label if relation in self._tables else 'Code'} at base"

    def _is_told(self, relation: str, name: str) -> bool:
        """Whether a probe was refused by a rule or in a column of that name: then the probe tells it."""
        return any(name in {probe.column, now.column, now.rule} for probe, now in self._losses.get(relation, ()))

    # --- Proofs that something is harmless -------------------------------------------------------------------------

    def _has_kept_rows(self, relation: str) -> bool:
        """Whether the sample rows of a table read as they do at base."""
        if not (table := self._tables.get(relation)):
            return True
        found, asked = [], f"SELECT {listed(table.columns)} FROM {table.name} ORDER BY {quote(table.key)} LIMIT 9"
        for cursor in self._cursors:
            try:
                cursor.execute(asked)
            except Error:
                return False
            found.append(cursor.fetchall())
        return bool(found[0]) and found[0] == found[1]

    def _is_harmless(self, relation: str, now: Fact) -> bool:
        """Whether a unique index refuses nothing that the base takes: another one did already, or NULL is in it."""
        for one in self._base.of("index", relation):
            plain = one["unique"] and not (one["predicate"] or one["expressions"])
            as_strict = one["immediate"] >= now["immediate"] and one["nulls"] >= now["nulls"]
            covers = set(one["keys"]) <= set(now["keys"]) and set(one["collations"]) <= {0, *now["collations"]}
            if plain and as_strict and covers:
                return True
        columns = {fact["number"]: name for name, fact in self._now.columns(relation).items()}
        filled = [f"{quote(columns[key])} IS NOT NULL" for key in now["keys"] if key in columns and not now["nulls"]]
        return self._has_no_row(relation, " AND ".join([*filled, now["predicate"] or "true"]))

    def _has_no_row(self, relation: str, condition: str) -> bool:
        """Whether PostgreSQL's planner proves by base's rules that no row of old code meets a condition.

        New columns are at their defaults. Source: constraint_exclusion in
        https://www.postgresql.org/docs/current/runtime-config-query.html; the plan reads "One-Time Filter: false".
        """
        new = [one for one in self._new("column", relation) if not (one["generated"] or one["identity"])]
        shown = [f"CAST({one['default'] or 'NULL'} AS {one['type']}) AS {quote(one['name'])}" for one in new]
        table, cursor = self._base["relation", relation], self._cursors[0]
        rows = f"SELECT {', '.join(['*', *shown])} FROM {quote(table['schema'])}.{quote(table['name'])}"
        try:
            cursor.execute("SET constraint_exclusion = on")
            cursor.execute(f"EXPLAIN (COSTS OFF) SELECT 1 FROM ({rows}) AS rows WHERE {condition}")
        except Error:
            return False
        return any("One-Time Filter: false" in line for (line,) in cursor.fetchall())

    def _may_fail(self, expression: str | None, relation: str) -> bool:
        """Whether an expression is not known to have a value for every row."""
        text = re.sub(r"'(?:[^']|'')*'", "", expression or "")
        words = {word.lower() for word in re.findall(r"[A-Za-z_]\w*", text) if word not in self._now.columns(relation)}
        return not (words <= _TOTAL and set(re.sub(r"[\w\s(),.:\"]", "", text)) <= set("|=<>?@#"))


def _is_wider(old: Fact, new: Fact) -> bool:
    """Whether a type holds every value of another unchanged; of letters or digits it has at least as many."""
    if old["category"] == "E":
        return set(old["edges"]) <= set(new["edges"])
    digits, more = ((one["size"] or 0) - (one["scale"] or 0) for one in (old, new))
    fits = not new["size"] or (0 < digits <= more and (old["scale"] or 0) <= (new["scale"] or 0))
    return new["kind"] in _WIDER.get(old["kind"], ()) and fits


def _told(table: Table, probe: Probe, now: Outcome) -> str:
    plain = table.name.strip('"')
    does = {"read": "reads {}", "delete": "deletes from {}", "insert twice": "inserts rows into {} that are alike"}
    does["update"] = f"writes {{}}.{probe.column} = {_short(probe.value.partition('::')[0])}"
    what = f"{table.label} at base {does.get(probe.verb, 'inserts into {}')}".replace("{}", plain)
    if now.code == "23502" and now.column not in table.columns:
        return f"{what} without {now.column}: NOT NULL"
    return f"{what}: {now.text or 'it reads something else afterwards than it does at base'}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
