"""Constraints and indexes: what old code may write that a new one refuses."""

from collections.abc import Iterable

from divio_provider.migrations.field_verdicts import MADE_HERE
from divio_provider.migrations.migration import Operation
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.state import Model, together
from divio_provider.migrations.values import Call, is_known
from divio_provider.migrations.verdict import Verdict, contract, expand, undecided, worst

CONFLICT = "old code that writes with ON CONFLICT (update_conflicts) on it fails"
_BOUNDS = {"gt": 1, "gte": 1, "lt": -1, "lte": -1}


def unique_columns(
    situation: Situation, table: str, columns: Iterable[str], *, nulls_distinct: bool | None = True
) -> Verdict:
    """What it is that no two rows may be alike in these columns any more."""
    names = list(columns)
    listed = f"{table} ({', '.join(names)})"
    if situation.is_new_table(table):
        return expand(f"table {table} {MADE_HERE}")
    if nulls_distinct in {True, None} and situation.held_at_base(table, names):
        return expand(f"no two rows can be alike in {listed}: base has such a rule already")
    for name in names:
        column = situation.final_column(table, name)
        if nulls_distinct is not False and column and not column.at_base and column.nullable and not column.default:
            return expand(f"rows that old code writes have NULL in {table}.{name}, which is never alike")
    return contract(f"no two rows may be alike in {listed} any more: old code may write such")


def add_constraint(situation: Situation, operation: Operation) -> Verdict:
    """A new constraint."""
    model = situation.before.model(situation.app, operation.names("model_name"))
    constraint = operation["constraint"]
    if model is not None and not model.has_table:
        return expand(f"{model.label} has no table of Django's: no change in the database")
    if model is not None and situation.is_new_table(model.table):
        return expand(f"table {model.table} {MADE_HERE}")
    if not isinstance(constraint, Call):
        return undecided("the constraint is not written plainly")
    name = constraint.options.get("name")
    final = situation.final.model(situation.app, model.name) if model else None
    if final is not None and is_known(final.options.get("constraints")):
        kept = {item.options.get("name") for item in final.constraints}
        if isinstance(name, str) and name not in kept:
            return expand("a later operation of this change removes it", "in between, old code may fail")
    if model is None:
        return contract(f"constraint {name}: old code may write what it refuses")
    if constraint.last == "UniqueConstraint":
        return _unique(situation, model, constraint)
    if constraint.last == "CheckConstraint":
        return _check(situation, model, constraint)
    if constraint.last == "ExclusionConstraint":
        return contract(f"constraint {name} on {model.table}: old code may write rows that overlap")
    return undecided(f"what the constraint {constraint.path} refuses")


def _unique(situation: Situation, model: Model, constraint: Call) -> Verdict:
    columns = model.columns(constraint.options.get("fields"))
    if constraint.arguments or not columns:
        return contract(
            f"constraint {constraint.options.get('name')} on {model.table}: old code may write such rows twice"
        )
    distinct = constraint.options.get("nulls_distinct")
    return unique_columns(
        situation, model.table, columns, nulls_distinct=distinct if isinstance(distinct, bool) else None
    )


def _check(situation: Situation, model: Model, constraint: Call) -> Verdict:
    condition = _condition(constraint)
    where = f"constraint {constraint.options.get('name')} on {model.table}"
    for earlier in _checks_at_base(situation, model):
        if condition is not None and _looser(condition, _condition(earlier)):
            return expand(f"{where} allows all that {earlier.options.get('name')} of base allows")
    names = _fields_in(condition)
    columns = model.columns(sorted(names)) if names else None
    if columns and not _asks_for_null(condition):
        found = [
            (situation.is_new_column(model.table, name), situation.final_column(model.table, name)) for name in columns
        ]
        if all(new and column and column.nullable and not column.default for new, column in found):
            return expand(
                f"{where} is about new columns alone: rows that old code writes have NULL there, which passes"
            )
    return contract(f"{where}: old code may write what it refuses")


def _checks_at_base(situation: Situation, model: Model) -> list[Call]:
    models = situation.base_models(model.table)
    return [item for base in models for item in base.constraints if item.last == "CheckConstraint"]


def _condition(constraint: Call) -> object:
    # `check` became `condition` in Django 5.1.
    return constraint.options.get("condition", constraint.options.get("check"))


