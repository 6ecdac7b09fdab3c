"""What a changed schema means for old code: what it proves lost, what it proves harmless, and what is left to a person."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import Error

from divio_sites.trial.catalog import Fact, Facts
from divio_sites.trial.probes import Outcome, Probe, Prober, Table, quote
from divio_sites.trial.source import CONTRACT, UNCLEAR

_WIDER = {"smallint": {"integer", "bigint"}, "integer": {"bigint"}, "numeric": {"numeric"}}
_WIDER |= {name: {"character varying", "text"} for name in ("character varying", "text")}
"""Types whose every value another one takes unchanged; of numbers in parentheses the second type has at least as many."""
_TOTAL = re.compile(
    r"and|btrim|case|character|char_length|coalesce|else|end|false|is|length|lower|md5|not|null|or|regconfig|text|then|true"
    r"|upper|varying|when"
)
"""What an expression may call so that it has a value for every row."""
_RARE = ("22", "54", "P0")
"""Classes of SQLSTATE: a value is out of range, an index's row is too long, a function of somebody's raised."""
_Found = Iterator[tuple[str, str]]
Findings = dict[tuple[object, ...], tuple[str, str]]
"""What old code meets on the new schema: `contract` or `cannot judge`, and a sentence; by what it is about."""


class Judge:
    """Compares a schema with the base.

    Args:
        old: probes on the base.
        new: probes on the changed database.
        once: columns, as (table, column), that some model had before base and none has now: no code of Django's asks for them.
        filled: whether the tables have sample rows.
    """

    def __init__(self, old: Prober, new: Prober, once: set[tuple[str, str]], *, filled: bool) -> None:
        self._base, self._old, self._new, self._once, self._filled = old.base, old, new, once, filled
        self._tables = {table.identity: table for table in old.tables.values() if table.identity}
        self._before: dict[Probe, Outcome] = {}
        self._losses: dict[str, list[tuple[Probe, Outcome]]] = {}

    # --- What old code is seen to lose -----------------------------------------------------------------------------

    def look(self, facts: Facts, relations: Iterable[str]) -> None:
        """Try anew what old code does to the tables among some relations."""
        self._now = facts
        for table in (self._tables[one] for one in relations if one in self._tables):
            asked = [*self._old.usual(table), *self._suggested(table)]
            # Where a column or the table itself is gone, the catalog tells, and every probe would say it again.
            if not table.columns.keys() <= facts.columns(table.identity).keys():
                asked = []
            self._before |= self._old.run(probe for probe in asked if probe not in self._before)
            now = self._new.run(asked)
            self._losses[table.identity] = [(one, now[one]) for one in asked if self._is_lost(one, now[one])]

    def _is_lost(self, probe: Probe, now: Outcome) -> bool:
        """Whether something went at base and does not go now, or gives something else."""
        base, table = self._before[probe], self._old.tables[probe.table]
        # Rows that a migration inserts may be in the way of a probe's own; that is nobody's loss.
        known = {fact["name"] for fact in self._base.of("index", table.identity).values()}
        if base.code or now.foreign or (now.code == "23505" and probe.verb != "insert" and now.rule in known):
            return False
        if now.code or not isinstance(now.value, dict):
            return bool(now.code or base.value != now.value)
        by_database = {name for name, column in table.columns.items() if column.given == "DEFAULT"}
        both = [(name, base.value[name], now.value[name]) for name in base.value]
        return any(was[0] != is_[0] or (was != is_ and name not in by_database) for name, was, is_ in both)

    def _suggested(self, table: Table) -> Iterator[Probe]:
        """Probes that new rules suggest: the values they name, and two rows alike in what is to be unique."""
        former = " ".join(fact["definition"] for fact in self._base.of("constraint", table.identity).values())
        single = self._old.unique[table.name]
        called = {fact["number"]: name for name, fact in self._base.columns(table.identity).items()}
        for identity, fact in self._now.of("constraint", table.identity).items():
            if ("constraint", identity) not in self._base:
                yield from self._old.suggested(table, f"{fact['definition']} {former}", table.columns)
                if fact["type"] == "x":
                    yield Probe(table.name, "insert twice", alike=frozenset(set(table.columns) - single))
        for identity, fact in self._now.of("index", table.identity).items():
            if ("index", identity) not in self._base and fact["unique"]:
                used = {called[number] for number in fact["used"] or () if number in called}
                alike = frozenset(name for name in table.columns if name in used or name not in single)
                yield Probe(table.name, "insert twice", alike=alike)
                for one in self._old.suggested(table, fact["predicate"] or "", used):
                    yield Probe(table.name, "insert twice", one.column, one.value, alike)

    def findings(self) -> Findings:
        """Everything that differs for old code."""
        found: Findings = {}
        for kind, identity in self._base.keys() | self._now.keys():
            before, now = self._base.get((kind, identity)), self._now.get((kind, identity))
            if before != now:
                told = sorted(getattr(self, f"_{kind}")(identity, before, now))
                found |= {(kind, identity, one[0], number): one for number, one in enumerate(told)}
        for identity, losses in self._losses.items():
            certain = [one for one in losses if not self._is_rare(*one)]
            first = {(probe.verb, probe.column, now.rule): (probe, now) for probe, now in reversed(certain or losses)}
            for probe, now in first.values():
                about = (identity, probe.verb, probe.column, now.rule, now.column, now.code)
                found[about] = (CONTRACT if certain else UNCLEAR, _told(self._tables[identity], probe, now))
        return found

    def _is_rare(self, probe: Probe, now: Outcome) -> bool:
        """Whether a value is refused by an expression or an index, not by the column that holds it."""
        identity = self._old.tables[probe.table].identity
        types = [facts.columns(identity).get(probe.column, {}).get("type") for facts in (self._base, self._now)]
        by_rule = probe.verb == "update" and now.code.startswith(_RARE) and now.code != "22P02"
        return by_rule and types[0] is not None and types[0] == types[1]

    def _is_told(self, relation: str, name: str) -> bool:
        """Whether a probe was refused by a rule or in a column of that name: then the probe tells it."""
        return any(name in {probe.column, now.column, now.rule} for probe, now in self._losses.get(relation, ()))

    # --- What the catalog tells, by kind of object -----------------------------------------------------------------

    def _stands(self, relation: str | None) -> bool:
        return ("relation", relation or "") in self._base and ("relation", relation or "") in self._now

    def _about(self, relation: str) -> str:
        return f"{self._tables[relation].label} at base" if relation in self._tables else "Code at base"

    def _is_asked(self, column: Fact) -> bool:
        """Whether no INSERT may leave a column out; where there are triggers, only a probe tells."""
        filled = column["default"] or column["generated"] or column["identity"]
        return bool(column["required"] and not filled and not self._now.of("object", column["relation"]))

    def _has_kept_rows(self, table: Table) -> bool:
        """Whether the sample rows of a table read as they do at base."""
        asked = f"SELECT {', '.join(map(quote, table.columns))} FROM {table.name} ORDER BY {quote(table.key)} LIMIT 9"
        found = []
        for prober in (self._old, self._new):
            try:
                prober.cursor.execute(asked)
                found.append(prober.cursor.fetchall())
            except Error:
                return False
        return bool(found[0]) and found[0] == found[1]

    def _relation(self, identity: str, before: Fact | None, now: Fact | None) -> _Found:
        table = self._tables.get(identity)
        if before is None:
            return
        name, schema = before["name"], before["schema"]
        if now and now["name"] == name and (now["schema"] == schema or now["visible"]):
            yield from _rest(name, before, now)
            if before["filenode"] != now["filenode"] and table and self._filled and not self._has_kept_rows(table):
                yield UNCLEAR, f"{table.label} at base has other values in its rows after {name} is written anew"
            return
        what = f"is called {now['name']} now" if now else "is gone"
        if table is None:
            # A sequence of a column shows in inserts.
            if not before["owned"] and all(one[0] != name for one in self._once):
                yield UNCLEAR, f"{name} {what}: no model at base has it, but SQL of one's own may"
            return
        relations = self._now.of("relation").values()
        other = next((one for one in relations if (one["name"], one["schema"]) == (name, schema)), None)
        if other and (other["kind"] == "v" or self._has_kept_rows(table)):
            yield UNCLEAR, f"{table.label} at base uses {name}, which {what}; something else has its name"
        else:
            yield CONTRACT, f"{table.label} at base reads and writes {name}: it {what}"

    def _column(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        fact = before or now or {}
        relation = fact["relation"]
        if not self._stands(relation):
            return
        table, of = self._tables.get(relation), self._base["relation", relation]["name"]
        place = f"{of}.{fact['name']}"
        if before is None:
            if table and self._is_asked(fact):
                yield CONTRACT, f"{table.label} at base inserts into {of} without {fact['name']}: NOT NULL"
            elif table and fact["generated"] and not _is_total(fact["default"], self._now.columns(relation)):
                text = f"is generated by an expression that may fail for rare values: {_short(fact['default'])}"
                yield UNCLEAR, f"{place} {text}"
        elif now and now["name"] == before["name"]:
            yield from self._kept_column(table, place, before, now)
        else:
            what = f"the column is called {now['name']} now" if now else "the column is gone"
            again = before["name"] in self._now.columns(relation)
            if not table or before["name"] not in table.columns:
                if (of, before["name"]) not in self._once:
                    yield UNCLEAR, f"{place}: {what}; no model at base has it, but SQL of one's own may"
            elif again and self._has_kept_rows(table):
                text = f"{what}, and another one with equal values has its name"
                yield UNCLEAR, f"{table.label} at base uses {place}: {text}"
            else:
                another = ", another one has its name" if again else ""
                yield CONTRACT, f"{table.label} at base reads and writes {place}: {what}{another}"

    def _kept_column(self, table: Table | None, place: str, before: Fact, now: Fact) -> _Found:
        yield from _rest(place, before, now)
        relation, name = before["relation"], before["name"]
        if self._is_told(relation, name):
            return
        wider = set(before["labels"] or " ") <= set(now["labels"] or ()) or _is_wider(before["type"], now["type"])
        if (before["type"], before["typeid"]) != (now["type"], now["typeid"]) and not wider:
            text = f"changes from {before['type']} to {now['type']}; nothing tried failed, which is no proof"
            yield UNCLEAR, f"{place} {text}"
        required = now["required"] > before["required"]
        if table and required and name in table.columns and table.columns[name].nullable:
            tried = self._before.get(Probe(table.name, "update", name, "NULL"))
            if not tried or tried.foreign or not tried.code:
                yield CONTRACT, f"{table.label} at base writes NULL into {place}: NOT NULL"

    def _constraint(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        fact = now or before or {}
        relation, name = fact["relation"], fact["name"]
        if fact["domain"]:
            if before is None and ("object", fact["domain"]) in self._base:
                yield UNCLEAR, f"{name} holds for columns of its domain: {_short(fact['definition'])}"
        elif not self._stands(relation):
            return
        elif now is None:
            others = self._now.of("constraint", relation).values()
            if (fact["acts"] or fact["type"] == "p") and all(one["says"] != fact["says"] for one in others):
                does = "to delete or empty what refers to a row" if fact["acts"] else "to tell rows apart"
                text = f"{self._about(relation)} leaves it to {name} {does}; it is gone"
                yield CONTRACT if fact["acts"] else UNCLEAR, text
        else:
            others = self._base.of("constraint", relation).values()
            twin = before or next((one for one in others if one["says"] == now["says"]), None)
            if twin and any(now[when] and not twin[when] for when in ("at_once", "always_at_once")):
                text = f"may rely on {name} waiting for a transaction's end; it is checked at once"
                yield CONTRACT, f"{self._about(relation)} {text}"
            new = all(("column", f"{relation}.{number}") not in self._base for number in now["columns"] or [0])
            if twin or now["type"] in "upt" or (new and now["columns"]) or self._is_told(relation, name):
                return
            if now["type"] != "c" or not self._has_no_row(relation, f"NOT ({now['expression']})"):
                yield UNCLEAR, f"{self._about(relation)} may write what {name} refuses: {_short(now['definition'])}"

    def _index(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        if before or not now or not self._stands(now["relation"]) or self._is_told(now["relation"], now["name"]):
            return
        relation, what = now["relation"], f"{now['name']}: {_short(now['definition'])}"
        if now["expressions"] and not _is_total(now["expressions"], self._now.columns(relation)):
            yield UNCLEAR, f"The expression of an index may fail for rare values, {what}"
        types = [self._base.get(("column", f"{relation}.{number}"), {}).get("base", "") for number in now["used"] or ()]
        if "USING btree" in now["definition"] and any(name == "jsonb" or name.endswith("[]") for name in types):
            yield UNCLEAR, f"An index has no room for long values, {what}"
        if now["unique"] and not self._is_harmless(relation, now):
            yield UNCLEAR, f"{self._about(relation)} may write rows that an index takes for the same, {what}"

    def _is_harmless(self, relation: str, now: Fact) -> bool:
        """Whether a unique index refuses nothing that the base takes: another one did already, or NULL is in it."""
        keys = set(now["keys"])
        for one in self._base.of("index", relation).values():
            plain = one["unique"] and not (one["predicate"] or one["expressions"])
            as_strict = one["immediate"] >= now["immediate"] and one["nulls"] >= now["nulls"]
            if plain and as_strict and set(one["keys"]) <= keys and set(one["collations"]) <= {0, *now["collations"]}:
                return True
        columns = self._now.of("column", relation)
        new = {identity for identity in columns if ("column", identity) not in self._base}
        empty = [one for one in new if not (columns[one]["default"] or columns[one]["identity"])]
        empty = [one for one in empty if int(one.partition(".")[2]) in keys]
        return bool((empty and not now["nulls"]) or (now["predicate"] and self._has_no_row(relation, now["predicate"])))

    def _has_no_row(self, relation: str, condition: str) -> bool:
        """Whether PostgreSQL's planner proves that no row of old code meets a condition.

        The rules of base stand on an empty table, the new columns at their defaults; then `constraint_exclusion` tells.
        Source: https://www.postgresql.org/docs/current/runtime-config-query.html; the plan reads "One-Time Filter: false".
        """
        cursor, now = self._new.cursor, self._now.columns(relation)
        old = {fact["number"]: fact for fact in self._base.columns(relation).values()}
        shown = [
            quote(name)
            if fact["number"] in old or fact["generated"] or fact["identity"]
            else f"CAST({fact['default'] or 'NULL'} AS {fact['type']}) AS {quote(name)}"
            for name, fact in now.items()
        ]
        # NOT NULL as at base: what has become so since proves nothing of old code.
        changes = [f"ALTER COLUMN {quote(one)} DROP NOT NULL" for one in now]
        changes += [f"ALTER COLUMN {quote(one['name'])} SET NOT NULL" for one in old.values() if one["required"]]
        rules = [one["definition"] for one in self._base.of("constraint", relation).values() if one["type"] == "c"]
        changes += [f"ADD {rule.removesuffix(' NOT VALID')}" for rule in rules]
        cursor.execute("BEGIN")
        try:
            cursor.execute("SELECT %s::oid::regclass::text", [relation])
            cursor.execute(f"CREATE TEMP TABLE divio_trial_rows (LIKE {cursor.fetchone()[0]}) ON COMMIT DROP")
            for change in changes:
                cursor.execute("SAVEPOINT one")
                try:
                    cursor.execute(f"ALTER TABLE divio_trial_rows {change}")
                except Error:
                    cursor.execute("ROLLBACK TO SAVEPOINT one")
            cursor.execute("SET LOCAL constraint_exclusion = on")
            rows = f"(SELECT {', '.join(shown)} FROM divio_trial_rows) AS rows"
            cursor.execute(f"EXPLAIN (COSTS OFF) SELECT 1 FROM {rows} WHERE {condition}")
            return any("One-Time Filter: false" in line for (line,) in cursor.fetchall())
        except Error:
            return False
        finally:
            cursor.execute("ROLLBACK")

    def _sequence(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        if before and now and (now["back"] > before["back"] or now["strays"] > before["strays"]):
            text = f"{now['name']} is set back, or keys are inserted that it does not know"
            yield UNCLEAR, f"{text}: old code's next INSERT may meet them"

    def _object(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        fact = now or before or {}
        if self._stands(fact["relation"]) if "relation" in fact else before or fact["kind"] == "setting":
            did = "comes" if before is None else "goes" if now is None else "changes"
            text = f"{fact['kind']} {_short(fact['name'])} {did}: nobody sees all that may hang on it"
            yield UNCLEAR, f"{self._about(fact.get('relation', ''))}: {text}"


def _rest(name: str, before: Fact, now: Fact) -> _Found:
    """What nobody but a person can judge; of a list more is harmless."""
    for what, old in before["rest"].items():
        new = now["rest"][what]
        if set(old) - set(new or ()) if isinstance(old, list) else old != new and not isinstance(new, list):
            yield UNCLEAR, f"{name}: {what} {'are taken away' if isinstance(old, list) else 'changes'}"


def _told(table: Table, probe: Probe, now: Outcome) -> str:
    plain = table.name.strip('"')
    does: dict[str, Any] = {
        "read": f"reads {plain}",
        "update": f"writes {plain}.{probe.column} = {_short(probe.value)}",
        "delete": f"deletes from {plain}",
        "insert twice": f"inserts rows into {plain} that are alike",
    }
    what = f"{table.label} at base {does.get(probe.verb, f'inserts into {plain}')}"
    if now.code == "23502" and now.column not in table.columns:
        return f"{what} without {now.column}: NOT NULL"
    return f"{what}: {now.text or 'it reads something else afterwards than it does at base'}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


def _is_wider(old: str, new: str) -> bool:
    """Whether a type holds every value of another unchanged."""
    was, now = (re.fullmatch(r"([a-z ]+?)(?:\((\d+)(?:,(\d+))?\))?", name) for name in (old, new))
    if not (was and now) or now[1] not in _WIDER.get(was[1], ()):
        return False
    (one, two), (more, scale) = ([int(number or 0) for number in found.groups()[1:]] for found in (was, now))
    return not more or (bool(one) and scale >= two and more - scale >= one - two)


def _is_total(expression: str | None, columns: dict[str, Any]) -> bool:
    """Whether an expression is known to have a value for every row."""
    text = re.sub(r"'(?:[^']|'')*'", "", expression or "")
    words = [word.lower() for word in re.findall(r"[A-Za-z_]\w*", text) if word not in columns]
    signs = set(re.sub(r"[\w\s(),.:\"]", "", text))
    return all(map(_TOTAL.fullmatch, words)) and signs <= set("|=<>?@#")
