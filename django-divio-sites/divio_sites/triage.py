"""What a change's operations mean for old code, by their classes and models alone: seconds, no database, no SQL read."""

import re
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.state import ModelState, ProjectState

from divio_sites.trial import TrialError, told
from divio_sites.trial.history import Applied, History
from divio_sites.trial.source import CONTRACT, EXPAND, TRY, Change, Step

# By name: django.contrib.postgres needs psycopg, which a triage does without.
_HARMLESS = {"AlterConstraint", "AlterModelManagers", "AlterModelOptions", "AlterModelTableComment", "CreateCollation"}
_HARMLESS |= {"CreateExtension", "RemoveConstraint", "RemoveIndex", "RenameIndex", "ValidateConstraint"}
_HARMLESS |= {"RemoveIndexConcurrently"}
_MOVES = {"RenameField", "RenameModel", "AlterModelTable"}
_SHORT = 500
"""Characters that an index's row has room for in any encoding; longer text may be refused (PostgreSQL: 2,704 bytes)."""
_Verdicts = Iterator[tuple[str, str]]


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
        self.notices = applied.notices + change.notices
        self._made: set[tuple[str, ...]] = set()
        """Models and fields of the change's own, as (app, model) and (app, model, field)."""
        self.steps: list[Step] = []
        concerned: list[set[tuple[str, str]] | None] = []
        for step, _, *states in change.walk(history.old_state()):
            self.steps.append(self._judged(step, *states))
            new = getattr(self._one, "new_name_lower", "") if type(self._one).__name__ == "RenameModel" else ""
            concerned.append({self._key, (step.key[0], new or self._key[1])} if self._key[1] else None)
        for number, result in enumerate(self.steps):
            keys = concerned[number]
            others = concerned[number + 1 :]
            if result.name in _MOVES:
                # A second move may be the way back.
                others += [
                    other for other, one in zip(concerned, self.steps[:number], strict=False) if one.name in _MOVES
                ]
            # SQL and Python of one's own may concern any model.
            if result.verdict == CONTRACT and any(not other or not keys or other & keys for other in others):
                result.verdict = TRY
                result.why.append("another operation may take that back")

    def _judged(self, step: Step, before: ProjectState, after: ProjectState) -> Step:
        self._one: Any = step.operation
        self._after = after
        names = ("model_name", "old_name", "name")
        model = next((getattr(self._one, name) for name in names if hasattr(self._one, name)), "")
        self._key = (step.key[0], str(model).lower())
        self._model: ModelState | None = before.models.get(self._key)
        if step.part != "state":
            verdict, why = next(self._verdicts(), (TRY, "only a trial can tell"))
            if verdict != EXPAND:
                step.add(verdict, why)
        return step

    def _verdicts(self) -> _Verdicts:
        """The first counts; none: try it. A class derived from Django's may do anything else."""
        kind = type(self._one)
        if (kind is RunSQL and not self._one.sql) or (kind is RunPython and self._one.code is RunPython.noop):
            yield EXPAND, ""
        name = kind.__name__.removesuffix("Concurrently")
        rule = getattr(self, re.sub("(?=[A-Z])", "_", name).lower(), None)
        if not kind.__module__.startswith("django.") or (self._model and not self._model.options.get("managed", True)):
            return
        if _HARMLESS & {cls.__name__ for cls in kind.__mro__}:
            yield EXPAND, ""
        if self._key in self._made and rule:
            if name == "RenameModel":
                self._made.add((self._key[0], self._one.new_name_lower))
            yield EXPAND, ""
        try:
            yield from rule() if rule else ()
        except KeyError as error:
            raise TrialError(
                f"{name} of {'.'.join(self._key)}: there is no such model or field: {told(error)}"
            ) from error

    def _old(self) -> ModelState:
        if self._model is None:
            raise KeyError(self._key[1])
        return self._model

    def _create_model(self) -> _Verdicts:
        made = self._after.models[self._key]
        if all(_table(model) != _table(made) for key, model in self._after.models.items() if key != self._key):
            self._made.add(self._key)
            yield EXPAND, ""

    def _delete_model(self) -> _Verdicts:
        proxy = self._old().options.get("proxy")
        yield (EXPAND, "") if proxy else (CONTRACT, f"drops the table {_table(self._old())}")

    def _rename_model(self) -> _Verdicts:
        if _table(self._old()) != _table(self._after.models[self._key[0], self._one.new_name_lower]):
            yield (
                (TRY, "a proxy")
                if self._old().options.get("proxy")
                else (CONTRACT, f"renames the table {_table(self._old())}")
            )

    def _alter_model_table(self) -> _Verdicts:
        same = _table(self._old()) == _table(self._after.models[self._key])
        yield (EXPAND, "") if same else (CONTRACT, f"renames the table {_table(self._old())}")

    def _alter_order_with_respect_to(self) -> _Verdicts:
        before, after = self._old().options.get("order_with_respect_to"), self._one.order_with_respect_to
        if bool(before) != bool(after):
            yield CONTRACT, "adds or drops the column _order, which is NOT NULL"
        yield EXPAND, ""

    def _alter_unique_together(self) -> _Verdicts:
        before, after = self._old().options.get(self._one.option_name) or (), self._one.option_value or ()
        if {tuple(each) for each in after} <= {tuple(each) for each in before}:
            yield EXPAND, ""

    _alter_index_together = _alter_unique_together

    def _add_field(self) -> _Verdicts:
        field = self._one.field
        self._made.add((*self._key, self._one.name.lower()))
        if field.many_to_many:
            yield EXPAND, ""
        if not _is_django(field) or getattr(field, "generated", False) or field.primary_key:
            return
        by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
        if not field.null and not by_database:
            yield CONTRACT, f"adds {self._one.name} NOT NULL without a default of the database: old code leaves it out"
        if not (by_database and field.unique):
            yield EXPAND, ""

    def _remove_field(self) -> _Verdicts:
        name, field = self._one.name, self._old().fields[self._one.name]
        if (*self._key, name.lower()) in self._made or (
            field.many_to_many and getattr(field.remote_field, "through", None)
        ):
            yield EXPAND, ""
        yield CONTRACT, f"drops {'a table' if field.many_to_many else 'the column'} of {name}"

    def _rename_field(self) -> _Verdicts:
        name, new = self._one.old_name, self._after.models[self._key].fields[self._one.new_name]
        if (*self._key, name.lower()) in self._made:
            self._made.add((*self._key, self._one.new_name.lower()))
            yield EXPAND, ""
        old = self._old().fields[name]
        if not old.many_to_many:
            same = old.db_column and old.db_column == new.db_column
            yield (EXPAND, "") if same else (CONTRACT, f"renames the column of {name}")

    def _alter_field(self) -> _Verdicts:
        name = self._one.name
        old, new = self._old().fields[name], self._after.models[self._key].fields[name]
        plain = _is_django(old) and _is_django(new) and not (old.many_to_many or new.many_to_many)
        if (*self._key, name.lower()) in self._made or not plain:
            return
        if old.null and not new.null:
            yield CONTRACT, f"makes {name} NOT NULL: old code may write NULL"
        both_texts = type(old) is type(new) is models.CharField
        longer = both_texts and (old.max_length or _SHORT + 1) <= (new.max_length or 0) <= _SHORT
        if (differing := _differing(old, new)) is not None and differing <= {
            "null",
            *(["max_length"] if longer else []),
        }:
            yield EXPAND, ""

    def _add_index(self) -> _Verdicts:
        index = self._one.index
        named = [self._after.models[self._key].fields.get(name.lstrip("-")) for name in index.fields]
        plain = type(index) is models.Index and not (index.expressions or index.condition or index.include)
        if plain and all(field is not None and _is_django(field) and _fits_index(field) for field in named):
            yield EXPAND, ""


def _table(model: ModelState) -> str:
    return str(model.options.get("db_table") or f"{model.app_label}_{model.name_lower}")


def _is_django(field: Any) -> bool:
    return type(field).__module__.startswith("django.")


def _fits_index(field: Any) -> bool:
    endless = isinstance(field, models.TextField | models.JSONField | models.BinaryField) or hasattr(
        field, "base_field"
    )
    return not endless and (not isinstance(field, models.CharField) or 0 < (field.max_length or 0) <= _SHORT)


def _differing(old: Any, new: Any) -> set[str] | None:
    """The arguments that differ and concern the database; None where the classes do."""
    (_, path, args, given), (_, other, others, now) = old.deconstruct(), new.deconstruct()
    if path != other or args != others:
        return None
    names = {name for name in given.keys() | now.keys() if given.get(name) != now.get(name)}
    return names - (set(old.non_db_attrs) - {"db_column"}) - {"default"}
