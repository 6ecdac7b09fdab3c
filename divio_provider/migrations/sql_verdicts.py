"""RunSQL, statement by statement, and what django-migration-linter says of it."""

import re
from collections.abc import Iterable
from dataclasses import replace

from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from divio_provider.migrations.acts import Act, Does, perform
from divio_provider.migrations.columns import takes_all_of, type_in_sql, type_of
from divio_provider.migrations.constraint_verdicts import LOCKS, unique_columns
from divio_provider.migrations.database import Database
from divio_provider.migrations.field_verdicts import MADE_HERE, dropped_column, renamed_column, renamed_table
from divio_provider.migrations.migration import Operation
from divio_provider.migrations.model_verdicts import dropped_table
from divio_provider.migrations.new_columns import Added, added_column
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.statements import acts_in
from divio_provider.migrations.values import Name
from divio_provider.migrations.verdict import Verdict, contract, expand, undecided, worst


def texts_of(value: object) -> list[str] | None:
    """The SQL of a RunSQL: a text, or a list of texts and (text, parameters). None where it cannot be read."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Name) and value.path.endswith("RunSQL.noop"):
        return []
    if not isinstance(value, (list, tuple)):
        return None
    found: list[str] = []
    for item in value:
        text = item[0] if isinstance(item, (list, tuple)) and item else item
        if not isinstance(text, str):
            return None
        found.append(text)
    return found


def run_sql(situation: Situation, operation: Operation) -> Verdict:
    """SQL of one's own."""
    texts = texts_of(operation["sql"])
    if texts is None:
        return undecided("its SQL is not written plainly in the migration")
    return judge_sql(situation, texts)


def apply_sql(database: Database, operation: Operation) -> None:
    """Keep track of what a RunSQL does to tables and columns."""
    for text in texts_of(operation["sql"]) or ():
        database.sql_at_base.append(text.lower())
        for _, acts in acts_in(text):
            for act in acts:
                perform(database, act)


def judge_sql(situation: Situation, texts: Iterable[str]) -> Verdict:
    """What statements are to old code, one after the other."""
    found: list[Verdict] = []
    now = replace(situation, database=situation.database.copy())
    for text in texts:
        for statement, acts in acts_in(text):
            for act in acts:
                found.append(_second_opinion(statement, _judge(now, act)))
                perform(now.database, act)
    return worst(found, "it does nothing")


def _judge(situation: Situation, act: Act) -> Verdict:
    if act.does is Does.NOTHING:
        return expand(act.why)
    if act.does is Does.UNCLEAR:
        return undecided(act.why)
    for judges in (_of_tables, _of_columns, _of_rules, _of_rows):
        verdict = judges(situation, act)
        if verdict is not None:
            return verdict
    return _of_things(situation, act)


def _of_tables(situation: Situation, act: Act) -> Verdict | None:
    if act.does is Does.CREATE_TABLE:
        return expand(f"makes table {act.table}, which old code does not use")
    if act.does is Does.DROP_TABLE:
        return dropped_table(situation, act.table)
    if act.does is Does.RENAME_TABLE:
        return renamed_table(situation, act.table, act.other)
    if act.table and act.does is not Does.INSERT and situation.is_new_table(act.table):
        return expand(f"table {act.table} {MADE_HERE}")
    return None


def _of_columns(situation: Situation, act: Act) -> Verdict | None:
    table, column = act.table, act.column
    where = f"{table}.{column}"
    if act.does is Does.ADD_COLUMN:
        return _added(situation, act)
    if act.does is Does.DROP_COLUMN:
        return dropped_column(situation, table, column)
    if act.does is Does.RENAME_COLUMN:
        return renamed_column(situation, table, column, act.other)
    if act.does is Does.CHANGE_TYPE:
        return _type(situation, act)
    if act.does is Does.DROP_NOT_NULL:
        return expand(f"{where} now takes NULL")
    if act.does is Does.SET_DEFAULT:
        return expand(f"{where} gets a value where old code gives none")
    if act.does not in {Does.SET_NOT_NULL, Does.DROP_DEFAULT}:
        return None
    final = situation.final_column(table, column)
    if situation.is_new_column(table, column):
        known = situation.database.column(table, column)
        nullable = final.nullable if final else known.nullable if known else None
        filled = final.default if final else known.default if known else None
        return added_column(Added(where, nullable, filled, known.unique if known else None))
    if act.does is Does.SET_NOT_NULL:
        return contract(f"{where} becomes NOT NULL: old code may still write NULL")
    base = situation.base_column(table, column)
    given = base.given if base is not None and situation.old_code_knows(table, column) else None
    if given is not None and not given.default_in_database and not given.is_auto:
        return expand(f"{where} has no default any more; old code always gives it a value of its own")
    return contract(f"{where} has no default any more: old code may leave it to the database")


