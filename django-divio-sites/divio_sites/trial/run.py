"""Trying a change: base on a scratch database, the change on a copy of it, operation by operation."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from io import StringIO
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import router
from django.db.migrations import Migration, RenameModel, RunSQL
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic

from divio_sites.trial import OperationError, TrialError, told
from divio_sites.trial.catalog import PREPARE, Facts
from divio_sites.trial.history import Applied, History
from divio_sites.trial.judgement import Findings, Judge
from divio_sites.trial.probes import OldCode
from divio_sites.trial.scratch import Scratch
from divio_sites.trial.source import UNCLEAR, Change, Step, is_code

_LEFT_OUT = re.compile(
    r"(?m)^(?:\\.*|CREATE SCHEMA public;|(?:ALTER .* OWNER TO|GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|COMMENT ON EXTENSION) .*;)$"
)
"""Of a dump: psql's own commands, and what needs roles of Live's server."""
_CONVERTERS = ("from_db_value", "get_prep_value", "get_db_prep_value", "get_db_prep_save", "encoder", "decoder")

_OPAQUE = re.compile(r"(?:^|;)\s*(?:DO|CALL)\b|\bDISABLE\s+TRIGGER\b|\bTYPE\b[^;]*\bUSING\b", re.IGNORECASE)
_BARRED = re.compile(r"\bALTER\b[^;]*\b(?:DROP|TYPE)\b", re.IGNORECASE)
"""What PostgreSQL refuses for a column that a trigger names."""


class Trial:
    """What comes after the `applied` migrations, tried beside the database of an alias.

    Args:
        schema: the text of a `pg_dump --schema-only` that is the base; "" to run the applied migrations.
        progress: told what is being done, such as `base, migration 12 of 240`.

    Raises:
        TrialError: the migrations cannot be loaded or run.
    """

    def __init__(self, applied: Applied, alias: str, schema: str = "", progress: Callable[[str], object] = str) -> None:
        self._alias, self._schema, self._progress = alias, schema, progress
        base, history = History(applied, as_applied=True), History(applied)
        self._state, self._change = history.old_state(), Change(history.added)
        self.steps: list[Step] = []
        self.notices = applied.notices + self._change.notices
        if history.added:
            with Scratch(alias) as self._scratch:
                self._run(base)

    def _run(self, base: History) -> None:
        """Try it with sample rows; where that fails, once more without."""
        empty, state, once = self._base(base)
        filled = self._scratch.make(template=empty)
        with self._scratch.cursor(filled) as cursor:
            old = OldCode(state, cursor)
        if self._schema and not any(table.identity for table in old.tables.values()):
            raise TrialError(
                "--schema: the dump has no table of the models at base; write it by pg_dump --schema-only."
            )
        self._once = once - _columns(state)
        try:
            self._attempt(old, filled, filled)
        except OperationError as error:
            place = len(self.steps) - 1
            self._attempt(old, filled, empty)
            self.steps[place].add(UNCLEAR, f"with sample rows it fails: {told(error.__cause__ or error)}")

    def _base(self, history: History) -> tuple[str, ProjectState, set[tuple[str, str]]]:
        """Make the base: its database, its models, and all columns that models had until then."""
        name, connection, once = self._scratch.make(), self._scratch.connection, set[tuple[str, str]]()
        self._scratch.use(name)
        state = ProjectState(real_apps=history.unmigrated_apps)
        doing = "--schema: the dump cannot be loaded" if self._schema else "The base cannot be made"
        try:
            if self._schema:
                with connection.cursor() as cursor:
                    cursor.execute(_LEFT_OUT.sub("", self._schema))
                # A dump empties the session's search_path.
                connection.close()
            else:
                command = MigrateCommand(stdout=StringIO(), stderr=StringIO())
                command.verbosity = 0
                command.sync_apps(connection, history.unmigrated_apps)
                MigrationRecorder(connection).ensure_schema()
            for number, migration in enumerate(history.applied, 1):
                doing = f"The base cannot be made, because {migration} fails (--schema takes Live's own schema)"
                self._progress(f"base, migration {number} of {len(history.applied)}")
                if self._schema:
                    state = migration.mutate_state(state, preserve=False)
                else:
                    with connection.schema_editor(atomic=migration.atomic) as editor:
                        state = migration.apply(state, editor)
                once |= _columns(state)
        except Exception as error:
            raise TrialError(f"{doing}: {told(error)}") from error
        with connection.cursor() as cursor:
            cursor.execute(PREPARE)
        connection.close()
        return name, state, once

    def _attempt(self, old: OldCode, filled: str, template: str) -> None:
        name = self._scratch.make(template=template)
        self._scratch.use(name)
        self.steps, facts, traces = [], old.base, list[Findings]()
        with self._scratch.cursor(filled) as base, self._scratch.cursor(name) as cursor:
            judge = Judge(old, (base, cursor), self._once, filled=template == filled)
            watcher = _Watcher(cursor, old.base)
            for step, migration, *states in self._change.walk(self._state.clone()):
                self._progress(f"{'.'.join(step.key)}: {step.name} {step.about}")
                self.steps.append(step)
                watcher.begin(step.operation, atomic=migration.atomic)
                if step.part != "state":
                    self._forward(step, migration, *states)
                watcher.end(step)
                _judge_converters(step, *states)
                self._judge_names(step)
                facts, was = Facts(cursor), facts
                differing = [fact for key, fact in (was | facts).items() if facts.get(key) != was.get(key)]
                relations = {fact.get("relation") or "" for fact in differing}
                traces.append(judge.look(facts, relations) if differing or not traces else traces[-1])
            last = judge.look(facts, [table.identity for table in old.tables.values()])
        # Each lasting finding is blamed on the operation since which it lasts; what only the last look saw, on the last one.
        for key, finding in last.items():
            lasts = next((number for number in range(len(traces), 0, -1) if key not in traces[number - 1]), 0)
            self.steps[min(lasts, len(traces) - 1)].add(*finding)

    def _judge_names(self, step: Step) -> None:
        """What an operation does elsewhere: by a router in another database, or to the rows of content types."""
        app, operation, old = step.key[0], step.operation, self._state.models
        names = (getattr(operation, name, "") for name in ("model_name_lower", "old_name_lower", "name_lower"))
        name, hints = next(filter(None, names), None), getattr(operation, "hints", {})
        if settings.DATABASE_ROUTERS and step.part != "state":
            model = {"model": self._state.apps.get_model(app, name)} if (app, name) in old else {}
            if not router.allow_migrate(self._alias, app, model_name=name, **model, **hints):
                step.add(UNCLEAR, f"a router keeps it out of the database «{self._alias}»: try it there (--database)")
        # Django's own receiver of pre_migrate does so, and only for operations that stand alone.
        renames = isinstance(operation, RenameModel) and not step.part and (app, name) in old
        if renames and apps.is_installed("django.contrib.contenttypes"):
            step.add(UNCLEAR, "its content type is renamed as well: old code no longer finds its generic relations")

    def _forward(self, step: Step, migration: Migration, before: ProjectState, after: ProjectState) -> None:
        """Run an operation in a transaction of its own."""
        connection, alone = self._scratch.connection, not migration.atomic and step.operation.atomic
        try:
            with (
                connection.schema_editor(atomic=migration.atomic) as editor,
                atomic(connection.alias) if alone else nullcontext(),
            ):
                step.operation.database_forwards(migration.app_label, editor, before, after)
        except (Exception, SystemExit) as error:
            raise step.failed(error) from error


def _columns(state: ProjectState) -> set[tuple[str, str]]:
    """The models' tables as (table, ""), and their columns as (table, column)."""
    models: list[Any] = [model._meta for model in state.apps.get_models(include_auto_created=True)]
    found = {(model.db_table, field.column) for model in models for field in model.local_concrete_fields}
    return found | {(model.db_table, "") for model in models}


