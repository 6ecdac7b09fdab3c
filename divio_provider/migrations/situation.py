"""What an operation is judged in: what was before it, what is after it, what was at base and what is in the end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from divio_provider.migrations.database import Column, Database
from divio_provider.migrations.state import Model, State


@dataclass(frozen=True)
class Situation:
    """The surroundings of one operation.

    Args:
        app: the label of its migration's app.
        before, after: the models before it and after it.
        database: the database before it.
        base, base_database: models and database that old code knows.
        final, final_database: those after the whole change.
        sources: the project's files by path, for code that a migration imports.
        project: the project's folder, relative to the repository's root.
    """

    app: str
    before: State
    after: State
    database: Database
    base: State
    base_database: Database
    final: State
    final_database: Database
    sources: Mapping[str, str]
    project: str = ""

    def base_table(self, table: str) -> str:
        """The name that a table had at base; empty where it is new or was never seen."""
        known = self.database.tables.get(table.lower())
        found = self.base_database.traced_table(known.trace) if known else None
        return found.name if found else ""

    def base_column(self, table: str, column: str) -> Column | None:
        """What a column was at base."""
        known = self.database.column(table, column)
        return self.base_database.traced(known.trace) if known else None

    def final_column(self, table: str, column: str) -> Column | None:
        """What becomes of a column in the end; None where it is gone or was never seen."""
        known = self.database.column(table, column)
        return self.final_database.traced(known.trace) if known else None

    def base_models(self, table: str) -> list[Model]:
        """The models with which old code uses a table."""
        name = self.base_table(table) or table.lower()
        return [model for model in self.base.models.values() if model.table == name]

    def old_code_knows(self, table: str, column: str) -> bool:
        """Whether a model of old code has a column, or may have it."""
        known = self.base_column(table, column)
        name = known.name if known else column.lower()
        models = self.base_models(table)
        return any(not model.complete or name in columns_of(model) for model in models)

    def is_new_table(self, table: str) -> bool:
        """Whether the change itself makes a table."""
        return self.database.is_new(table)

    def is_new_column(self, table: str, column: str) -> bool:
        """Whether the change itself makes a column."""
        return self.database.is_new_column(table, column)

    def held_at_base(self, table: str, columns: Iterable[str]) -> bool:
        """Whether old code could never write two rows alike in these columns, because of what base already had."""
        names: set[str] = set()
        for column in columns:
            known = self.base_column(table, column)
            if known is not None:
                names.add(known.name)
        return any(unique <= names for model in self.base_models(table) for unique in uniques_of(model))


def columns_of(model: Model) -> set[str]:
    """The names of a model's columns, in lower case."""
    found = {field.column for field in model.fields.values() if field.has_column}
    return found | {"_order"} if model.options.get("order_with_respect_to") else found


def uniques_of(model: Model) -> list[frozenset[str]]:
    """The sets of columns in which no two rows of a model are alike."""
    found = [frozenset({field.column}) for field in model.fields.values() if field.has_column and field.unique]
    named: list[object] = list(model.together)
    named += [
        constraint.options.get("fields")
        for constraint in model.constraints
        if constraint.last == "UniqueConstraint" and not {"condition", "nulls_distinct"} & constraint.options.keys()
    ]
    for names in named:
        columns = model.columns(names)
        if columns:
            found.append(frozenset(columns))
    return found