def _added(situation: Situation, act: Act) -> Verdict:
    final = situation.final_column(act.table, act.column) or situation.final_database.column(act.table, act.column)
    nullable, filled = act.nullable, act.filled
    if final is not None and not final.at_base and final.nullable is not None and final.default is not None:
        # What counts is how it is in the end; what tightens it is judged where it stands.
        nullable, filled = act.nullable or final.nullable, act.filled or final.default
    there = situation.database.column(act.table, act.column)
    if there is not None and there.at_base:
        return expand(f"{act.table}.{act.column} is already there at base")
    where = f"{act.table}.{act.column}"
    return added_column(Added(where, nullable, filled, act.unique, calculated=act.calculated))


def _type(situation: Situation, act: Act) -> Verdict:
    where = f"{act.table}.{act.column}"
    base = situation.base_column(act.table, act.column)
    given = base.given if base else None
    if given is None:
        models = [model for model in situation.base_models(act.table) if model.complete]
        fields = [field for model in models for field in model.fields.values() if field.column == act.column]
        given = fields[0] if fields else None
    old, new = (type_of(given) if given else None), type_in_sql(act.other)
    if situation.is_new_column(act.table, act.column):
        return expand(f"{where} {MADE_HERE}")
    if old is not None and new is not None and takes_all_of(replace(new, counted=old.counted), old):
        return expand(f"{where} goes from {old} to {new}, which takes all that old code writes")
    if old is None or new is None:
        return undecided(f"{where} becomes {act.other}, and whether that takes all that old code writes")
    return contract(f"{where} goes from {old} to {new}: old code writes and reads the old type")


def _of_rules(situation: Situation, act: Act) -> Verdict | None:
    if act.does is Does.INDEX:
        return expand("an index refuses nothing", "" if act.other else LOCKS)
    if act.does is Does.UNIQUE:
        if not act.columns:
            return contract(f"a rule that rows of {act.table} must not be alike: old code may write such")
        return unique_columns(situation, act.table, act.columns)
    if act.does is Does.REFUSE:
        if act.columns and all(situation.is_new_column(act.table, column) for column in act.columns):
            return expand(f"{act.why} on new columns, which old code leaves out")
        return contract(f"{act.why} on {act.table}: old code may write what it refuses")
    if act.does is Does.WATCH:
        return undecided(f"what {act.other} does when old code writes to {act.table}")
    return None


def _of_rows(situation: Situation, act: Act) -> Verdict | None:
    table = act.table
    if act.does is Does.INSERT:
        return expand(f"adds rows to {table}", "" if situation.is_new_table(table) else "old code sees these rows too")
    if act.does is Does.DELETE:
        return contract(f"{act.why} {table}, which old code may need")
    if act.does is not Does.UPDATE:
        return None
    old = [column for column in act.columns if not situation.is_new_column(table, column)]
    known = [column for column in old if situation.old_code_knows(table, column) or not situation.base_models(table)]
    if act.columns and not old:
        return expand(f"fills new columns of {table}, which old code does not know", LATER)
    if act.columns and not known:
        return expand(f"changes columns of {table} that no model of old code has", LATER)
    shown = ", ".join(known or old) or "rows"
    return undecided(f"whether old code understands the new values of {table} ({shown}), and goes on writing old ones")


LATER = "rows that old code writes afterwards are not filled: do it once more when every site runs the new code"


def _of_things(situation: Situation, act: Act) -> Verdict:
    named = f"{act.why} {act.other}"
    if act.does is Does.MAKE:
        return expand(f"makes {named}")
    if act.does is Does.REPLACE:
        before = any(re.search(rf"\b{re.escape(act.other)}\b", text) for text in situation.base_database.sql_at_base)
        before = before or bool(situation.base_models(act.other))
        return undecided(f"what {named} was before, for old code") if before else expand(f"makes {named}")
    if act.other in situation.database.made:
        return expand(f"{named} {MADE_HERE}")
    if act.why in {"trigger", "rule", "policy", "constraint"}:
        return undecided(f"whether old code relies on {named}")
    return contract(f"drops {named}, which old code or the database may use")


def _second_opinion(statement: str, verdict: Verdict) -> Verdict:
    """What django-migration-linter finds in a statement that we could not judge."""
    if verdict.basis != "undecided":
        return verdict
    text = " ".join(statement.split()).upper()
    errors, _, _ = analyse_sql_statements(PostgresqlAnalyser, [text])
    if not errors:
        return verdict
    found = ", ".join(dict.fromkeys(error.message.partition(" (")[0] for error in errors))
    return contract(f"django-migration-linter finds in it: {found}")