def _judge_converters(step: Step, before: ProjectState, after: ProjectState) -> None:
    """A field that writes other bytes into the same column: old code cannot read what new code writes."""
    model, name = (step.key[0], getattr(step.operation, "model_name_lower", "")), getattr(step.operation, "name", "")
    old, new = (state.models[model].fields.get(name) if model in state.models else None for state in (before, after))
    if old and new:
        made = [getattr(one, converter, None) for one in (old, new) for converter in _CONVERTERS]
        own = any(one and not getattr(one, "__module__", "django.").startswith("django.") for one in made)
        (_, *was, given), (_, *is_, now) = old.deconstruct(), new.deconstruct()
        differing = {one for one in given.keys() | now.keys() if given.get(one) != now.get(one)}
        # The same field may be other code than at base: nobody writes such an operation for nothing.
        if own and not (was == is_ and differing and differing <= set(old.non_db_attrs)):
            what = f"is converted by other code of {type(new).__name__}: old code may not read what new code writes"
            step.add(UNCLEAR, f"{step.about} {what}")


class _Watcher:
    """What an operation does to rows of base's tables, from `begin` to `end`, as triggers on the changed database note it."""

    def __init__(self, cursor: Any, base: Facts) -> None:
        self._cursor = cursor
        self._functions = [fact["name"] for fact in base.of("object") if fact["kind"] == "function"]

    def begin(self, operation: Any, *, atomic: bool) -> None:
        """Forget what was noted; of SQL of one's own watch, if possible, updates of old columns that match no row as well."""
        self._cursor.execute("SELECT divio_trial.forget()")
        sql = operation.sql if isinstance(operation, RunSQL) else ""
        parts = sql if isinstance(sql, list | tuple) else [sql]
        text = "\n;".join(str(part[0] if isinstance(part, list | tuple) else part) for part in parts)
        self._sql = re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
        self._by_column = bool(sql and atomic and not _BARRED.search(self._sql))
        if self._by_column:
            self._cursor.execute("SELECT divio_trial.watch_columns()")

    def end(self, step: Step) -> None:
        """Add what the operation did to rows, and what of that cannot be judged."""
        self._cursor.execute("SELECT what, is_old FROM divio_trial.event ORDER BY number")
        events, unknown = dict(self._cursor.fetchall()), "what it does to other rows than the sample's is not known"
        for what, is_old in events.items():
            has_columns = any(other.startswith(f"{what}.") for other in events)
            if is_old is None and (self._by_column or (has_columns and not self._sql)):
                continue
            step.seen.append(what)
            # Django's own operations fill new columns; of an old one only a changed row tells.
            if (is_old or (is_old is None and self._sql)) and not is_code(step.operation):
                step.add(UNCLEAR, f"it {what}, which old code has")
        made = re.findall(r"(?:FUNCTION|PROCEDURE)\s+(?:\w+\.)?\"?(\w+)", self._sql, re.IGNORECASE)
        names = "|".join(map(re.escape, [*self._functions, *made])) or "$^"
        called = rf"\b(?:SELECT|WITH|UPDATE|INSERT|DELETE|VALUES|MERGE)\b[^;]*\b(?:{names})\"?\s*\("
        if is_code(step.operation):
            kind = "runs Python" if hasattr(step.operation, "code") else "is a class of somebody's own"
            step.add(UNCLEAR, f"{step.name} {kind}: {unknown}")
        elif _OPAQUE.search(self._sql) or re.search(called, self._sql, re.IGNORECASE):
            step.add(UNCLEAR, f"it computes values, calls code or switches triggers off in the database: {unknown}")