def _fields_in(value: object) -> set[str]:
    """The fields that a condition is about; empty where it cannot be read."""
    if not isinstance(value, Call) or not is_known(value) or value.last not in {"Q", "F"}:
        return set()
    found = {item.partition("__")[0] for item in value.options if not item.startswith("_")}
    for item in value.arguments:
        if isinstance(item, (list, tuple)) and len(item) == 2 and isinstance(item[0], str):
            found.add(item[0].partition("__")[0])
        elif isinstance(item, str):
            found.add(item.partition("__")[0])
        elif _fields_in(item):
            found |= _fields_in(item)
        else:
            return set()
    for item in value.options.values():
        if isinstance(item, Call):
            inner = _fields_in(item)
            if not inner:
                return set()
            found |= inner
    return found


def _asks_for_null(value: object) -> bool:
    if not isinstance(value, Call):
        return True
    lookups = [*value.options, *(item[0] for item in value.arguments if isinstance(item, (list, tuple)) and item)]
    inner = [item for item in value.arguments if isinstance(item, Call)]
    return any(str(item).endswith("isnull") for item in lookups) or any(_asks_for_null(item) for item in inner)


def _looser(new: object, old: object) -> bool:
    """Whether one condition on one field allows all that another one on it allows."""
    if new == old and is_known(new):
        return True
    one, other = _only(new), _only(old)
    if one is None or other is None or one[0] != other[0]:
        return False
    lookup = one[0].rpartition("__")[2]
    if lookup == "in" and isinstance(one[1], (list, tuple)) and isinstance(other[1], (list, tuple)):
        return is_known(one[1]) and is_known(other[1]) and all(item in one[1] for item in other[1])
    if lookup in _BOUNDS and isinstance(one[1], (int, float)) and isinstance(other[1], (int, float)):
        return (one[1] - other[1]) * _BOUNDS[lookup] <= 0
    return False


def _only(value: object) -> tuple[str, object] | None:
    if not isinstance(value, Call) or value.last != "Q":
        return None
    named = [(name, item) for name, item in value.options.items() if not name.startswith("_")]
    placed = [(item[0], item[1]) for item in value.arguments if isinstance(item, (list, tuple)) and len(item) == 2]
    negated = bool(value.options.get("_negated"))
    both = [*named, *placed]
    return both[0] if len(both) == 1 and len(value.arguments) == len(placed) and not negated else None


def remove_constraint(_situation: Situation, operation: Operation) -> Verdict:
    """A constraint that is gone."""
    return expand(f"{operation.names('name') or 'a constraint'} no longer refuses anything", CONFLICT)


def alter_unique_together(situation: Situation, operation: Operation) -> Verdict:
    """The sets of `unique_together`, each that is new."""
    before = situation.before.model(situation.app, operation.names("name"))
    given = operation["unique_together"]
    if before is None:
        return contract("unique_together: old code may write rows that are alike")
    if not before.has_table:
        return expand(f"{before.label} has no table of Django's: no change in the database")
    if not is_known(given):
        return undecided("unique_together is not written plainly")
    had, has = {frozenset(names) for names in before.together}, together(given)
    parts: list[Verdict] = []
    for names in has:
        if frozenset(names) not in had:
            columns = before.columns(names)
            parts.append(
                unique_columns(situation, before.table, columns)
                if columns
                else contract(f"unique_together ({', '.join(map(str, names))}): old code may write rows that are alike")
            )
    final = situation.final.model(situation.app, before.name)
    kept = {frozenset(names) for names in final.together} if final else set()
    bad = [part for part in parts if not part.harmless]
    if bad and not {frozenset(names) for names in has} - had <= kept:
        return expand("a later operation of this change takes it back", "in between, old code may fail")
    if had - {frozenset(names) for names in has}:
        parts.append(expand("rows may be alike that could not be before", CONFLICT))
    return worst(parts, "no change in the database")


def add_index(situation: Situation, operation: Operation) -> Verdict:
    """A new index."""
    model = situation.before.model(situation.app, operation.names("model_name"))
    index = operation["index"]
    if isinstance(index, Call) and "unique" in index.last.lower():
        if model is not None and situation.is_new_table(model.table):
            return expand(f"table {model.table} {MADE_HERE}")
        return contract(f"{index.last}: old code may write what it refuses")
    new = model is not None and (not model.has_table or situation.is_new_table(model.table))
    locks = "" if new or operation.kind == "AddIndexConcurrently" else LOCKS
    return expand("an index refuses nothing", locks)


LOCKS = "writes of every site wait while it is built; AddIndexConcurrently lets them go on"
