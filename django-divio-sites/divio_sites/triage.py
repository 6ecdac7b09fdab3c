"""What a change's operations mean for old code, by their classes and models alone: seconds, no database, no SQL read."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.state import ModelState, ProjectState

from divio_sites.trial.history import Applied, History
from divio_sites.trial.results import CONTRACT, TRY, Result
from divio_sites.trial.steps import Change, Step

_UNKNOWN = "only a trial can tell"
# By name: django.contrib.postgres needs psycopg, which a triage does without.
_HARMLESS = {"AlterConstraint", "AlterModelManagers", "AlterModelOptions", "AlterModelTableComment", "CreateCollation"}
_HARMLESS |= {"CreateExtension", "RemoveConstraint", "RemoveIndex", "RenameIndex", "ValidateConstraint"}
_MOVES = {"RenameField", "RenameModel", "AlterModelTable"}
_SHORT = (
    500  # characters for which an index has room in any encoding; longer text may be refused (PostgreSQL: 2,704 bytes)
)
_Names = tuple[str, ...]  # (app, model) or (app, model, field), in lower case


class Triage:
    """A change, looked at: its `results` are expand, contract, or what only a trial can tell.

    `applied` is what is applied before it. Raises TrialError where the migrations cannot be loaded.
    """

    def __init__(self, applied: Applied) -> None:
        history = History(applied)
        change = Change(history.added)
        self.notices = [(file, 0, text) for file, text in applied.notices] + change.notices
        self.results: list[Result] = []
        self._made: set[_Names] = set()  # the change's own models and fields
        concerned: list[tuple[bool, set[_Names]]] = []  # whether an operation moves something; the models it is about
        for step, _, before, after in change.walk(history.old_state()):
            self.results.append(result := Result(step))
            one = tuple(step.about.lower().split("."))
            renamed = (*one[:-1], getattr(step.operation, "new_name", one[-1]).lower())
            concerned.append((step.name in _MOVES, {one[:2], renamed[:2]} - {("",)}))
            why = "" if step.part == "state" else self._why(step, one, renamed, before, after)
            if why:
                result.add(TRY if why == _UNKNOWN else CONTRACT, why)
        for number, (result, (moves, its)) in enumerate(zip(self.results, concerned, strict=True)):
            # A second move may be the way back; SQL and Python of one's own may concern any model.
            others = concerned[number + 1 :] + [other for other in concerned[:number] if moves and other[0]]
            if result.verdict == CONTRACT and any(not keys or keys & its for _, keys in others):
                result.verdict = TRY
                result.why.append("another operation may take that back")

    def _why(self, step: Step, one: _Names, renamed: _Names, before: ProjectState, after: ProjectState) -> str:
        """Why an operation is contract; "" for expand, _UNKNOWN where only a trial can tell."""
        operation: Any = step.operation
        kind, name = type(operation), step.name.removesuffix("Concurrently")
        if (kind is RunSQL and not operation.sql) or (kind is RunPython and operation.code is RunPython.noop):
            return ""
        old, new = before.models.get(one[:2]), after.models.get(renamed[:2])
        # A class derived from Django's may do anything else.
        if not kind.__module__.startswith("django.") or not all(
            x.options.get("managed", True) for x in (old, new) if x
        ):
            return _UNKNOWN
        in_own_model, own_field = one[:2] in self._made, one in self._made and name.endswith("Field")
        if name in {"CreateModel", "AddField"} or (name.startswith("Rename") and (in_own_model or own_field)):
            self._made.add(renamed)
        if name in {"RemoveField", "RenameField", "DeleteModel", "RenameModel"}:
            self._made.discard(one)
        if in_own_model or _HARMLESS & {base.__name__ for base in kind.__mro__}:
            return ""
        if own_field:
            return _UNKNOWN if name == "AlterField" else ""
        return _RULES[name](operation, old, new) if name in _RULES else _UNKNOWN


def _table(model: ModelState) -> str:
    return str(model.options.get("db_table") or f"{model.app_label}_{model.name_lower}")


def _delete_model(_: Any, old: ModelState, __: None) -> str:
    return "" if old.options.get("proxy") else f"drops the table {_table(old)}"


def _rename_table(operation: Any, old: ModelState, new: ModelState) -> str:
    if _table(old) != _table(new) and not old.options.get("proxy"):
        return f"renames the table {_table(old)}"
    return "" if hasattr(operation, "table") else _UNKNOWN


def _add_field(operation: Any, _: ModelState, __: ModelState) -> str:
    field = operation.field
    if field.many_to_many:
        return ""
    by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
    if (
        not _is_django(field)
        or field.primary_key
        or getattr(field, "generated", False)
        or (by_database and field.unique)
    ):
        return _UNKNOWN
    if field.null or by_database:
        return ""
    return f"adds {operation.name} NOT NULL without a default of the database: old code leaves it out"


def _remove_field(operation: Any, old: ModelState, _: ModelState) -> str:
    field: Any = old.fields[operation.name]
    if field.many_to_many:
        return "" if field.remote_field.through else f"drops a table of {operation.name}"
    return f"drops the column of {operation.name}"


def _rename_field(operation: Any, old: ModelState, new: ModelState) -> str:
    before, after = old.fields[operation.old_name], new.fields[operation.new_name]
    if before.many_to_many:
        return _UNKNOWN
    same = before.db_column and before.db_column == after.db_column
    return "" if same else f"renames the column of {operation.old_name}"


def _alter_field(operation: Any, old: ModelState, new: ModelState) -> str:
    was, now = old.fields[operation.name], new.fields[operation.name]
    if not (_is_django(was) and _is_django(now)) or was.many_to_many or now.many_to_many:
        return _UNKNOWN
    if was.null and not now.null:
        return f"makes {operation.name} NOT NULL: old code may write NULL"
    (_, *kind, given), (_, *other_kind, wanted) = was.deconstruct(), now.deconstruct()
    differing = {name for name in given.keys() | wanted.keys() if given.get(name) != wanted.get(name)}
    differing -= {"default", "null", *was.non_db_attrs} - {"db_column"}
    if type(was) is models.CharField and (was.max_length or _SHORT + 1) <= (now.max_length or 0) <= _SHORT:
        differing -= {"max_length"}
    return _UNKNOWN if differing or kind != other_kind else ""


def _add_index(operation: Any, _: ModelState, new: ModelState) -> str:
    index = operation.index
    plain = type(index) is models.Index and not (index.expressions or index.condition or index.include)
    return "" if plain and all(_fits_index(new.fields.get(name.lstrip("-"))) for name in index.fields) else _UNKNOWN


def _is_django(field: Any) -> bool:
    return type(field).__module__.startswith("django.")


def _fits_index(field: Any) -> bool:
    endless = isinstance(field, models.TextField | models.JSONField | models.BinaryField) or hasattr(
        field, "base_field"
    )
    long = isinstance(field, models.CharField) and not 0 < (field.max_length or 0) <= _SHORT
    return _is_django(field) and not endless and not long


_RULES: dict[str, Callable[[Any, Any, Any], str]] = {
    "CreateModel": lambda *_: "",
    "DeleteModel": _delete_model,
    "RenameModel": _rename_table,
    "AlterModelTable": _rename_table,
    "AddField": _add_field,
    "RemoveField": _remove_field,
    "RenameField": _rename_field,
    "AlterField": _alter_field,
    "AddIndex": _add_index,
}
