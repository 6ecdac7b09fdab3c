"""What a changed schema means for old code: what it proves lost, what it proves harmless, and what is left to a person."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import Error

from divio_sites.trial.catalog import Fact, Facts, used_columns
from divio_sites.trial.probes import Column, Outcome, Place, Probe, Prober, Table, quote
from divio_sites.trial.results import CONTRACT, UNCLEAR
from divio_sites.trial.values import ordinary

# Types whose every value another one takes unchanged; of numbers in parentheses the second type has at least as many.
_WIDER = {
    ("smallint", "integer"), ("smallint", "bigint"), ("integer", "bigint"), ("character varying", "text"), ("character varying", "character varying"),
    ("numeric", "numeric"),
}  # fmt: skip
# What an expression may call so that it has a value for every row.
_TOTAL = {"lower", "upper", "coalesce", "to_tsvector", "setweight", "btrim", "length", "char_length", "md5", "text", "character", "varying", "regconfig",
          "tsvector", "null", "is", "not", "and", "or", "case", "when", "then", "else", "end", "true", "false", "integer", "immutable_unaccent"}  # fmt: skip
_OUT_OF_RANGE = ("22", "54", "P0")
"""Classes of SQLSTATE: a value is out of range, an index's row is too long, a function of somebody's raised."""


@dataclass(frozen=True)
class Finding:
    """Something that old code meets on the new schema.

    Args:
        key: what it is about; the same after another operation means that it lasts.
        verdict: `contract` or `cannot judge`.
        why: one sentence.
    """

    key: tuple[str, ...]
    verdict: str
    why: str


class Judge:
    """Compares a schema with the base.

    Args:
        base: the facts of before.
        old: probes on the base.
        new: probes on the changed database.
        once: columns, as (table, column), that some model had before base and none has now: no code of Django's asks for them.
    """

    def __init__(self, base: Facts, old: Prober, new: Prober, once: set[tuple[str, str]]) -> None:
        self._base, self._old, self._new, self._once = base, old, new, once
        self._tables = old.tables
        self._by_identity = {table.identity: table for table in self._tables.values() if table.identity}
        self._before: dict[Probe, Outcome] = {}
        self._losses: dict[str, list[tuple[Probe, Outcome]]] = {}
        self._seen: dict[tuple[str, ...], bool] = {}
        self._writable = {table.name: not self._at_base([Probe(table.name, "insert")])[Probe(table.name, "insert")].code for table in self._tables.values()}

    def look(self, facts: Facts, names: Iterable[str]) -> None:
        """Try anew what old code does to some tables."""
        self._now = facts
        self._new.places = {table.name: place for table in self._tables.values() if (place := self._place(table))}
        for name in names:
            table = self._tables[name]
            asked = [*self._old.usual(table), *self._asked_by_rules(table)]
            self._losses[name] = self._lost(asked)

    def _place(self, table: Table) -> Place | None:
        relation = self._now.get(("relation", table.identity))
        if relation is None:
            return None
        mine = {i.partition(".")[2]: f for (kind, i), f in self._now.items() if kind == "column" and f["relation"] == table.identity}
        base = {f["name"]: i.partition(".")[2] for (kind, i), f in self._base.items() if kind == "column" and f["relation"] == table.identity}
        there = {fact["name"] for fact in mine.values()}
        columns = {name: name if name in there else mine[base[name]]["name"] for name in table.columns if name in there or base.get(name) in mine}
        filled = {}
        for number, fact in mine.items():
            if number not in base.values() and fact["required"] and not (fact["default"] or fact["generated"] or fact["identity"]):
                filled[fact["name"]] = ordinary(fact["base"], 0, fact["labels"] or ()) or "NULL"
        moved = f"{quote(relation['schema'])}.{quote(relation['name'])}"
        taken = any(kind == "relation" and (f["schema"], f["name"]) == (self._base["relation", table.identity]["schema"], self._base["relation", table.identity]["name"]) for (kind, _), f in self._now.items())
        return Place(table.name if taken else moved, columns, filled)

    def _at_base(self, probes: Iterable[Probe]) -> dict[Probe, Outcome]:
        fresh = [probe for probe in probes if probe not in self._before]
        self._before |= self._old.run(fresh)
        return {probe: self._before[probe] for probe in probes}

    def _lost(self, asked: list[Probe]) -> list[tuple[Probe, Outcome]]:
        """What went at base and does not go now, or gives something else."""
        now = self._new.run(asked)
        base = self._at_base(asked)
        return [
            (probe, outcome)
            for probe, outcome in now.items()
            if not base[probe].code and not outcome.foreign and (outcome.code or self._differs(probe, base[probe].value, outcome.value))
        ]

    def _differs(self, probe: Probe, old: Any, new: Any) -> bool:
        if not isinstance(old, dict) or not isinstance(new, dict):
            return old != new
        columns = self._tables[probe.table].columns
        for name in old.keys() & new.keys():
            by_database = name in columns and columns[name].given == "DEFAULT"
            if old[name][0] != new[name][0] or (old[name][1] != new[name][1] and not by_database):
                return True
        return False

    def _asked_by_rules(self, table: Table) -> list[Probe]:
        """Probes that new rules on a table suggest: the values they name, and two rows alike in what is to be unique."""
        found: list[Probe] = []
        for (kind, identity), fact in self._now.items():
            if fact.get("relation") != table.identity or (kind, identity) in self._base:
                continue
            if kind == "constraint":
                found += self._old.rule_probes(table, fact["definition"], table.columns)
            if (kind == "index" and fact["unique"]) or (kind == "constraint" and fact["type"] == "x"):
                used = used_columns(fact) if kind == "index" else fact["columns"] or ()
                names = [self._column_name(table.identity, number) for number in used]
                found.append(Probe(table.name, "insert twice", alike=frozenset(name for name in names if name in table.columns)))
        return found

    def _column_name(self, relation: str, number: int) -> str:
        fact = self._base.get(("column", f"{relation}.{number}")) or {}
        return str(fact.get("name", ""))

    # --- What is found --------------------------------------------------------------------------------------------

    def findings(self) -> dict[tuple[str, ...], Finding]:
        """Everything that differs for old code, by key."""
        found: dict[tuple[str, ...], Finding] = {}
        for key in self._base.keys() | self._now.keys():
            before, now = self._base.get(key), self._now.get(key)
            if before != now:
                for finding in getattr(self, f"_{key[0]}")(key, before, now):
                    found.setdefault(finding.key, finding)
        for name, losses in self._losses.items():
            certain = [(probe, outcome) for probe, outcome in losses if not self._rare(probe, outcome)]
            for probe, outcome in certain or losses:
                finding = self._of_loss(self._tables[name], probe, outcome, CONTRACT if certain else UNCLEAR)
                found.setdefault(finding.key, finding)
        return found

    def _rare(self, probe: Probe, outcome: Outcome) -> bool:
        """Whether a value is refused by an expression or an index, not by the column that holds it."""
        if probe.verb != "update" or not outcome.code.startswith(_OUT_OF_RANGE):
            return False
        table = self._tables[probe.table]
        return self._own_fact(self._now, table, probe.column, "type") == self._own_fact(self._base, table, probe.column, "type")

    def _own_fact(self, facts: Facts, table: Table, column: str, what: str) -> Any:
        return next((f[what] for (kind, _), f in facts.items() if kind == "column" and f["relation"] == table.identity and f["name"] == column), None)

    def _of_loss(self, table: Table, probe: Probe, outcome: Outcome, verdict: str) -> Finding:
        plain = table.name.strip('"')
        key = ("probe", table.name, probe.verb.partition(" ")[0], probe.column or outcome.column or outcome.rule or outcome.code)
        does = {"read": f"reads {plain}", "update": f"writes {plain}.{probe.column} = {_short(probe.value)}", "delete": f"deletes from {plain}",
                "insert twice": f"inserts rows into {plain} that are alike in {', '.join(sorted(probe.alike)) or 'what the rule compares'}"}  # fmt: skip
        what = f"{table.label} at base {does.get(probe.verb, f'inserts into {plain}')}"
        if outcome.code == "23502" and outcome.column not in table.columns:
            return Finding(key, verdict, f"{what} without {outcome.column}: NOT NULL")
        if not outcome.code:
            return Finding(key, verdict, f"{what}: it reads something else afterwards than it does at base")
        return Finding(key, verdict, f"{what}: {outcome.text}")

    def _lost_by(self, relation: str | None, name: str, columns: Iterable[str] = ()) -> bool:
        """Whether a probe of a table was refused by a rule, or in one of these columns: then the probe tells it."""
        table = self._by_identity.get(relation or "")
        losses = self._losses.get(table.name, []) if table else []
        wanted = set(columns)
        return any((name and outcome.rule == name) or ({probe.column, outcome.column} & wanted) for probe, outcome in losses)

    def _about(self, fact: Fact) -> str:
        table = self._by_identity.get(fact.get("relation") or "")
        return f"{table.label} at base" if table else "Code at base"

    def _is_old(self, fact: Fact | None) -> bool:
        return fact is not None and ("relation", fact.get("relation") or "") in self._base

    # --- By kind of object ----------------------------------------------------------------------------------------

    def _relation(self, key: tuple[str, str], before: Fact | None, now: Fact | None) -> Iterator[Finding]:
        if before is None:
            return
        table, name = self._by_identity.get(key[1]), before["name"]
        if now is None or (now["name"], now["schema"]) != (before["name"], before["schema"]):
            what = "is gone" if now is None else f"is called {now['name']} now"
            if table is None:
                if before["kind"] == "S" and before["owned"]:
                    return  # Its table's inserts tell.
                if any(one[0] == name for one in self._once):
                    return
                yield Finding(key, UNCLEAR, f"{name} {what}: no model at base has it, but SQL of one's own may")
                return
            other = [fact for (kind, _), fact in self._now.items() if kind == "relation" and (fact["name"], fact["schema"]) == (name, before["schema"])]
            if other and (other[0]["kind"] == "v" or self._kept(table)):
                yield Finding(key, UNCLEAR, f"{table.label} at base uses {name}, which {what}; something else has its name")
            else:
                yield Finding(key, CONTRACT, f"{table.label} at base reads and writes {name}: it {what}")
            return
        if before["kind"] != now["kind"] or before["parents"] != now["parents"] or before["bound"] != now["bound"]:
            yield Finding(key, UNCLEAR, f"{name} becomes another kind of relation, or has other parents or partitions")
        if now["secured"] and now["forced"] and not (before["secured"] and before["forced"]):
            yield Finding(key, CONTRACT, f"{name}: row level security now holds for its owner as well")
        elif now["secured"] and not before["secured"]:
            yield Finding(key, UNCLEAR, f"{name}: row level security is on; it holds for every role but the owner")
        if before["view"] != now["view"]:
            yield Finding(key, UNCLEAR, f"{name} is another view than at base")
        if before["sequence"] != now["sequence"] and not before["owned"]:
            yield Finding(key, UNCLEAR, f"{name} counts in another way")
        yield from self._rights(key, before, now, name)
        if before["filenode"] != now["filenode"] and table is not None and not self._kept(table):
            yield Finding((*key, "rows"), UNCLEAR, f"{table.label} at base has other values in its rows after {name} is written anew")

    def _rights(self, key: tuple[str, ...], before: Fact, now: Fact, name: str) -> Iterator[Finding]:
        if before["acl"] != now["acl"] and not _only_granted(before["acl"], now["acl"]):
            yield Finding((*key, "rights"), UNCLEAR, f"{name}: rights are taken away; whether the role of the sites had them is not known here")

    def _kept(self, table: Table) -> bool:
        """Whether the sample rows of a table read as they do at base."""
        asked = f"SELECT {', '.join(map(quote, table.columns))} FROM {table.name} ORDER BY {quote(table.key)} LIMIT 9"
        found = []
        for prober in (self._old, self._new):
            try:
                prober.cursor.execute(asked)
                found.append([[str(value) for value in row] for row in prober.cursor.fetchall()])
            except Error:
                return False
        return bool(found[0]) and found[0] == found[1]

    def _column(self, key: tuple[str, str], before: Fact | None, now: Fact | None) -> Iterator[Finding]:
        relation = key[1].partition(".")[0]
        table = self._by_identity.get(relation)
        if ("relation", relation) not in self._base or ("relation", relation) not in self._now:
            return
        place = f"{self._base['relation', relation]['name']}.{(before or now or {})['name']}"
        if before is None and now is not None:
            if table and now["required"] and not (now["default"] or now["generated"] or now["identity"]):
                yield Finding(("probe", table.name, "insert", now["name"]), CONTRACT, f"{table.label} at base inserts into {_plain(table)} without {now['name']}: NOT NULL")
            elif now["generated"] and table and not _is_total(now["default"], self._names(relation)):
                yield Finding(key, UNCLEAR, f"{place} is generated by an expression that may fail for rare values: {_short(now['default'])}")
            return
        assert before is not None  # noqa: S101 - one of the two is there
        mine = self._mine(table, before["name"])
        if now is None or now["name"] != before["name"]:
            what = "the column is gone" if now is None else f"the column is called {now['name']} now"
            if mine and table:
                again = any(f["relation"] == relation and f["name"] == before["name"] for (kind, _), f in self._now.items() if kind == "column")
                if again and self._kept(table):
                    yield Finding(key, UNCLEAR, f"{table.label} at base uses {place}: {what}, and another one with equal values has its name")
                else:
                    yield Finding(key, CONTRACT, f"{table.label} at base reads and writes {place}: {what}" + (", another one has its name" if again else ""))
            elif (self._base["relation", relation]["name"], before["name"]) not in self._once:
                yield Finding(key, UNCLEAR, f"{place}: {what}; no model at base has it, but SQL of one's own may")
            return
        told = self._lost_by(relation, "", [before["name"]])
        if (before["type"], before["typeid"]) != (now["type"], now["typeid"]) and not told and not _is_wider(before["type"], now["type"]):
            yield Finding(key, UNCLEAR, f"{place} changes from {before['type']} to {now['type']}; nothing tried failed, which is no proof")
        if now["required"] and not before["required"] and not told and mine and mine.nullable and self._may_be_null(table, mine.name):
            yield Finding(key, CONTRACT, f"{self._about(before)} writes NULL into {place}: NOT NULL")
        if before["collation"] != now["collation"]:
            yield Finding((*key, "collation"), UNCLEAR, f"{place} compares text by another collation")
        if before["generated"] and before["default"] != now["default"]:
            yield Finding((*key, "generated"), UNCLEAR, f"{place} is generated by another expression")
        yield from self._rights(key, before, now, place)

    def _mine(self, table: Table | None, name: str) -> Column | None:
        return table.columns.get(name) if table else None

    def _may_be_null(self, table: Table | None, name: str) -> bool:
        """Whether NULL went at base, as far as it could be tried."""
        probe = Probe(table.name, "update", name, "NULL") if table else None
        return probe is None or not self._at_base([probe])[probe].code or self._before[probe].foreign

    def _names(self, relation: str) -> set[str]:
        return {fact["name"] for (kind, _), fact in self._now.items() if kind == "column" and fact["relation"] == relation}

    def _constraint(self, key: tuple[str, str], before: Fact | None, now: Fact | None) -> Iterator[Finding]:
        if now is None:
            assert before is not None  # noqa: S101 - one of the two is there
            if before["type"] == "f" and before["on_delete"] not in "ar" and self._is_old(before) and ("relation", before["relation"]) in self._now and not self._same(before):
                yield Finding(key, CONTRACT, f"{self._about(before)} leaves it to the database to delete or empty what refers to a row; {before['name']} is gone")
            if before["type"] == "p" and self._is_old(before) and ("relation", before["relation"]) in self._now and not self._same(before):
                yield Finding(key, UNCLEAR, f"{self._about(before)} relies on the primary key {before['name']}, which is gone")
            return
        twin = before or self._same(now)
        if before is None and now["domain"]:
            if ("type", now["domain"]) in self._base:
                yield Finding(key, UNCLEAR, f"{now['name']} holds for columns of its domain: {_short(now['definition'])}")
            return
        if not self._is_old(now):
            return
        if twin:
            if (twin["deferrable"] and not now["deferrable"]) or (twin["deferred"] and not now["deferred"]):
                yield Finding(key, CONTRACT, f"{self._about(now)} may rely on {now['name']} being checked at the end of a transaction; it is checked at once now")
            return
        if now["type"] in "up" or self._lost_by(now["relation"], now["name"]) or all(self._is_new(now["relation"], number) for number in now["columns"] or [0]):
            return
        if now["type"] == "c" and self._proven_harmless(now["relation"], now["expression"], negate=True):
            return
        if now["type"] != "t":
            yield Finding(key, UNCLEAR, f"{self._about(now)} may write what {now['name']} refuses: {_short(now['definition'])}")

    def _same(self, fact: Fact) -> Fact | None:
        """The constraint of the other side that says the same under another identity."""
        facts = self._base if fact not in self._base.values() else self._now
        return next((one for (kind, _), one in facts.items() if kind == "constraint" and one["relation"] == fact["relation"] and _said(one) == _said(fact)), None)

    def _is_new(self, relation: str, number: int) -> bool:
        return number > 0 and ("column", f"{relation}.{number}") not in self._base

    def _index(self, key: tuple[str, str], before: Fact | None, now: Fact | None) -> Iterator[Finding]:
        if before is not None or now is None or not self._is_old(now) or self._lost_by(now["relation"], now["name"]):
            return
        relation, used = now["relation"], used_columns(now)
        if now["expressions"] and not _is_total(now["expressions"], self._names(relation)):
            yield Finding(key, UNCLEAR, f"{now['name']} computes an expression that may fail for rare values: {_short(now['expressions'])}")
        if not now["unique"]:
            return
        for (kind, _), one in self._base.items():
            narrower = kind == "index" and one["unique"] and one["relation"] == relation and not one["predicate"] and not one["expressions"]
            if narrower and _keys(one) <= _keys(now) and (one["nulls"] or not now["nulls"]) and (one["immediate"] or not now["immediate"]) and set(one["collations"]) <= {0, *now["collations"]}:
                return
        keys = now["columns"][: now["keys"]]
        if not now["nulls"] and any(self._is_new(relation, number) and self._null_by_default(relation, number) for number in keys):
            return
        if now["predicate"] and self._proven_harmless(relation, now["predicate"], negate=False):
            return
        if all(self._is_new(relation, number) for number in used) and not any(self._now.get(("column", f"{relation}.{number}"), {}).get("default") for number in used) and not now["nulls"]:
            return
        yield Finding(key, UNCLEAR, f"{self._about(now)} may write rows that {now['name']} takes for the same: {_short(now['definition'])}")

    def _null_by_default(self, relation: str, number: int) -> bool:
        fact = self._now.get(("column", f"{relation}.{number}"), {})
        return not fact.get("default") and not fact.get("generated") and not fact.get("identity")

    def _proven_harmless(self, relation: str, expression: str, *, negate: bool) -> bool:
        """Whether PostgreSQL's planner proves that no row of old code is concerned.

        The rules of base are put on an empty table, the new columns stand at their defaults, and `constraint_exclusion` lets
        the planner say "One-Time Filter: false" (https://www.postgresql.org/docs/current/ddl-partitioning.html).
        """
        key = (relation, expression, str(negate), str(len(self._now)))
        if key not in self._seen:
            self._seen[key] = self._planned(relation, expression, negate=negate)
        return self._seen[key]

    def _planned(self, relation: str, expression: str, *, negate: bool) -> bool:
        cursor, place = self._new.cursor, f"{relation}."
        columns = {identity: fact for (kind, identity), fact in self._now.items() if kind == "column" and identity.startswith(place)}
        shown = []
        for identity, fact in columns.items():
            name = quote(fact["name"])
            if ("column", identity) in self._base:
                shown.append(name)
            elif fact["generated"] or fact["identity"]:
                shown.append(name)
            else:
                shown.append(f"CAST({fact['default'] or 'NULL'} AS {fact['type']}) AS {name}")
        try:
            cursor.execute("BEGIN")
            cursor.execute("SELECT %s::oid::regclass::text", [relation])
            cursor.execute(f"CREATE TEMP TABLE divio_trial_rows (LIKE {cursor.fetchone()[0]}) ON COMMIT DROP")
            for identity, fact in columns.items():
                if fact["required"] and not (self._base.get(("column", identity)) or {}).get("required"):
                    cursor.execute(f"ALTER TABLE divio_trial_rows ALTER COLUMN {quote(fact['name'])} DROP NOT NULL")
            for (kind, _), fact in self._base.items():
                if kind == "constraint" and fact["type"] == "c" and fact["relation"] == relation:
                    cursor.execute("SAVEPOINT rule")
                    try:
                        cursor.execute(f"ALTER TABLE divio_trial_rows ADD {fact['definition'].removesuffix(' NOT VALID')}")
                    except Error:
                        cursor.execute("ROLLBACK TO SAVEPOINT rule")
            cursor.execute("SET LOCAL constraint_exclusion = on")
            condition = f"NOT ({expression})" if negate else expression
            cursor.execute(f"EXPLAIN (COSTS OFF) SELECT 1 FROM (SELECT {', '.join(shown)} FROM divio_trial_rows) AS rows WHERE {condition}")
            return any("One-Time Filter: false" in line for (line,) in cursor.fetchall())
        except Error:
            return False
        finally:
            cursor.execute("ROLLBACK")

    def _trigger(self, key: tuple[str, str], before: Fact | None, now: Fact | None) -> Iterator[Finding]:
        fact = now or before
        if fact and self._is_old(fact) and ("relation", fact["relation"]) in self._now:
            did = "comes" if before is None else "is gone" if now is None else "is another"
            yield Finding(key, UNCLEAR, f"{self._about(fact)} writes to a table whose {key[0]} {fact['name']} {did}; nothing tells all it does")

    _rule = _trigger
    _policy = _trigger

    def _function(self, key: tuple[str, str], before: Fact | None, now: Fact | None) -> Iterator[Finding]:
        if before is not None:
            yield Finding(key, UNCLEAR, f"{key[0]} {before['name']} {'is gone' if now is None else 'is another'}; code or triggers at base may use it")

    _collation = _function
    _extension = _function
    _type = _function

    def _setting(self, key: tuple[str, str], before: Fact | None, now: Fact | None) -> Iterator[Finding]:
        yield Finding(key, UNCLEAR, f"settings of the database or a role change: {_short((now or before or {})['name'])}")

    def _label(self, key: tuple[str, str], before: Fact | None, now: Fact | None) -> Iterator[Finding]:
        if before is not None:
            what = "is gone" if now is None else f"is called {now['name']} now"
            yield Finding(key, CONTRACT, f"Code at base writes {before['name']} into columns of type {before['type']}: the label {what}")


def _plain(table: Table) -> str:
    return table.name.strip('"')


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - a line of a terminal


def _said(fact: Fact) -> tuple[object, ...]:
    words = fact["definition"].replace(" NOT VALID", "").replace(" DEFERRABLE", "").replace(" INITIALLY DEFERRED", "").replace(" NOT", "")
    return fact["type"], words, fact["on_delete"]


def _keys(index: Fact) -> set[int]:
    return set(index["columns"][: index["keys"]])


def _only_granted(before: str | None, now: str | None) -> bool:
    """Whether no role lost a right; an owner's own are implied while nothing was ever granted."""
    if before is None:
        return now is not None and all(any(len(one.partition("=")[2].partition("/")[0]) >= 7 for one in _grants(now) if one.startswith(owner)) for owner in _owners(now))  # noqa: PLR2004
    return now is not None and all(any(_covers(new, old) for new in _grants(now)) for old in _grants(before))


def _grants(acl: str) -> list[str]:
    return acl.strip("{}").split(",")


def _owners(acl: str) -> set[str]:
    return {one.partition("/")[2] + "=" for one in _grants(acl)}


def _covers(new: str, old: str) -> bool:
    role, _, rights = new.partition("=")
    other, _, wanted = old.partition("=")
    return role == other and set(wanted.partition("/")[0]) <= set(rights.partition("/")[0])


def _is_wider(old: str, new: str) -> bool:
    """Whether a type holds every value of another unchanged."""
    parts = [re.match(r"([a-z ]+?)(?:\((\d+)(?:,(\d+))?\))?$", name) for name in (old, new)]
    if not all(parts):
        return False
    (name, one, two), (other, more, scale) = (part.groups() for part in parts if part)
    if (name, other) not in _WIDER:
        return False
    if name != other:
        return True
    if name == "numeric":
        return more is None or (one is not None and int(scale or 0) >= int(two or 0) and int(more) - int(scale or 0) >= int(one) - int(two or 0))
    return more is None or (one is not None and int(more) >= int(one))


def _is_total(expression: str | None, columns: set[str]) -> bool:
    """Whether an expression is known to have a value for every row."""
    words = set(re.findall(r"[A-Za-z_]\w*", re.sub(r"'(?:[^']|'')*'", "", expression or "")))
    signs = set(re.sub(r"'(?:[^']|'')*'|\w|[\s(),.:\"]", "", expression or ""))
    return {word.lower() for word in words - columns} <= _TOTAL and signs <= set("|=<>?@#-") and "- " not in (expression or "")
