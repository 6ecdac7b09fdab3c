"""What a change's operations mean for old code, by their classes and models alone: seconds, no database, no SQL read."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.migrations import RunPython, RunSQL, operations
from django.db.migrations.state import ModelState, ProjectState

from divio_sites.trial.history import Applied, History
from divio_sites.trial.results import CONTRACT, EXPAND, TRY, Result
from divio_sites.trial.steps import Change, Step

_HARMLESS = {
    "AlterConstraint", "AlterModelManagers", "AlterModelOptions", "AlterModelTableComment", "CreateCollation", "CreateExtension", "RemoveConstraint",
    "RemoveIndex", "RemoveIndexConcurrently", "RenameIndex", "ValidateConstraint",
}  # fmt: skip
"""By name: django.contrib.postgres needs psycopg, which a triage does without."""

_SHORT = 500
"""Characters that an index's row has room for in any encoding; longer text may be refused (PostgreSQL: 2,704 bytes)."""


class Triage:
    """A change, looked at: expand, contract, or what only a trial can tell.

    Args:
        applied: what is applied before it.

    Raises:
        TrialError: the migrations cannot be loaded.
    """

    def __init__(self, applied: Applied) -> None:
        history = History(applied)
        change = Change(history.added)
        self.notices = [(file, 0, text) for file, text in applied.notices] + change.notices
        self._made: set[tuple[str, ...]] = set()
        """Models and fields of the change's own, as (app, model) and (app, model, field)."""
        self.results = [self._judged(step, before, after) for step, _, before, after in change.walk(history.old_state())]

    def _judged(self, step: Step, before: ProjectState, after: ProjectState) -> Result:
        result = Result(step)
        if step.part == "state":
            return result
        verdict, why = next(self._verdicts(step.operation, step.key[0], before, after), (TRY, "only a trial can tell"))
        if verdict != EXPAND:
            result.add(verdict, why)
        return result

    def _verdicts(self, one: Any, app: str, before: ProjectState, after: ProjectState) -> Iterator[tuple[str, str]]:
        """The first counts; none: try it. A class derived from Django's may do anything else."""
        kind = type(one)
        if (kind is RunSQL and not one.sql) or (kind is RunPython and one.code is RunPython.noop):
            yield EXPAND, ""
        if not kind.__module__.startswith("django."):
            return
        if _HARMLESS & {cls.__name__ for cls in kind.__mro__}:
            yield EXPAND, ""
        if (verdicts := getattr(self, f"_{kind.__name__.removesuffix('Concurrently')}", None)):
            model = getattr(one, "model_name", None) or getattr(one, "old_name", None) or getattr(one, "name", "")
            key = (app, str(model).lower())
            old = before.models.get(key)
            if old is not None and not old.options.get("managed", True):
                return
            if key in self._made:
                if kind is operations.RenameModel:
                    self._made.add((app, one.new_name_lower))
                yield EXPAND, ""
            yield from verdicts(one, key, before, after)

    def _CreateModel(self, one: Any, key: tuple[str, str], before: ProjectState, after: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802 - the operation's name
        table = _table(after.models[key])
        if all(_table(model) != table for other, model in before.models.items() if other != key):
            self._made.add(key)
            yield EXPAND, ""

    def _DeleteModel(self, one: Any, key: tuple[str, str], before: ProjectState, _: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        yield (EXPAND, "") if before.models[key].options.get("proxy") else (CONTRACT, f"drops the table {_table(before.models[key])}")

    def _RenameModel(self, one: Any, key: tuple[str, str], before: ProjectState, after: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        old, new = _table(before.models[key]), _table(after.models[key[0], one.new_name_lower])
        if old != new and not before.models[key].options.get("proxy"):
            yield CONTRACT, f"renames the table {old}"

    def _AlterModelTable(self, one: Any, key: tuple[str, str], before: ProjectState, after: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        old, new = _table(before.models[key]), _table(after.models[key])
        yield (EXPAND, "") if old == new else (CONTRACT, f"renames the table {old}")

    def _AlterOrderWithRespectTo(self, one: Any, key: tuple[str, str], before: ProjectState, _: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        if before.models[key].options.get("order_with_respect_to") != one.order_with_respect_to:
            yield CONTRACT, "adds or drops the column _order, which is NOT NULL"
        else:
            yield EXPAND, ""

    def _AlterUniqueTogether(self, one: Any, key: tuple[str, str], before: ProjectState, _: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        if {tuple(each) for each in one.option_value or ()} <= {tuple(each) for each in before.models[key].options.get("unique_together") or ()}:
            yield EXPAND, ""

    def _AlterIndexTogether(self, one: Any, key: tuple[str, str], before: ProjectState, _: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        if {tuple(each) for each in one.option_value or ()} <= {tuple(each) for each in before.models[key].options.get("index_together") or ()}:
            yield EXPAND, ""

    def _AddField(self, one: Any, key: tuple[str, str], *_: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        field = one.field
        self._made.add((*key, one.name.lower()))
        if field.many_to_many:
            yield EXPAND, ""
        if not _is_django(field) or getattr(field, "generated", False) or field.primary_key:
            return
        by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
        if not field.null and not by_database:
            yield CONTRACT, f"adds {one.name} NOT NULL without a default of the database: old code's INSERTs leave it out"
        if not (by_database and field.unique):
            yield EXPAND, ""

    def _RemoveField(self, one: Any, key: tuple[str, str], before: ProjectState, _: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        field = before.models[key].fields[one.name]
        if (*key, one.name.lower()) in self._made or (field.many_to_many and getattr(field.remote_field, "through", None)):
            yield EXPAND, ""
        else:
            yield CONTRACT, f"drops {'a table' if field.many_to_many else 'the column'} of {one.name}"

    def _RenameField(self, one: Any, key: tuple[str, str], before: ProjectState, after: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        old, new = before.models[key].fields[one.old_name], after.models[key].fields[one.new_name]
        if (*key, one.old_name.lower()) in self._made:
            self._made.add((*key, one.new_name.lower()))
            yield EXPAND, ""
        if not old.many_to_many:
            yield (EXPAND, "") if old.db_column and old.db_column == new.db_column else (CONTRACT, f"renames the column of {one.old_name}")

    def _AlterField(self, one: Any, key: tuple[str, str], before: ProjectState, after: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        old, new = before.models[key].fields[one.name], after.models[key].fields[one.name]
        if (*key, one.name.lower()) in self._made or old.many_to_many or new.many_to_many:
            return
        if old.null and not new.null:
            yield CONTRACT, f"makes {one.name} NOT NULL: old code may write NULL"
        differing = _differing(old, new)
        longer = {"max_length"} if type(old) is type(new) is models.CharField and (old.max_length or _SHORT + 1) <= (new.max_length or 0) <= _SHORT else set()
        if differing is not None and differing <= {"null", *longer}:
            yield EXPAND, ""

    def _AddIndex(self, one: Any, key: tuple[str, str], _: ProjectState, after: ProjectState) -> Iterator[tuple[str, str]]:  # noqa: N802
        named = [after.models[key].fields.get(name.lstrip("-")) for name in one.index.fields]
        plain = type(one.index) is models.Index and not one.index.expressions and not one.index.condition
        if plain and all(field is not None and _is_django(field) and _fits_index(field) for field in named):
            yield EXPAND, ""


def _table(model: ModelState) -> str:
    return str(model.options.get("db_table") or f"{model.app_label}_{model.name_lower}")


def _is_django(field: Any) -> bool:
    return type(field).__module__.startswith("django.")


def _fits_index(field: Any) -> bool:
    endless = isinstance(field, models.TextField | models.JSONField | models.BinaryField) or hasattr(field, "base_field")
    return not endless and (not isinstance(field, models.CharField) or 0 < (field.max_length or 0) <= _SHORT)


def _differing(old: Any, new: Any) -> set[str] | None:
    """The arguments that differ and concern the database; None where the classes do."""
    (_, path, args, given), (_, other, others, now) = old.deconstruct(), new.deconstruct()
    if path != other or args != others:
        return None
    names = {name for name in given.keys() | now.keys() if given.get(name) != now.get(name)} - set(old.non_db_attrs) - {"default"}
    return names
