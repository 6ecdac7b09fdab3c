"""What a change's operations mean for old code, by their classes and models alone: seconds, no database, no SQL read."""

from typing import Any

from django.db import models
from django.db.migrations import CreateModel, RunPython, RunSQL

from divio_sites.trial.history import Applied, History
from divio_sites.trial.source import CONTRACT, TRY, Change, Step, differing, is_code, is_django

_UNKNOWN = "only a trial can tell"
# By name: django.contrib.postgres needs psycopg, which a triage does without.
_HARMLESS = {"AlterConstraint", "AlterModelManagers", "AlterModelOptions", "AlterModelTableComment", "CreateCollation"}
_HARMLESS |= {"CreateExtension", "RemoveIndex", "RenameIndex", "ValidateConstraint"}
_SHORT = {models.BooleanField, models.DateField, models.DateTimeField, models.ForeignKey, models.IntegerField}
_ROOM = 500  # characters for which an index has room in any encoding (PostgreSQL refuses more than 2,704 bytes)


class Triage:
    """What comes after the `applied` migrations: each of its `steps` is expand, contract, or what only a trial can tell."""

    def __init__(self, applied: Applied) -> None:
        history = History(applied)
        change = Change(history.added)
        self.notices, self.steps = history.notices + change.notices, list[Step]()
        self._made = set[tuple[str, ...]]()  # the change's own models
        names: list[set[tuple[str, ...]]] = []  # what each step is about, before and after it
        for step, _, before, after in change.walk(history.old_state()):
            was = tuple(step.about.lower().split("."))
            now = (*was[:-1], getattr(step.operation, "new_name", was[-1]).lower())
            names.append({was, now})
            self.steps.append(step)
            if why := self._why(step, was, now, before.models.get(was[:2]), after.models.get(now[:2])):
                step.add(TRY if why == _UNKNOWN else CONTRACT, why)
        for number, step in enumerate(self.steps):
            # What came before may have added the field; what comes after may concern the model, or anything.
            before_it = set().union(*names[:number]) & names[number]
            after_it = {name[:2] for one in names[number + 1 :] for name in one} & {name[:2] for name in names[number]}
            if step.verdict == CONTRACT and (before_it or after_it or {("",)} in names[number + 1 :]):
                step.verdict = TRY
                step.why.append("another operation may take that back")

    def _why(self, step: Step, was: tuple[str, ...], now: tuple[str, ...], old: Any, new: Any) -> str:
        """Why an operation is contract; "" for expand, _UNKNOWN where only a trial can tell."""
        operation, name = step.operation, step.name.removesuffix("Concurrently")
        if step.part == "state":
            return _UNKNOWN if name == "AlterField" else ""  # a field of one's own may write other bytes
        managed = not (old or new) or (old or new).options.get("managed", True)
        if is_code(operation) or not managed or (isinstance(operation, RunSQL) and operation.sql):
            return _UNKNOWN
        is_own = was[:2] in self._made
        if name == "CreateModel" or (name == "RenameModel" and is_own):
            self._made.add(now)
        is_nothing = is_own or isinstance(operation, RunPython | RunSQL | CreateModel)
        return "" if is_nothing else _rule(name, operation, old, new)


def _rule(name: str, operation: Any, old: Any, new: Any) -> str:
    match name:
        case "DeleteModel":
            return "" if old.options.get("proxy") else f"drops the table of {operation.name}"
        case "AddIndex":
            index, fields = operation.index, [new.fields.get(each.lstrip("-")) for each in operation.index.fields]
            plain = type(index) is models.Index and not (index.expressions or index.condition or index.include)
            fits = all(type(field) in _SHORT or 0 < _length(field) <= _ROOM // len(fields) for field in fields)
            return "" if plain and fits else _UNKNOWN
        case "AddField":
            return _add_field(operation.name, operation.field)
        case "RemoveField":
            return _UNKNOWN if old.fields[operation.name].many_to_many else f"drops the column of {operation.name}"
        case "RenameField":
            keeps = old.fields[operation.old_name].many_to_many or old.fields[operation.old_name].db_column
            return _UNKNOWN if keeps else f"renames the column of {operation.old_name}"
        case "AlterField":
            return _alter_field(operation.name, old.fields[operation.name], new.fields[operation.name])
    return "" if _HARMLESS & {base.__name__ for base in type(operation).__mro__} else _UNKNOWN


def _add_field(name: str, field: Any) -> str:
    by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
    is_odd = field.primary_key or getattr(field, "generated", False) or not type(field).__module__.startswith("django.")
    may_refuse = field.unique or field.remote_field or type(field).__name__.startswith("Positive")
    if is_odd or (by_database and may_refuse):
        return "" if field.many_to_many else _UNKNOWN
    missing = f"adds {name} NOT NULL, and the database has no default: old code leaves it out"
    return "" if field.null or field.many_to_many or by_database else missing


def _alter_field(name: str, old: Any, new: Any) -> str:
    if not (is_django(old) and is_django(new)) or old.many_to_many or new.many_to_many:
        return _UNKNOWN
    if old.null and not new.null:
        return f"makes {name} NOT NULL: old code may write NULL"
    harmless = {"null", "max_length"} if 0 < _length(old) <= _length(new) <= _ROOM else {"null"}
    return _UNKNOWN if differing(old, new) - harmless else ""


def _length(field: Any) -> int:
    return field.max_length or 0 if type(field) in {models.CharField, models.SlugField, models.URLField} else 0
