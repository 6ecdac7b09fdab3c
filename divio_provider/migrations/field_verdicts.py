"""AddField, RemoveField, RenameField and AlterField."""

from divio_provider.migrations.alterations import altered
from divio_provider.migrations.fields import Field
from divio_provider.migrations.migration import Operation
from divio_provider.migrations.new_columns import added_field, unknown_to_old_code
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.state import Model
from divio_provider.migrations.verdict import Verdict, contract, expand, undecided

MADE_HERE = "is made by this same change: old code does not know it"


def add_field(situation: Situation, operation: Operation) -> Verdict:
    """A new field."""
    name = operation.names("model_name")
    model = situation.after.model(situation.app, name)
    field = model.field(operation.names("name")) if model else None
    if model is None or field is None:
        # A model of another app's, or one that we could not follow: the field alone tells enough.
        model = Model(situation.app, name, complete=False)
        field = situation.after.field(situation.app, operation.names("name"), operation["field"])
    untouched = _untouched(situation, model)
    if untouched:
        return untouched
    if field.is_many:
        if not model.through_table(field):
            return expand("its rows are those of another model: no change in the database")
        made = f"makes table {model.through_table(field)}, which old code does not use"
        return expand(made, unknown_to_old_code(situation, model, field))
    if not field.has_column:
        return expand(f"{field.kind} has no column: no change in the database")
    there = situation.database.column(model.table, field.column)
    if there is not None and there.at_base:
        return undecided(f"{model.table}.{field.column} is already there at base, so that this would fail")
    return added_field(situation, model, field)


def remove_field(situation: Situation, operation: Operation) -> Verdict:
    """A field that is gone."""
    app, name = situation.app, operation.names("name")
    model = situation.before.model(app, operation.names("model_name"))
    field = model.field(name) if model else None
    if model is None or field is None:
        return contract(f"drops {operation.names('model_name')}.{name}, which old code may select and insert by name")
    untouched = _untouched(situation, model)
    if untouched:
        return untouched
    if field.is_many:
        table = model.through_table(field)
        if not table:
            return expand("its rows are those of another model: no change in the database")
        if situation.is_new_table(table):
            return expand(f"table {table} {MADE_HERE}")
        return contract(f"drops table {table}, which old code reads and writes")
    if not field.has_column:
        return expand(f"{field.kind} has no column: no change in the database")
    return dropped_column(situation, model.table, field.column)


def dropped_column(situation: Situation, table: str, column: str) -> Verdict:
    """A column that is gone, by whatever way."""
    where = f"{table}.{column}"
    if situation.is_new_column(table, column):
        return expand(f"{where} {MADE_HERE}")
    models = situation.base_models(table)
    if models and not situation.old_code_knows(table, column):
        return contract(
            f"drops {where}: no model at base has it any more, but a mirror that is behind base may",
            "fits old code once every mirror runs base: that is what the phase contract waits for",
        )
    return contract(
        f"drops {where}, which old code selects and inserts by name",
        "in two releases: first out of the models alone (SeparateDatabaseAndState with state_operations), then the column",
    )


def rename_field(situation: Situation, operation: Operation) -> Verdict:
    """A field under another name."""
    app = situation.app
    old_name, new_name = operation.names("old_name"), operation.names("new_name")
    before = situation.before.model(app, operation.names("model_name"))
    after = situation.after.model(app, operation.names("model_name"))
    old = before.field(old_name) if before else None
    new = after.field(new_name) if after else None
    if before is None or after is None or old is None or new is None:
        named = operation.names("model_name")
        return contract(f"renames {named}.{old_name} to {new_name}: old code may use the old name")
    untouched = _untouched(situation, before)
    if untouched:
        return untouched
    if old.is_many:
        return renamed_table(situation, before.through_table(old), after.through_table(new))
    if not old.has_column:
        return expand(f"{old.kind} has no column: no change in the database")
    if old.column == new.column:
        return expand(f"the column stays {before.table}.{old.column} (db_column): no change in the database")
    return renamed_column(situation, before.table, old.column, new.column)


def renamed_column(situation: Situation, table: str, old: str, new: str) -> Verdict:
    """A column under another name, by whatever way."""
    where = f"{table}.{old}"
    if situation.is_new_column(table, old):
        return expand(f"{where} {MADE_HERE}")
    base, final = situation.base_column(table, old), situation.final_column(table, old)
    if base is not None and final is not None and base.name == final.name:
        return expand(f"{where} has the name {base.name} again in the end", "in between, old code fails")
    remark = "expand would be db_column with the old name: only Python's name changes then"
    return contract(f"renames {where} to {new}: old code selects and inserts {old} by name", remark)


def renamed_table(situation: Situation, old: str, new: str) -> Verdict:
    """A table under another name, by whatever way."""
    if old == new:
        return expand("no change in the database")
    if situation.is_new_table(old):
        return expand(f"table {old} {MADE_HERE}")
    known = situation.database.tables.get(old)
    final = situation.final_database.traced_table(known.trace) if known else None
    if final is not None and final.name == situation.base_table(old):
        return expand(f"the table has the name {final.name} again in the end", "in between, old code fails")
    return contract(f"renames table {old} to {new}: old code reads and writes {old}")


def alter_field(situation: Situation, operation: Operation) -> Verdict:
    """A field in another form."""
    app, name = situation.app, operation.names("name")
    before = situation.before.model(app, operation.names("model_name"))
    after = situation.after.model(app, operation.names("model_name"))
    old = before.field(name) if before else None
    new = after.field(name) if after else None
    if before is None or after is None or old is None or new is None:
        return undecided("what the field was before is in no migration at base, so that nobody can compare")
    untouched = _untouched(situation, before)
    if untouched:
        return untouched
    if old.is_many and new.is_many:
        return _many(situation, before, after, old, new)
    if not old.has_column and not new.has_column:
        return expand(f"{new.kind} has no column: no change in the database")
    if not old.has_column or not new.has_column:
        return undecided(f"Django does not turn {old.kind or old.path} into {new.kind or new.path}")
    if situation.is_new_column(before.table, old.column):
        return added_field(situation, after, new)
    verdict = altered(situation, before.table, old, new)
    return verdict if verdict.harmless else _in_the_end(situation, before.table, old, verdict)


def _in_the_end(situation: Situation, table: str, old: Field, verdict: Verdict) -> Verdict:
    base, final = situation.base_column(table, old.column), situation.final_column(table, old.column)
    if base is None or final is None or base.given is None or final.given is None:
        return verdict
    whole = altered(situation, table, base.given, final.given)
    if not whole.harmless:
        return verdict
    return expand("a later operation of this change takes it back", "in between, old code may fail", *whole.remarks)


def _many(situation: Situation, before: Model, after: Model, old: Field, new: Field) -> Verdict:
    if old["through"] != new["through"]:
        return undecided("Django does not alter the through= of a ManyToManyField")
    table, now = before.through_table(old), after.through_table(new)
    if table != now:
        return renamed_table(situation, table, now)
    if old.target != new.target and table:
        if situation.is_new_table(table):
            return expand(f"table {table} {MADE_HERE}")
        return contract(f"table {table} refers to another model: old code reads and writes its old column")
    return expand("no change in the database")


def _untouched(situation: Situation, model: Model) -> Verdict | None:
    """What is always harmless: a model without a table of Django's, and a table that is new."""
    if not model.has_table:
        how = "is a proxy" if model.options.get("proxy") else "is not managed by Django"
        return expand(f"{model.label} {how}: no change in the database")
    if situation.is_new_table(model.table):
        return expand(f"table {model.table} {MADE_HERE}")
    return None
