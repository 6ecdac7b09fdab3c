"""What a change's operations mean for old code, by their classes and models alone: seconds, no database, no SQL read."""

from typing import Any

from django.db import models
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.state import ProjectState

from divio_sites.trial.history import Applied, History
from divio_sites.trial.source import CONTRACT, TRY, Change, Step

_UNKNOWN = "only a trial can tell"
# By name: django.contrib.postgres needs psycopg, which a triage does without.
_HARMLESS = {"AlterConstraint", "AlterModelManagers", "AlterModelOptions", "AlterModelTableComment", "CreateCollation"}
_HARMLESS |= {"CreateExtension", "RemoveConstraint", "RemoveIndex", "RenameIndex", "ValidateConstraint"}
_SHORT = 500  # characters for which an index has room in any encoding (PostgreSQL refuses more than 2,704 bytes)
_Name = tuple[str, ...]  # (app, model) or (app, model, field), in lower case


class Triage:
    """A change, looked at: each of its `steps` is expand, contract, or what only a trial can tell.

    `applied` is what is applied before it. Raises TrialError where the migrations cannot be loaded.
    """

    def __init__(self, applied: Applied) -> None:
        history = History(applied)
        change = Change(history.added)
        self.notices, self.steps = applied.notices + change.notices, list[Step]()
        self._made: set[_Name] = set()  # the change's own models and fields
        concerned: list[set[_Name]] = []  # the models that each step is about
        for step, _, before, after in change.walk(history.old_state()):
            was = tuple(step.about.lower().split("."))
            now = (*was[:-1], getattr(step.operation, "new_name", was[-1]).lower())
            concerned.append({was[:2], now[:2]} if step.about else set())
            self.steps.append(step)
            try:
                if step.part != "state":
                    why = self._why(step, was, now, before, after)
                else:
                    # Of what is state alone only a field of one's own matters: it may write other bytes.
                    found = [state.models[was[:2]] for state in (before, after) if step.name == "AlterField"]
                    why = "" if all(_is_django(one.fields[step.operation.name]) for one in found) else _UNKNOWN
            except KeyError as error:  # Django's own states take a field that was never there
                raise step.failed(error) from error
            if why:
                step.add(TRY if why == _UNKNOWN else CONTRACT, why)
        for number, step in enumerate(self.steps):
            # A second rename may be the way back; SQL and Python of one's own may concern any model.
            others = concerned[number + 1 :] + (concerned[:number] if step.name == "RenameField" else [])
            if step.verdict == CONTRACT and any(not its or its & concerned[number] for its in others):
                step.verdict = TRY
                step.why.append("another operation may take that back")

    def _why(self, step: Step, was: _Name, now: _Name, before: ProjectState, after: ProjectState) -> str:
        """Why an operation is contract; "" for expand, _UNKNOWN where only a trial can tell."""
        operation, kind, name = step.operation, type(step.operation), step.name.removesuffix("Concurrently")
        old: Any = before.models.get(was[:2])
        new: Any = after.models.get(now[:2])
        if (kind is RunSQL and not operation.sql) or (kind is RunPython and operation.code is RunPython.noop):
            return ""
        managed = not (old or new) or (old or new).options.get("managed", True)
        if not managed or not kind.__module__.startswith("django."):  # a class of one's own may do anything
            return _UNKNOWN
        of_own_model, own_field = was[:2] in self._made, was in self._made and name.endswith("Field")
        if name in {"CreateModel", "AddField"} or (name.startswith("Rename") and (of_own_model or own_field)):
            self._made.add(now)
        if name in {"RemoveField", "RenameField", "DeleteModel", "RenameModel"}:
            self._made.discard(was)
        if of_own_model or _HARMLESS & {base.__name__ for base in kind.__mro__}:
            return ""
        if own_field:
            return _UNKNOWN if name == "AlterField" else ""
        return _rule(name, operation, old, new)


def _rule(name: str, operation: Any, old: Any, new: Any) -> str:
    match name:
        case "CreateModel":
            return ""
        case "DeleteModel":
            return "" if old.options.get("proxy") else f"drops the table of {operation.name}"
        case "AddIndex":
            index, fields = operation.index, [new.fields.get(each.lstrip("-")) for each in operation.index.fields]
            plain = type(index) is models.Index and not (index.expressions or index.condition or index.include)
            length = sum(getattr(field, "max_length", None) or 0 for field in fields)
            return "" if plain and length <= _SHORT and all(map(_fits_index, fields)) else _UNKNOWN
        case "AddField":
            return _add_field(operation.name, operation.field)
        case "RemoveField":
            field = old.fields[operation.name]
            what = "a table" if field.many_to_many else "the column"
            return "" if field.many_to_many and field.remote_field.through else f"drops {what} of {operation.name}"
        case "RenameField":
            field, renamed = old.fields[operation.old_name], new.fields[operation.new_name]
            same = field.db_column and field.db_column == renamed.db_column
            return _UNKNOWN if field.many_to_many else "" if same else f"renames the column of {operation.old_name}"
        case "AlterField":
            return _alter_field(operation.name, old.fields[operation.name], new.fields[operation.name])
    return _UNKNOWN


def _add_field(name: str, field: Any) -> str:
    by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
    odd = field.primary_key or getattr(field, "generated", False) or (by_database and field.unique)
    if field.many_to_many:
        return ""
    if odd or not _is_django(field):
        return _UNKNOWN
    missing = f"adds {name} NOT NULL, and the database has no default: old code leaves it out"
    return "" if field.null or by_database else missing


def _alter_field(name: str, old: Any, new: Any) -> str:
    if not (_is_django(old) and _is_django(new)) or old.many_to_many or new.many_to_many:
        return _UNKNOWN
    if old.null and not new.null:
        return f"makes {name} NOT NULL: old code may write NULL"
    (_, *kind, given), (_, *new_kind, wanted) = old.deconstruct(), new.deconstruct()
    differing = {one for one in given.keys() | wanted.keys() if given.get(one) != wanted.get(one)}
    differing -= {"default", "null", *old.non_db_attrs} - {"db_column"}
    if type(old) is models.CharField and (old.max_length or _SHORT + 1) <= (new.max_length or 0) <= _SHORT:
        differing -= {"max_length"}
    return _UNKNOWN if differing or kind != new_kind else ""


def _is_django(field: Any) -> bool:
    return type(field).__module__.startswith("django.")


def _fits_index(field: Any) -> bool:
    endless = isinstance(field, models.TextField | models.JSONField | models.BinaryField)
    long = isinstance(field, models.CharField) and not 0 < (field.max_length or 0) <= _SHORT
    return _is_django(field) and not (endless or long or hasattr(field, "base_field"))
