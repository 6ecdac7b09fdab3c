"""What a changed schema means for old code: what it proves lost, what it proves harmless, and what is left to a person."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import Error

from divio_sites.trial.catalog import Fact, Facts, used_columns
from divio_sites.trial.probes import Outcome, Place, Probe, Prober, Table, quote
from divio_sites.trial.results import CONTRACT, UNCLEAR
from divio_sites.trial.values import ordinary

# Types whose every value another one takes unchanged; of numbers in parentheses the second type has at least as many.
_WIDER = {"smallint": {"integer", "bigint"}, "integer": {"bigint"}, "numeric": {"numeric"}}
_WIDER |= {name: {"character varying", "text"} for name in ("character varying", "text")}
# What an expression may call so that it has a value for every row.
_TOTAL = {
    "and",
    "btrim",
    "case",
    "character",
    "char_length",
    "coalesce",
    "else",
    "end",
    "false",
    "is",
    "length",
    "lower",
}
_TOTAL |= {"md5", "not", "null", "or", "regconfig", "text", "then", "true", "upper", "varying", "when"}
_RARE = ("22", "54", "P0")
"""Classes of SQLSTATE: a value is out of range, an index's row is too long, a function of somebody's raised."""
_Found = Iterator[tuple[str, str]]
Findings = dict[tuple[object, ...], tuple[str, str]]
"""What old code meets on the new schema: `contract` or `cannot judge`, and a sentence; by what it is about."""


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
        self._rules = {fact["name"] for (kind, _), fact in base.items() if kind == "index"}
        self._before: dict[Probe, Outcome] = {}
        self._losses: dict[str, list[tuple[Probe, Outcome]]] = {}
        self._proven: dict[tuple[object, ...], bool] = {}

    # --- What old code is seen to lose -----------------------------------------------------------------------------

    def look(self, facts: Facts, names: Iterable[str]) -> None:
        """Try anew what old code does to some tables."""
        self._now = facts
        self._new.places = {table.name: place for table in self._tables.values() if (place := self._place(table))}
        for name in names:
            asked = [*self._old.usual(self._tables[name]), *self._asked_by_rules(self._tables[name])]
            now, base = self._new.run(asked), self._at_base(asked)
            self._losses[name] = [(one, now[one]) for one in asked if self._is_lost(one, base[one], now[one])]

    def _place(self, table: Table) -> Place | None:
        relation = self._now.get(("relation", table.identity))
        if relation is None:
            return None
        was, now = self._base.columns(table.identity), self._now.columns(table.identity)
        called = {fact["number"]: name for name, fact in now.items()}
        columns = {
            name: name if name in now else called.get(was[name]["number"] if name in was else 0)
            for name in table.columns
        }
        old = {fact["number"] for fact in was.values()}
        filled = {
            name: ordinary(fact["base"], 0, fact["labels"] or ()) or "NULL"
            for name, fact in now.items()
            if fact["number"] not in old and self._is_asked(fact)
        }
        former = self._base["relation", table.identity]
        taken = any(
            (one["schema"], one["name"]) == (former["schema"], former["name"])
            for one in self._now.of("relation").values()
        )
        moved = f"{quote(relation['schema'])}.{quote(relation['name'])}"
        return Place(table.name if taken else moved, {name: here for name, here in columns.items() if here}, filled)

    def _at_base(self, probes: Iterable[Probe]) -> dict[Probe, Outcome]:
        probes = list(probes)
        self._before |= self._old.run(probe for probe in probes if probe not in self._before)
        return {probe: self._before[probe] for probe in probes}

    def _is_lost(self, probe: Probe, base: Outcome, now: Outcome) -> bool:
        """Whether something went at base and does not go now, or gives something else."""
        # Rows that a migration inserts may be in the way of a probe's own; that is nobody's loss.
        in_the_way = now.code == "23505" and probe.verb != "insert" and now.rule in self._rules
        if base.code or now.foreign or in_the_way:
            return False
        if now.code or not (isinstance(base.value, dict) and isinstance(now.value, dict)):
            return bool(now.code or base.value != now.value)
        columns = self._tables[probe.table].columns
        return any(
            base.value[name][0] != now.value[name][0]
            or (base.value[name] != now.value[name] and not (name in columns and columns[name].given == "DEFAULT"))
            for name in base.value.keys() & now.value.keys()
        )

    def _asked_by_rules(self, table: Table) -> Iterator[Probe]:
        """Probes that new rules suggest: the values they name, and two rows alike in what is to be unique."""
        former = " ".join(fact["definition"] for fact in self._base.of("constraint", table.identity).values())
        single = {name for columns in self._old.unique[table.name] for name in columns}
        called = {fact["number"]: name for name, fact in self._base.columns(table.identity).items()}
        for identity, fact in self._now.of("constraint", table.identity).items():
            if ("constraint", identity) not in self._base:
                yield from self._old.rule_probes(table, f"{fact['definition']} {former}", table.columns)
                if fact["type"] == "x":
                    yield Probe(table.name, "insert twice", alike=frozenset(set(table.columns) - single))
        for identity, fact in self._now.of("index", table.identity).items():
            if ("index", identity) not in self._base and fact["unique"]:
                used = {called[number] for number in used_columns(fact) if number in called}
                alike = frozenset(name for name in table.columns if name in used or name not in single)
                yield Probe(table.name, "insert twice", alike=alike)
                for met in self._old.rule_probes(table, fact["predicate"] or "", used):
                    yield Probe(table.name, "insert twice", met.column, met.value, alike)

    def findings(self) -> Findings:
        """Everything that differs for old code."""
        found: Findings = {}
        for key in self._base.keys() | self._now.keys():
            before, now = self._base.get(key), self._now.get(key)
            if before != now:
                for number, (verdict, why) in enumerate(sorted(getattr(self, f"_{key[0]}")(key[1], before, now))):
                    found[(*key, verdict, number)] = (verdict, why)
        for name, losses in self._losses.items():
            certain = [(probe, outcome) for probe, outcome in losses if not self._is_rare(probe, outcome)]
            first = {
                (probe.verb, probe.column, outcome.rule): (probe, outcome)
                for probe, outcome in reversed(certain or losses)
            }
            for probe, outcome in first.values():
                about = (name, probe.verb, probe.column, outcome.rule, outcome.column, outcome.code)
                found[about] = (CONTRACT if certain else UNCLEAR, self._told(self._tables[name], probe, outcome))
        return found

    def _is_rare(self, probe: Probe, outcome: Outcome) -> bool:
        """Whether a value is refused by an expression or an index, not by the column that holds it."""
        identity = self._tables[probe.table].identity
        was, now = (facts.columns(identity).get(probe.column, {}).get("type") for facts in (self._base, self._now))
        return probe.verb == "update" and outcome.code.startswith(_RARE) and was is not None and was == now

    def _told(self, table: Table, probe: Probe, outcome: Outcome) -> str:
        plain = table.name.strip('"')
        does = {
            "read": f"reads {plain}",
            "update": f"writes {plain}.{probe.column} = {_short(probe.value)}",
            "delete": f"deletes from {plain}",
            "insert twice": f"inserts rows into {plain} that are alike",
        }
        what = f"{table.label} at base {does.get(probe.verb, f'inserts into {plain}')}"
        if outcome.code == "23502" and outcome.column not in table.columns:
            return f"{what} without {outcome.column}: NOT NULL"
        return f"{what}: {outcome.text or 'it reads something else afterwards than it does at base'}"

    def _is_told(self, relation: str, *names: str) -> bool:
        """Whether a probe was refused by one of these rules or in one of these columns: then the probe tells it."""
        table = self._by_identity.get(relation)
        losses = self._losses.get(table.name, []) if table else []
        return any({probe.column, outcome.column, outcome.rule} & set(names) for probe, outcome in losses)

    def _is_asked(self, column: Fact) -> bool:
        """Whether no INSERT may leave a column out; where there are triggers, only a probe tells."""
        filled = column["default"] or column["generated"] or column["identity"]
        return bool(column["required"] and not filled and not self._now.of("trigger", column["relation"]))

    def _about(self, relation: str) -> str:
        table = self._by_identity.get(relation)
        return f"{table.label} at base" if table else "Code at base"

    def _stands(self, relation: str | None) -> bool:
        return ("relation", relation or "") in self._base and ("relation", relation or "") in self._now

    # --- What the catalog tells, by kind of object -----------------------------------------------------------------

    def _relation(self, identity: str, before: Fact | None, now: Fact | None) -> _Found:
        if before is None:
            return
        table, name = self._by_identity.get(identity), before["name"]
        moved = now and (now["name"] != name or (now["schema"] != before["schema"] and not now["visible"]))
        if now is not None and not moved:
            yield from self._kept_relation(table, before, now)
            return
        what = f"is called {now['name']} now" if now else "is gone"
        if table is None:
            # A sequence of a column shows in inserts.
            if not (before["kind"] == "S" and before["owned"]) and all(one[0] != name for one in self._once):
                yield UNCLEAR, f"{name} {what}: no model at base has it, but SQL of one's own may"
            return
        other = [
            fact
            for fact in self._now.of("relation").values()
            if (fact["name"], fact["schema"]) == (name, before["schema"])
        ]
        if other and (other[0]["kind"] == "v" or self._has_kept_rows(table)):
            yield UNCLEAR, f"{table.label} at base uses {name}, which {what}; something else has its name"
        else:
            yield CONTRACT, f"{table.label} at base reads and writes {name}: it {what}"

    def _kept_relation(self, table: Table | None, before: Fact, now: Fact) -> _Found:
        name = before["name"]
        if any(before[what] != now[what] for what in ("kind", "parents", "bound")):
            yield UNCLEAR, f"{name} becomes another kind of relation, or has other parents or partitions"
        if now["secured"] and now["forced"] and not (before["secured"] and before["forced"]):
            yield CONTRACT, f"{name}: row level security now holds for its owner as well"
        elif now["secured"] and not before["secured"]:
            yield UNCLEAR, f"{name}: row level security is on; it holds for every role but the owner"
        if before["view"] != now["view"]:
            yield UNCLEAR, f"{name} is another view than at base"
        if before["sequence"] != now["sequence"] and not _counts_on(before["sequence"], now["sequence"]):
            yield UNCLEAR, f"{name} counts in another way"
        if before["filenode"] != now["filenode"] and table is not None and not self._has_kept_rows(table):
            yield UNCLEAR, f"{table.label} at base has other values in its rows after {name} is written anew"
        yield from _rights(name, before, now)

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

    def _column(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        fact = before or now or {}
        relation = fact["relation"]
        if not self._stands(relation):
            return
        table, name = self._by_identity.get(relation), self._base["relation", relation]["name"]
        place = f"{name}.{fact['name']}"
        if before is None:
            if table and self._is_asked(fact):
                yield CONTRACT, f"{table.label} at base inserts into {name} without {fact['name']}: NOT NULL"
            elif fact["generated"] and table and not _is_total(fact["default"], self._now.columns(relation)):
                yield (
                    UNCLEAR,
                    f"{place} is generated by an expression that may fail for rare values: {_short(fact['default'])}",
                )
        elif now is not None and now["name"] == before["name"]:
            yield from self._kept_column(table, place, before, now)
        else:
            what = f"the column is called {now['name']} now" if now else "the column is gone"
            again = before["name"] in self._now.columns(relation)
            if not table or before["name"] not in table.columns:
                if (name, before["name"]) not in self._once:
                    yield UNCLEAR, f"{place}: {what}; no model at base has it, but SQL of one's own may"
            elif again and self._has_kept_rows(table):
                yield (
                    UNCLEAR,
                    f"{table.label} at base uses {place}: {what}, and another one with equal values has its name",
                )
            else:
                another = ", another one has its name" if again else ""
                yield CONTRACT, f"{table.label} at base reads and writes {place}: {what}{another}"

    def _kept_column(self, table: Table | None, place: str, before: Fact, now: Fact) -> _Found:
        name = before["name"]
        is_told = self._is_told(before["relation"], name)
        more_labels = before["labels"] and set(before["labels"]) <= set(now["labels"] or ())
        is_wider = more_labels or _is_wider(before["type"], now["type"])
        if (before["type"], before["typeid"]) != (now["type"], now["typeid"]) and not is_told and not is_wider:
            yield (
                UNCLEAR,
                f"{place} changes from {before['type']} to {now['type']}; nothing tried failed, which is no proof",
            )
        if now["required"] and not before["required"] and not is_told and table and name in table.columns:
            probe = Probe(table.name, "update", name, "NULL")
            if table.columns[name].nullable and (not (was := self._at_base([probe])[probe]).code or was.foreign):
                yield CONTRACT, f"{table.label} at base writes NULL into {place}: NOT NULL"
        if before["collation"] != now["collation"]:
            yield UNCLEAR, f"{place} compares text by another collation"
        if before["generated"] and before["default"] != now["default"]:
            yield UNCLEAR, f"{place} is generated by another expression"
        yield from _rights(place, before, now)

    def _constraint(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        fact = now or before or {}
        relation, name = fact["relation"], fact["name"]
        if fact["domain"]:
            if before is None and ("type", fact["domain"]) in self._base:
                yield UNCLEAR, f"{name} holds for columns of its domain: {_short(fact['definition'])}"
        elif not self._stands(relation):
            return
        elif now is None:
            same = any(_said(one) == _said(fact) for one in self._now.of("constraint", relation).values())
            if fact["type"] == "f" and fact["on_delete"] not in "ar" and not same:
                yield (
                    CONTRACT,
                    f"{self._about(relation)} leaves it to {name} to delete or empty what refers to a row; it is gone",
                )
            if fact["type"] == "p" and not same:
                yield UNCLEAR, f"{self._about(relation)} relies on the primary key {name}, which is gone"
        else:
            yield from self._new_constraint(relation, before, now)

    def _new_constraint(self, relation: str, before: Fact | None, now: Fact) -> _Found:
        alike = [one for one in self._base.of("constraint", relation).values() if _said(one) == _said(now)]
        twin = before or next(iter(alike), None)
        if twin:
            if any(twin[when] and not now[when] for when in ("deferrable", "deferred")):
                yield (
                    CONTRACT,
                    f"{self._about(relation)} may rely on {now['name']} waiting for a transaction's end; it is checked at once",
                )
            return
        of_new = all(number > 0 and self._is_new(relation, number) for number in now["columns"] or [0])
        if now["type"] in "upt" or of_new or self._is_told(relation, now["name"]):
            return
        if not (now["type"] == "c" and self._is_proven(relation, f"NOT ({now['expression']})")):
            yield UNCLEAR, f"{self._about(relation)} may write what {now['name']} refuses: {_short(now['definition'])}"

    def _is_new(self, relation: str, number: int) -> bool:
        return ("column", f"{relation}.{number}") not in self._base

    def _index(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        if (
            before is not None
            or now is None
            or not self._stands(now["relation"])
            or self._is_told(now["relation"], now["name"])
        ):
            return
        relation = now["relation"]
        if now["expressions"] and not _is_total(now["expressions"], self._now.columns(relation)):
            yield (
                UNCLEAR,
                f"{now['name']} computes an expression that may fail for rare values: {_short(now['expressions'])}",
            )
        endless = [
            self._base.get(("column", f"{relation}.{number}"), {}).get("base", "") for number in used_columns(now)
        ]
        if "USING btree" in now["definition"] and any(name == "jsonb" or name.endswith("[]") for name in endless):
            yield UNCLEAR, f"{now['name']} has no room for long values: {_short(now['definition'])}"
        if now["unique"] and not self._is_harmless(relation, now):
            yield (
                UNCLEAR,
                f"{self._about(relation)} may write rows that {now['name']} takes for the same: {_short(now['definition'])}",
            )

    def _is_harmless(self, relation: str, now: Fact) -> bool:
        """Whether a unique index refuses nothing that the base takes: another one did already, or NULL is in it."""
        keys = set(now["columns"][: now["keys"]])
        for one in self._base.of("index", relation).values():
            stricter = (
                one["unique"]
                and not one["predicate"]
                and not one["expressions"]
                and (one["immediate"] or not now["immediate"])
            )
            same = (one["nulls"] or not now["nulls"]) and set(one["collations"]) <= {0, *now["collations"]}
            if stricter and same and set(one["columns"][: one["keys"]]) <= keys:
                return True
        by_default = {
            fact["number"] for fact in self._now.columns(relation).values() if fact["default"] or fact["identity"]
        }
        empty = [
            number for number in keys if number > 0 and self._is_new(relation, number) and number not in by_default
        ]
        return bool((empty and not now["nulls"]) or (now["predicate"] and self._is_proven(relation, now["predicate"])))

    def _is_proven(self, relation: str, condition: str) -> bool:
        """Whether PostgreSQL's planner proves that no row of old code meets a condition."""
        key = (relation, condition, tuple(self._now.columns(relation)))
        if key not in self._proven:
            self._proven[key] = self._has_no_row(relation, condition)
        return self._proven[key]

    def _has_no_row(self, relation: str, condition: str) -> bool:
        """The rules of base stand on an empty table, the new columns at their defaults; then `constraint_exclusion` tells.

        Source: https://www.postgresql.org/docs/current/runtime-config-query.html; the plan reads "One-Time Filter: false".
        """
        cursor, was, now = self._new.cursor, self._base.columns(relation), self._now.columns(relation)
        old = {fact["number"]: fact for fact in was.values()}
        shown = [
            quote(name)
            if fact["number"] in old or fact["generated"] or fact["identity"]
            else f"CAST({fact['default'] or 'NULL'} AS {fact['type']}) AS {quote(name)}"
            for name, fact in now.items()
        ]
        cursor.execute("BEGIN")
        try:
            cursor.execute("SELECT %s::oid::regclass::text", [relation])
            cursor.execute(f"CREATE TEMP TABLE divio_trial_rows (LIKE {cursor.fetchone()[0]}) ON COMMIT DROP")
            for name, fact in now.items():
                if fact["required"] and not old.get(fact["number"], {}).get("required"):
                    cursor.execute(f"ALTER TABLE divio_trial_rows ALTER COLUMN {quote(name)} DROP NOT NULL")
            for fact in self._base.of("constraint", relation).values():
                if fact["type"] == "c":
                    self._if_possible(
                        f"ALTER TABLE divio_trial_rows ADD {fact['definition'].removesuffix(' NOT VALID')}"
                    )
            cursor.execute("SET LOCAL constraint_exclusion = on")
            rows = f"(SELECT {', '.join(shown)} FROM divio_trial_rows) AS rows"
            cursor.execute(f"EXPLAIN (COSTS OFF) SELECT 1 FROM {rows} WHERE {condition}")
            return any("One-Time Filter: false" in line for (line,) in cursor.fetchall())
        except Error:
            return False
        finally:
            cursor.execute("ROLLBACK")

    def _if_possible(self, statement: str) -> None:
        self._new.cursor.execute("SAVEPOINT one")
        try:
            self._new.cursor.execute(statement)
        except Error:
            self._new.cursor.execute("ROLLBACK TO SAVEPOINT one")

    def _trigger(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        fact = now or before or {}
        if self._stands(fact["relation"]):
            did = "comes" if before is None else "goes" if now is None else "changes"
            yield (
                UNCLEAR,
                f"{self._about(fact['relation'])} has a table whose {fact['kind']} {fact['name']} {did}; nobody sees all it does",
            )

    _rule = _policy = _trigger

    def _function(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        if before is not None:
            yield (
                UNCLEAR,
                f"{before['kind']} {before['name']} {'changes' if now else 'is gone'}; code or triggers at base may use it",
            )

    _collation = _extension = _type = _function

    def _setting(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        yield UNCLEAR, f"settings of the database or a role change: {_short((now or before or {})['name'])}"

    def _label(self, _: str, before: Fact | None, now: Fact | None) -> _Found:
        # Where its type is gone as well, the columns tell.
        if before is not None and ("type", before["typeid"]) in self._now:
            what = f"is called {now['name']} now" if now else "is gone"
            yield (
                CONTRACT,
                f"Code at base writes {before['name']} into columns of type {before['type']}: the label {what}",
            )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


def _counts_on(old: Fact, new: Fact) -> bool:
    """Whether a sequence goes on as before, perhaps further."""
    further = new["seqmax"] >= old["seqmax"] and new["seqmin"] <= old["seqmin"]
    return bool(further and all(new[name] == old[name] for name in ("seqincrement", "seqcycle")))


def _said(constraint: Fact) -> tuple[object, ...]:
    """What a constraint says, apart from its name and from when it is checked."""
    words = re.sub(r" NOT VALID| NOT DEFERRABLE| DEFERRABLE| INITIALLY DEFERRED", "", constraint["definition"])
    return constraint["type"], words, constraint["on_delete"]


def _rights(name: str, before: Fact, now: Fact) -> _Found:
    def grants(acl: str | None) -> dict[str, set[str]]:
        parts = (one.partition("=") for one in (acl or "").strip("{}").split(",") if one)
        return {role: set(rights.partition("/")[0]) for role, _, rights in parts}

    old, new = grants(before["acl"]), grants(now["acl"])
    # Where nothing was ever granted, the owner has every right, and a first grant writes that down.
    lost = any(rights - new.get(role, set()) for role, rights in old.items()) or (
        not old and all(len(rights) < 7 for rights in new.values())
    )
    if before["acl"] != now["acl"] and lost:
        yield UNCLEAR, f"{name}: rights are taken away; whether the role of the sites had them is not known here"


def _is_wider(old: str, new: str) -> bool:
    """Whether a type holds every value of another unchanged."""
    parts = [re.fullmatch(r"([a-z ]+?)(?:\((\d+)(?:,(\d+))?\))?", name) for name in (old, new)]
    if not (parts[0] and parts[1]) or parts[1][1] not in _WIDER.get(parts[0][1], ()):
        return False
    (_, one, two), (_, more, scale) = (part.groups(default="") for part in parts if part)
    if not more or not one:
        return not more
    return int(scale or 0) >= int(two or 0) and int(more) - int(scale or 0) >= int(one) - int(two or 0)


def _is_total(expression: str | None, columns: dict[str, Any]) -> bool:
    """Whether an expression is known to have a value for every row."""
    text = re.sub(r"'(?:[^']|'')*'", "", expression or "")
    words = {word.lower() for word in re.findall(r"[A-Za-z_]\w*", text) if word not in columns}
    return words <= _TOTAL and not set(re.sub(r"[\w\s(),.:\"]", "", text)) - set("|=<>?@#") and " - " not in text
