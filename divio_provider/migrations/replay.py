"""Operations one after the other: what they leave behind, and what each of them is to old code."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from divio_provider.migrations import constraint_verdicts, field_verdicts, model_verdicts
from divio_provider.migrations.database import Database
from divio_provider.migrations.migration import Migration, Operation
from divio_provider.migrations.python_verdicts import run_python
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.sql_verdicts import apply_sql, run_sql
from divio_provider.migrations.state import State
from divio_provider.migrations.values import Call
from divio_provider.migrations.verdict import Phase, Verdict, contract, expand, undecided

Judge = Callable[[Situation, Operation], Verdict]


def _always(why: str, *remarks: str) -> Judge:
    return lambda _situation, _operation: expand(why, *remarks)


JUDGES: Mapping[str, Judge] = {
    "CreateModel": model_verdicts.create_model,
    "DeleteModel": model_verdicts.delete_model,
    "RenameModel": model_verdicts.rename_model,
    "AlterModelTable": model_verdicts.alter_model_table,
    "AlterModelTableComment": _always("only a comment changes"),
    "AlterUniqueTogether": constraint_verdicts.alter_unique_together,
    "AlterIndexTogether": _always("an index refuses nothing"),
    "AlterOrderWithRespectTo": model_verdicts.alter_order,
    "AlterModelOptions": model_verdicts.alter_options,
    "AlterModelManagers": _always("no change in the database"),
    "AddField": field_verdicts.add_field,
    "RemoveField": field_verdicts.remove_field,
    "AlterField": field_verdicts.alter_field,
    "RenameField": field_verdicts.rename_field,
    "AddIndex": constraint_verdicts.add_index,
    "AddIndexConcurrently": constraint_verdicts.add_index,
    "RemoveIndex": _always("an index that is gone refuses nothing"),
    "RemoveIndexConcurrently": _always("an index that is gone refuses nothing"),
    "RenameIndex": _always("no code names an index"),
    "AddConstraint": constraint_verdicts.add_constraint,
    "AddConstraintNotValid": constraint_verdicts.add_constraint,
    "RemoveConstraint": constraint_verdicts.remove_constraint,
    "AlterConstraint": _always("no change in the database"),
    "ValidateConstraint": _always("it looks at the rows there are; what may be written does not change"),
    "RunSQL": run_sql,
    "RunPython": run_python,
    "CreateCollation": _always("one more collation"),
    "RemoveCollation": lambda _, operation: contract(
        f"collation {operation.names('name')} is gone: old code may sort or compare by it"
    ),
    **dict.fromkeys(
        (
            "CreateExtension", "BloomExtension", "BtreeGinExtension", "BtreeGistExtension", "CITextExtension",
            "CryptoExtension", "HStoreExtension", "TrigramExtension", "UnaccentExtension",
        ),
        _always("one more extension"),
    ),
}  # fmt: skip
"""A judge for each of Django's operations but SeparateDatabaseAndState, which is its parts."""


@dataclass(frozen=True)
class Judged:
    """An operation with its verdict.

    Args:
        within: the operation that it is a part of, such as `SeparateDatabaseAndState`; empty for none.
    """

    migration: Migration
    operation: Operation
    verdict: Verdict
    within: str = ""

    @property
    def about(self) -> str:
        """What it is about, such as `shop.Product.price`; empty where that has no name."""
        operation, app = self.operation, self.migration.app
        model = operation.names("model_name")
        name = operation.names("name") or operation.names("old_name")
        if not name and "Constraint" in operation.kind:
            name = _name_of(operation["constraint"])
        if not name and operation.kind.startswith("AddIndex"):
            name = _name_of(operation["index"])
        if operation.kind.endswith(("Extension", "Collation")):
            return name
        return ".".join(part for part in (app, model, name) if part) if model or name else ""


def _name_of(value: object) -> str:
    name = value.options.get("name") if isinstance(value, Call) else None
    return name if isinstance(name, str) else ""


