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
from django.db.migrations import AlterField, Migration, RenameModel, RunSQL
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic

from divio_sites.trial import OperationError, TrialError, told
from divio_sites.trial.catalog import PREPARE, Facts
from divio_sites.trial.history import Applied, History
from divio_sites.trial.judgement import Findings, Judge
from divio_sites.trial.scratch import Scratch
from divio_sites.trial.source import EXPAND, UNCLEAR, Change, Step, differing, is_code, is_django

_LEFT_OUT = re.compile(
    r"(?m)^(?:\\.*|CREATE SCHEMA public;|(?:ALTER .* OWNER TO|GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|COMMENT ON EXTENSION) .*;)$"
)
"""Of a dump: psql's own commands, and what needs roles of Live's server."""
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_DDL = re.compile(
    r"(?:CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\b.*|(?!.*\b(?:SELECT|EXECUTE|TRIGGER|TYPE\b.*\bUSING)\b)"
    r"(?:CREATE\s+(?:UNIQUE\s+)?(?:TABLE|INDEX|EXTENSION)|ALTER\s+(?:TABLE|INDEX|VIEW)|DROP\s+(?:TABLE|INDEX|VIEW)|COMMENT\s+ON)\b.*"
    r"|SET\s+(?:LOCAL\s+)?(?:lock|statement)_timeout\b.*)?",
    re.IGNORECASE | re.DOTALL,
)
"""A statement that does nothing to rows and calls no code, so that the catalog tells all that it does."""


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
        empty, self._old, self._once = self._base(base)
        filled = self._scratch.make(template=empty)
        with self._scratch.cursor(filled) as cursor:
            cursor.execute("SELECT divio_trial.fill()")
        try:
            self._attempt(filled, filled)
        except OperationError as error:
            place = len(self.steps) - 1
            self._attempt(filled, empty)
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

    def _attempt(self, base: str, template: str) -> None:
        name = self._scratch.make(template=template)
        self._scratch.use(name)
        self.steps, traces, last = [], list[Findings](), None
        with self._scratch.cursor(base) as unchanged, self._scratch.cursor(name) as cursor:
            judge = Judge(self._old, self._once, unchanged)
            if self._schema and not judge.labels:
                text = "--schema: the dump has no table of the models at base; write it by pg_dump --schema-only."
                raise TrialError(text)
            for step, migration, *states in self._change.walk(self._state.clone()):
                self._progress(f"{'.'.join(step.key)}: {step.name} {step.about}")
                self.steps.append(step)
                cursor.execute("TRUNCATE divio_trial.event")
                if step.part != "state":
                    self._forward(step, migration, *states)
                facts = Facts(cursor)
                self._judge(step, facts, *states)
                traces.append(traces[-1] if facts == last else judge.look(facts))
                last = facts
                cursor.execute("SELECT what, bool_or(is_old) FROM divio_trial.event GROUP BY what ORDER BY min(number)")
                for what, is_old in cursor.fetchall():
                    step.seen.append(what)
                    # Django's own operations fill new columns as well.
                    if is_old and step.verdict == EXPAND:
                        step.add(UNCLEAR, f"it {what}, which old code has")
        # Each lasting finding is blamed on the operation since which it lasts.
        for key, finding in traces[-1].items():
            lasts = next((number for number in range(len(traces), 0, -1) if key not in traces[number - 1]), 0)
            self.steps[lasts].add(*finding)

    def _judge(self, step: Step, facts: Facts, before: ProjectState, after: ProjectState) -> None:
        """What the catalog does not tell: rows, what fields make of a column, other databases and content types."""
        app, operation = step.key[0], step.operation
        names = (getattr(operation, name, "") for name in ("model_name_lower", "old_name_lower", "name_lower"))
        name, hints = next(filter(None, names), None), getattr(operation, "hints", {})
        unknown = "what it does to other rows than the sample's is not known"
        if is_code(operation):
            kind = "runs Python" if hasattr(operation, "code") else "is a class of somebody's own"
            step.add(UNCLEAR, f"{step.name} {kind}: {unknown}")
        elif isinstance(operation, RunSQL) and not _is_plain(operation.sql, facts):
            step.add(UNCLEAR, f"{step.name} does more than plain CREATE, ALTER and DROP: {unknown}")
        elif isinstance(operation, AlterField) and _is_converted(
            operation.name, before.models[app, name], after.models[app, name]
        ):
            what = "is converted by code of somebody's own: old code may not read what new code writes"
            step.add(UNCLEAR, f"{step.about} {what}")
        if settings.DATABASE_ROUTERS and step.part != "state":
            model = {"model": before.apps.get_model(app, name)} if (app, name) in before.models else {}
            if not router.allow_migrate(self._alias, app, model_name=name, **model, **hints):
                step.add(UNCLEAR, f"a router keeps it out of the database «{self._alias}»: try it there (--database)")
        # Django's own receiver of pre_migrate does so, and only for operations that stand alone.
        renames = isinstance(operation, RenameModel) and not step.part and (app, name) in self._state.models
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


def _is_converted(name: str, old: Any, new: Any) -> bool:
    """Whether an AlterField may make a field write other bytes into the same column than old code reads there."""
    was, is_ = old.fields[name], new.fields[name]
    # The same field may be other code than at base: nobody writes such an operation for nothing.
    changes = differing(was, is_) or was.deconstruct()[1:] == is_.deconstruct()[1:]
    return (
        bool(changes) if not (is_django(was) and is_django(is_)) else bool(differing(was, is_) & {"encoder", "decoder"})
    )


def _is_plain(sql: Any, facts: Facts) -> bool:
    """Whether SQL of one's own does nothing but what the catalog tells."""
    parts = sql if isinstance(sql, list | tuple) else [sql]
    text = ";".join(str(part[0] if isinstance(part, list | tuple) else part) for part in parts)
    functions = {fact["name"] for fact in facts.of("object") if fact["kind"] == "function"}
    if set(text) & set("\\$") or set(re.findall(r"\w+", text)) & functions:
        return False
    bare = _TOKEN.sub(lambda found: " " if found[0].startswith(("--", "/*")) else "''", text)
    return all(_DDL.fullmatch(one.strip()) for one in bare.split(";"))
