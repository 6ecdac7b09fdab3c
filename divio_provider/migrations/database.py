"""The tables and columns there are after a number of operations, each traced to what it was at base.

Models are what code knows; this is what the database has. They differ where a SeparateDatabaseAndState or SQL of one's
own changed only one of them, and that is what makes the difference between expand and contract.
"""

from dataclasses import dataclass, field, replace

from divio_provider.migrations.fields import Field
from divio_provider.migrations.migration import Operation
from divio_provider.migrations.state import Model, State


@dataclass
class Column:
    """A column.

    Args:
        name: in lower case.
        trace: what it is, whatever it is renamed to: the same in every replay of the same migrations.
        at_base: whether it was there before the change.
        nullable, default: whether it takes NULL, and whether the database fills it in; None where that cannot be told.
        unique: whether no value may be there twice.
        given: the field that it was last declared by; None where it was made by SQL.
    """

    name: str
    trace: str
    at_base: bool = False
    nullable: bool | None = None
    default: bool | None = None
    unique: bool | None = False
    given: Field | None = None


@dataclass
class Table:
    """A table, with what is known of its columns."""

    name: str
    trace: str
    at_base: bool = False
    columns: dict[str, Column] = field(default_factory=dict)


class Database:
    """All tables that migrations made, and names of other things that SQL made. Unknown tables are old ones."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.made: set[str] = set()
        self.sql_at_base: list[str] = []
        self._traced = 0

    def copy(self) -> "Database":
        """Another one to go on from; a replay of the same operations on it traces alike."""
        other = Database()
        other.tables = {
            name: replace(table, columns={key: replace(column) for key, column in table.columns.items()})
            for name, table in self.tables.items()
        }
        other.made, other.sql_at_base = set(self.made), list(self.sql_at_base)
        other._traced = self._traced
        return other

    def at_base(self) -> "Database":
        """A copy in which everything counts as there before the change."""
        copied = self.copy()
        for table in copied.tables.values():
            table.at_base = True
            for column in table.columns.values():
                column.at_base = True
        copied.made = set()
        return copied

    def is_new(self, table: str) -> bool:
        """Whether the change made a table: no code of before knows it."""
        known = self.tables.get(table.lower())
        return known is not None and not known.at_base

    def column(self, table: str, name: str) -> Column | None:
        """A column by its table's name and its own."""
        known = self.tables.get(table.lower())
        return known.columns.get(name.lower()) if known else None

    def is_new_column(self, table: str, name: str) -> bool:
        """Whether the change made a column, or its whole table."""
        column = self.column(table, name)
        return self.is_new(table) or (column is not None and not column.at_base)

    def traced_table(self, trace: str) -> Table | None:
        """What became of a table."""
        return next((table for table in self.tables.values() if table.trace == trace), None)

    def traced(self, trace: str) -> Column | None:
        """What became of a column."""
        for table in self.tables.values():
            for column in table.columns.values():
                if column.trace == trace:
                    return column
        return None

    # --- What statements and operations do --------------------------------------------------------------------------

    def add_table(self, name: str) -> Table:
        """A new table."""
        known = self.tables.get(name.lower())
        if known is not None and known.at_base:
            # It cannot be made twice: what is there stays what it is.
            return known
        table = Table(name.lower(), self._trace(name))
        self.tables[table.name] = table
        return table

    def _trace(self, name: str) -> str:
        self._traced += 1
        return f"{name.lower()}#{self._traced}"

    def add_column(self, table: str, column: str, given: Field | None = None) -> Column:
        """A new column; of a table that we do not know, that table is an old one."""
        known = self.tables.get(table.lower())
        if known is None:
            known = self.add_table(table)
            known.at_base = True
        added = Column(column.lower(), self._trace(f"{table}.{column}"))
        known.columns[added.name] = added
        if given is not None:
            _declare(added, given)
        return added

    def known_column(self, table: str, name: str) -> Column:
        """A column, taken for an old one where we did not know it."""
        found = self.column(table, name)
        if found is None:
            found = self.add_column(table, name)
            found.at_base = not self.is_new(table)
        return found

    def drop_table(self, name: str) -> None:
        """A table is gone."""
        self.tables.pop(name.lower(), None)

    def drop_column(self, table: str, name: str) -> None:
        """A column is gone."""
        known = self.tables.get(table.lower())
        if known:
            known.columns.pop(name.lower(), None)

    def rename_table(self, old: str, new: str) -> None:
        """A table has another name."""
        table = self.tables.pop(old.lower(), None)
        if table is not None:
            table.name = new.lower()
            self.tables[table.name] = table

    def rename_column(self, table: str, old: str, new: str) -> None:
        """A column has another name."""
        known = self.tables.get(table.lower())
        column = known.columns.pop(old.lower(), None) if known else None
        if known and column:
            column.name = new.lower()
            known.columns[column.name] = column

    def apply(self, app: str, operation: Operation, before: State, after: State) -> None:
        """What one of Django's operations does; `before` and `after` are the models before it and after it."""
        kind = operation.kind
        if kind == "CreateModel":
            model = after.model(app, operation.names("name"))
            if model is not None and model.has_table:
                self._create(model)
        elif kind == "DeleteModel":
            model = before.model(app, operation.names("name"))
            if model is not None and model.has_table:
                self._delete(model)
        elif kind in {"RenameModel", "AlterModelTable"}:
            old = before.model(app, operation.names("old_name") or operation.names("name"))
            new = after.model(app, operation.names("new_name") or operation.names("name"))
            if old is not None and new is not None and new.has_table:
                self._rename(old, new)
        elif kind == "AlterOrderWithRespectTo":
            self._order(before.model(app, operation.names("name")), after.model(app, operation.names("name")))
        elif kind in {"AddField", "RemoveField", "AlterField", "RenameField"}:
            old = before.model(app, operation.names("model_name"))
            new = after.model(app, operation.names("model_name"))
            if old is not None and new is not None and new.has_table:
                self._field(old, new, operation)

    def _create(self, model: Model) -> None:
        self.add_table(model.table)
        for declared in model.fields.values():
            self._add(model, declared)
        if model.options.get("order_with_respect_to"):
            self.add_column(model.table, "_order")

    def _delete(self, model: Model) -> None:
        self.drop_table(model.table)
        for declared in model.fields.values():
            if declared.is_many and model.through_table(declared):
                self.drop_table(model.through_table(declared))

    def _rename(self, old: Model, new: Model) -> None:
        if old.table != new.table:
            self.rename_table(old.table, new.table)
        for declared in old.fields.values():
            through, now = old.through_table(declared), new.through_table(declared)
            if declared.is_many and through != now:
                self.rename_table(through, now)

    def _order(self, old: Model | None, new: Model | None) -> None:
        if old is None or new is None or not new.has_table:
            return
        had, has = old.options.get("order_with_respect_to"), new.options.get("order_with_respect_to")
        if has and not had:
            self.add_column(new.table, "_order").nullable = False
        elif had and not has:
            self.drop_column(new.table, "_order")

    def _add(self, model: Model, declared: Field) -> None:
        if declared.has_column:
            self.add_column(model.table, declared.column, declared)
        elif declared.is_many and model.through_table(declared):
            self.add_table(model.through_table(declared))

    def _field(self, old: Model, new: Model, operation: Operation) -> None:
        name = operation.names("name") or operation.names("old_name")
        had, has = old.field(name), new.field(operation.names("new_name") or name)
        if operation.kind == "AddField" and has is not None:
            self._add(new, has)
        elif operation.kind == "RemoveField" and had is not None:
            if had.is_many and old.through_table(had):
                self.drop_table(old.through_table(had))
            elif had.has_column:
                self.drop_column(old.table, had.column)
        elif had is not None and has is not None:
            self._change(old, new, had, has, altered=operation.kind == "AlterField")

    def _change(self, old: Model, new: Model, had: Field, has: Field, *, altered: bool) -> None:
        if had.is_many or has.is_many:
            through, now = old.through_table(had), new.through_table(has)
            if through and now and through != now:
                self.rename_table(through, now)
            return
        if had.has_column and has.has_column:
            if had.column != has.column:
                self.rename_column(new.table, had.column, has.column)
            column = self.known_column(new.table, has.column)
            if altered:
                # For a column that becomes NOT NULL Django sets Python's default for a moment, then drops any.
                fills = has["default"] is not None and had.nullable and not has.nullable
                _declare(column, has, keeps=not (fills or had.default_in_database))
            else:
                column.given = has


def _declare(column: Column, given: Field, *, keeps: bool = False) -> None:
    """What a field makes of its column. Python's defaults are no default of the database: Django drops them at once."""
    column.given = given
    column.nullable = given.nullable
    filled = given.default_in_database or given.kind == "GeneratedField" or given.is_auto
    column.default = filled or (keeps and column.default)
    column.unique = given.unique
