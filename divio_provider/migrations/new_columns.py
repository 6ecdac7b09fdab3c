"""Columns that a change adds to a table that old code writes: its INSERTs do not name them."""

from dataclasses import dataclass

from divio_provider.migrations.fields import Field
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.state import Model, is_setting
from divio_provider.migrations.values import Name
from divio_provider.migrations.verdict import Verdict, contract, expand, undecided


@dataclass(frozen=True)
class Added:
    """A new column, as far as it matters to whoever does not know it.

    Args:
        where: `table.column`.
        nullable, filled, unique: takes NULL; gets a value from the database; no value twice. None: cannot be told.
        calculated: its value comes from other columns.
        counted: the database counts it up.
    """

    where: str
    nullable: bool | None
    filled: bool | None
    unique: bool | None = False
    calculated: bool = False
    counted: bool = False


def added_column(column: Added) -> Verdict:
    """Whether old code's INSERTs, which leave the column out, succeed."""
    where = f"new column {column.where}"
    if column.calculated:
        if column.unique:
            return contract(f"{where} is calculated and unique: rows that old code writes may come to the same value")
        return expand(f"{where} is calculated by the database")
    if column.counted:
        return expand(f"{where} is counted up by the database")
    if (column.nullable or column.filled) and column.unique and column.filled:
        return contract(f"{where} is unique and has a default: old code's second row gets the same value")
    if column.nullable:
        return expand(f"{where} takes NULL: old code's INSERTs may leave it out")
    if column.filled:
        return expand(f"{where} has a default in the database: old code's INSERTs may leave it out")
    if column.nullable is None or column.filled is None:
        return undecided(f"whether {where} takes NULL or has a default in the database is not written plainly")
    return contract(
        f"{where} is NOT NULL without a default in the database: old code's INSERTs leave it out and fail",
        "expand would be null=True, or db_default=… (Django 5.0 and newer)",
    )


def added_field(situation: Situation, model: Model, field: Field) -> Verdict:
    """A field that is new in a table that is not."""
    where = f"{model.table}.{field.column}"
    verdict = added_column(
        Added(
            where,
            field.nullable,
            field.default_in_database,
            field.unique,
            calculated=field.kind == "GeneratedField",
            counted=field.is_auto,
        )
    )
    if not verdict.harmless and not field.known and field["null"] is None:
        text = (
            f"{field.path} is no class of Django's and could not be read; unless it always takes NULL or has a default"
        )
        verdict = undecided(f"{text} in the database, old code's INSERTs, which leave {where} out, fail")
    if not verdict.harmless:
        return _in_the_end(situation, model, field, verdict)
    remark = ""
    if field.nullable and field["default"] is not None and not field.default_in_database:
        remark = "rows that old code writes have NULL here, not the default, which is Python's alone"
    return verdict.with_remarks(remark, unknown_to_old_code(situation, model, field))


def _in_the_end(situation: Situation, model: Model, field: Field, verdict: Verdict) -> Verdict:
    """A column that a later operation of the same change makes harmless is harmless."""
    column = situation.final_column(model.table, field.column)
    if column is None:
        # It is not there yet: AddField itself brings it, so it is looked up by its name.
        column = situation.final_database.column(model.table, field.column)
    if column is None or column.at_base:
        return verdict
    field = column.given or field
    final = added_column(Added(f"{model.table}.{column.name}", column.nullable, column.default, column.unique))
    if not final.harmless or (column.unique and field.unique is None):
        return verdict
    return final.with_remarks("only by a later operation of this change: until that has run, old code's INSERTs fail")


def unknown_to_old_code(situation: Situation, model: Model, field: Field) -> str:
    """A remark on a new relation to a model that old code knows: it cannot take new rows along when it deletes."""
    if not (field.is_relation or field.is_many) or field["db_constraint"] is False:
        return ""
    on_delete = field["on_delete"]
    if isinstance(on_delete, Name) and on_delete.last.startswith("DB_"):
        return ""
    target = field.target
    if target == "self":
        target = model.label.lower()
    if is_setting(target):
        named = "a user" if "AUTH_USER" in str(getattr(target, "path", "")) else "what it refers to"
    elif isinstance(target, str) and tuple(target.split(".", 1)) in situation.base.models:
        named = f"a {target}"
    else:
        return ""
    return f"old code does not know of this relation: where new rows refer to {named}, it cannot delete that"