def run(app: str, operation: Operation, state: State, database: Database) -> None:
    """Bring models and database to where they are after an operation."""
    if operation.kind == "SeparateDatabaseAndState":
        # What happens in the database goes by models of its own, which are forgotten afterwards.
        models = state.copy()
        for inner in operation.database:
            run(app, inner, models, database)
        state.apply(app, operation)
        return
    before = state.copy()
    state.apply(app, operation)
    if operation.kind == "RunSQL":
        apply_sql(database, operation)
    else:
        database.apply(app, operation, before, state)


class Replay:
    """Judges the operations of a change in their order.

    Args:
        situation: models and database at base, and those in the end; `before`, `after` and `database` are overwritten.
    """

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.state = situation.base.copy()
        self.database = situation.base_database.copy()

    def judge(self, migration: Migration) -> Iterator[Judged]:
        """The verdicts on a migration's operations."""
        for operation in migration.operations:
            yield from self._operation(migration, operation)

    def _operation(self, migration: Migration, operation: Operation) -> Iterator[Judged]:
        if operation.kind == "SeparateDatabaseAndState":
            yield from self._separate(migration, operation)
            return
        verdict = self._verdict(migration, operation, self.state)
        yield Judged(migration, operation, verdict)
        run(migration.app, operation, self.state, self.database)

    def _separate(self, migration: Migration, operation: Operation) -> Iterator[Judged]:
        # What happens in the database goes by models of its own, which are forgotten afterwards.
        models = self.state.copy()
        for inner in operation.database:
            nested = replace(inner, note=inner.note or operation.note)
            yield Judged(migration, nested, self._verdict(migration, nested, models), operation.kind)
            run(migration.app, inner, models, self.database)
        if not operation.database:
            text = "only Django's idea of the models changes, nothing in the database"
            yield Judged(migration, operation, noted(self._state_only(migration.app, operation, text), operation))
        self.state.apply(migration.app, operation)

    def _state_only(self, app: str, operation: Operation, why: str) -> Verdict:
        remarks: list[str] = []
        for inner in operation.state:
            if inner.kind == "RemoveField":
                model = self.state.model(app, inner.names("model_name"))
                field = model.field(inner.names("name")) if model else None
                if model is None or field is None or not field.has_column:
                    continue
                column = self.database.column(model.table, field.column)
                if field.nullable is False and not (column and column.default):
                    where = f"{model.table}.{field.column}"
                    remarks.append(
                        f"{where} stays NOT NULL without a default: new code's INSERTs, which leave it out, fail"
                    )
        return expand(why, *remarks)

    def _verdict(self, migration: Migration, operation: Operation, models: State) -> Verdict:
        after = models.copy()
        after.apply(migration.app, operation)
        situation = replace(
            self.situation, app=migration.app, before=models, after=after, database=self.database.copy()
        )
        if operation.noop:
            return expand("it does nothing")
        judge = JUDGES.get(operation.kind)
        verdict = undecided(_stranger(operation)) if judge is None else judge(situation, operation)
        if operation.own and verdict.harmless:
            verdict = undecided(
                f"{operation.own} is a class of its own; what it derives from, {operation.kind}, were expand"
            )
        if operation.conditional:
            verdict = verdict.with_remarks("it stands below a condition: judged as if it ran")
        return noted(verdict, operation)


def noted(verdict: Verdict, operation: Operation) -> Verdict:
    """The verdict that a person gives in the code, with the reason; without a reason it does not count."""
    note = operation.note
    if note is None or not note.counts or note.phase is None:
        return verdict
    if verdict.phase is note.phase:
        why = f"said in line {note.line}: {note.reason}" if verdict.basis == "undecided" else verdict.why
        return Verdict(note.phase, why, "declared" if verdict.basis == "undecided" else verdict.basis, verdict.remarks)
    overruled = f"read, it would be {verdict.phase}: {verdict.why}" if verdict.basis == "judged" else ""
    return Verdict(
        note.phase, f"said in line {note.line}: {note.reason}", "declared", (overruled,) if overruled else ()
    )


def _stranger(operation: Operation) -> str:
    if operation.kind:
        return f"{operation.kind} is no operation of Django's"
    return f"{operation.text} is not written plainly"


def needed(judged: list[Judged]) -> Phase:
    """What a change needs: contract if anything in it does."""
    return Phase.EXPAND if all(item.verdict.harmless for item in judged) else Phase.CONTRACT
