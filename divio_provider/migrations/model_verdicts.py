"""CreateModel, DeleteModel, RenameModel, AlterModelTable, AlterOrderWithRespectTo and AlterModelOptions."""

from divio_provider.migrations.field_verdicts import MADE_HERE, renamed_table
from divio_provider.migrations.migration import Operation
from divio_provider.migrations.new_columns import Added, added_column, unknown_to_old_code
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.state import Model, State
from divio_provider.migrations.verdict import Verdict, contract, expand, undecided, worst


def create_model(situation: Situation, operation: Operation) -> Verdict:
    """A new model."""
    model = situation.after.model(situation.app, operation.names("name"))
    if model is None:
        return undecided("the model's name is not written plainly")
    if not model.has_table:
        return _no_table(model)
    there = situation.database.tables.get(model.table)
    if there is not None and there.at_base:
        return undecided(f"table {model.table} is already there at base, so that this would fail")
    remarks = [unknown_to_old_code(situation, model, field) for field in model.fields.values()]
    return expand(f"makes table {model.table}, which old code does not use").with_remarks(*remarks)


def delete_model(situation: Situation, operation: Operation) -> Verdict:
    """A model that is gone."""
    model = situation.before.model(situation.app, operation.names("name"))
    if model is None:
        return contract(f"drops the table of {operation.names('name')}, which old code may read and write")
    if not model.has_table:
        return _no_table(model)
    return dropped_table(situation, model.table)


def dropped_table(situation: Situation, table: str) -> Verdict:
    """A table that is gone, by whatever way."""
    if situation.is_new_table(table):
        return expand(f"table {table} {MADE_HERE}")
    if situation.base_table(table) and not situation.base_models(table):
        return contract(
            f"drops table {table}: no model at base has it any more, but a mirror that is behind base may",
            "fits old code once every mirror runs base: that is what the phase contract waits for",
        )
    remark = "in two releases: first out of the models alone (SeparateDatabaseAndState with state_operations), then the table"
    return contract(f"drops table {table}, which old code reads and writes", remark)


def rename_model(situation: Situation, operation: Operation) -> Verdict:
    """A model under another name."""
    old_name, new_name = operation.names("old_name"), operation.names("new_name")
    old = situation.before.model(situation.app, old_name)
    new = situation.after.model(situation.app, new_name)
    if old is None or new is None:
        return contract(f"renames the table of {old_name}: old code may read and write it by its old name")
    if not old.has_table:
        return _no_table(old)
    parts = [renamed_table(situation, old.table, new.table)] if old.table != new.table else []
    parts += [
        renamed_table(situation, old.through_table(field), new.through_table(field))
        for field in old.fields.values()
        if field.is_many and old.through_table(field) != new.through_table(field)
    ]
    parts += _columns_of_through_tables(situation, situation.before, old, new)
    types = "old code looks for its content type (permissions, generic relations) by the old name"
    return worst(parts, f"the table stays {old.table} (db_table): no change in the database").with_remarks(
        types if situation.base.model(situation.app, old_name) else ""
    )


def _columns_of_through_tables(situation: Situation, state: State, old: Model, new: Model) -> list[Verdict]:
    """Tables of ManyToManyFields name a column after each model: `product_id`."""
    if old.name.lower() == new.name.lower():
        return []
    found: list[Verdict] = []
    for model in state.models.values():
        for field in model.fields.values():
            concerned = model.key == old.key or field.target == old.label.lower()
            table = model.through_table(field) if field.is_many and concerned and model.has_table else ""
            if table and not situation.is_new_table(table):
                column = f"{old.name}_id".lower()
                why = f"renames {table}.{column} to {new.name.lower()}_id: old code reads and writes {column}"
                found.append(contract(why))
    final = situation.final.model(situation.app, old.name)
    if final is not None and situation.base.model(situation.app, old.name):
        return [expand("its name is the same again in the end", "in between, old code fails")] if found else []
    return found


def alter_model_table(situation: Situation, operation: Operation) -> Verdict:
    """A table under another name."""
    old = situation.before.model(situation.app, operation.names("name"))
    new = situation.after.model(situation.app, operation.names("name"))
    if old is None or new is None:
        return contract(f"renames the table of {operation.names('name')}: old code may use its old name")
    if not old.has_table:
        return _no_table(old)
    if operation["table"] is not None and not isinstance(operation["table"], str):
        return undecided("the table's name is not written plainly")
    parts = [renamed_table(situation, old.table, new.table)] if old.table != new.table else []
    parts += [
        renamed_table(situation, old.through_table(field), new.through_table(field))
        for field in old.fields.values()
        if field.is_many and old.through_table(field) != new.through_table(field)
    ]
    return worst(parts, f"the table stays {old.table}: no change in the database")


def alter_order(situation: Situation, operation: Operation) -> Verdict:
    """`order_with_respect_to`, which is a column `_order`."""
    model = situation.before.model(situation.app, operation.names("name"))
    if model is not None and not model.has_table:
        return _no_table(model)
    if model is not None and situation.is_new_table(model.table):
        return expand(f"table {model.table} {MADE_HERE}")
    where = f"{model.table if model else operation.names('name')}._order"
    had = bool(model and model.options.get("order_with_respect_to"))
    has = operation["order_with_respect_to"] is not None
    if had == has:
        return expand("no change in the database")
    if has:
        return added_column(Added(where, nullable=False, filled=False))
    if model is not None and situation.is_new_column(model.table, "_order"):
        return expand(f"{where} {MADE_HERE}")
    return contract(f"drops {where}, which old code selects and inserts by name")


def alter_options(situation: Situation, operation: Operation) -> Verdict:
    """What is Django's business alone."""
    before = situation.before.model(situation.app, operation.names("name"))
    after = situation.after.model(situation.app, operation.names("name"))
    if before is not None and after is not None and before.has_table != after.has_table:
        return expand("no change in the database", "Django manages the table from now on, or no longer")
    return expand("no change in the database")


def _no_table(model: Model) -> Verdict:
    how = "is a proxy" if model.options.get("proxy") else "is not managed by Django"
    return expand(f"{model.label} {how}: no change in the database")
