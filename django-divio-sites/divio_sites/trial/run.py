"""Trying a change: base on a scratch database, the change on a copy of it, operation by operation."""

import re
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import models
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic

from divio_sites.trial.catalog import WATCH, Facts, facts_of
from divio_sites.trial.errors import TrialError
from divio_sites.trial.history import Applied, History
from divio_sites.trial.judgement import Findings, Judge
from divio_sites.trial.probes import Prober, tables_of
from divio_sites.trial.results import UNCLEAR, Result
from divio_sites.trial.scratch import Scratch
from divio_sites.trial.steps import Change, Step, is_code, is_sql, told
from divio_sites.trial.watcher import Watcher

_LEFT_OUT = re.compile(
    r"(?m)^(?:\\.*|(?:ALTER .* OWNER TO|GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|COMMENT ON EXTENSION) .*;)$"
)
"""Of a dump: psql's own commands, and what needs roles of Live's server."""


@dataclass
class Trial:
    """A change, tried.

    Args:
        applied: what is applied before it.
        alias: the alias of `DATABASES`.
        schema: the text of a `pg_dump --schema-only` that is the base; "" to run the applied migrations.
        progress: told what is being done, such as `base 12 of 240`.

    Raises:
        TrialError: the migrations cannot be loaded or run.
    """

    applied: Applied
    alias: str
    schema: str = ""
    progress: Callable[[str], None] = lambda _: None
    results: list[Result] = field(default_factory=list)
    notices: list[tuple[str, int, str]] = field(default_factory=list)

    def run(self) -> "Trial":
        """Try it."""
        self.progress("reading migrations")
        base, history = History(self.applied, as_applied=True), History(self.applied)
        self._state = history.old_state()
        self.change = Change(history.added)
        self.notices = [(file, 0, text) for file, text in self.applied.notices] + self.change.notices
        if not history.added:
            return self
        with Scratch(self.alias) as self._scratch:
            empty = self._base(base)
            self._filled = self._scratch.make(template=empty)
            with self._scratch.cursor(self._filled) as cursor:
                tables = tables_of(self._old_state, cursor, cursor.db.ops.quote_name)
                self._old = Prober(cursor, tables, facts_of(cursor))
                for table in tables.values():
                    self._old.learn(table)
                self._old.sample()
                cursor.execute(WATCH)
            self._attempts(empty)
        return self

    # --- The base ---------------------------------------------------------------------------------------------------

    def _base(self, history: History) -> str:
        name = self._scratch.make()
        self._scratch.use(name)
        connection = self._scratch.connection
        state = history.empty_state()
        self._once: set[tuple[str, str]] = set()
        if self.schema:
            self._load_dump(connection)
        else:
            command = MigrateCommand(stdout=StringIO(), stderr=StringIO())
            command.verbosity = 0
            command.sync_apps(connection, history.unmigrated_apps)
            MigrationRecorder(connection).ensure_schema()
        for number, migration in enumerate(history.applied, 1):
            self.progress(f"base, migration {number} of {len(history.applied)}")
            state = migration.mutate_state(state, preserve=False) if self.schema else self._apply(migration, state)
            self._once |= _columns(state, migration.app_label)
        self._once -= {one for label in {app for app, _ in state.models} for one in _columns(state, label)}
        self._old_state = state
        connection.close()
        return name

    def _load_dump(self, connection: Any) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(_LEFT_OUT.sub("", self.schema).replace("CREATE SCHEMA public;", ""))
        except Exception as error:
            raise TrialError(f"--schema: the dump cannot be loaded: {told(error)}") from error
        # A dump empties the session's search_path.
        connection.close()

    def _apply(self, migration: Migration, state: ProjectState) -> ProjectState:
        try:
            with self._scratch.connection.schema_editor(atomic=migration.atomic) as editor:
                return migration.apply(state, editor)
        except Exception as error:
            raise TrialError(
                f"The base cannot be made, because {migration} fails: {told(error)} (--schema takes Live's own schema)"
            ) from error

    # --- The change -------------------------------------------------------------------------------------------------

    def _attempts(self, empty: str) -> None:
        """With sample rows and a trigger for each column; without what is in the way of an operation."""
        stopped: _OperationError | None = None
        place = 0
        for template, watch in ((self._filled, True), (self._filled, False), (empty, True), (empty, False)):
            try:
                self._attempt(template, watch=watch)
            except _OperationError as error:
                if template == self._filled or stopped is None:
                    stopped, place = error, len(self.results) - 1
                last = error
                continue
            if template == empty and stopped:
                self.results[place].add(UNCLEAR, f"with sample rows it fails: {stopped.why}")
            return
        step = last.step
        raise TrialError(f"{step.file}, line {step.line}: {step.name} {step.about} cannot be run: {last.why}")

    def _attempt(self, template: str, *, watch: bool) -> None:
        name = self._scratch.make(template=template)
        self._scratch.use(name)
        self.results = []
        with ExitStack() as stack:
            base, tables = self._old.base, self._old.tables
            old, cursor = (stack.enter_context(self._scratch.cursor(one)) for one in (self._filled, name))
            if template != self._filled:
                cursor.execute(WATCH)
            self._old = Prober(old, tables, base, self._old.fixed)
            judge = Judge(base, self._old, Prober(cursor, tables, base, self._old.fixed), self._once)
            watcher = Watcher(cursor, base)
            traces: list[Findings] = []
            facts = base
            for step, migration, before, after in self.change.walk(self._state.clone()):
                self.progress(f"{'.'.join(step.key)}: {step.name} {step.about}")
                result = Result(step)
                self.results.append(result)
                columns = watch and is_sql(step.operation) and bool(migration.atomic)
                watcher.begin(columns=columns, sequences=is_sql(step.operation))
                ran = step.part != "state" and self._forward(step, migration, before, after)
                self._of_converters(result, before, after)
                now = facts_of(cursor) if ran else facts
                watcher.end(result, now)
                touched = _touched(facts, now)
                if touched or not traces:
                    judge.look(now, [table.name for table in tables.values() if table.identity in touched])
                    traces.append(judge.findings())
                else:
                    traces.append(traces[-1])
                facts = now
            judge.look(facts, list(tables))
            self._blame(traces, judge.findings())

    def _blame(self, traces: list[Findings], last: Findings) -> None:
        """Give each lasting finding to the operation since which it lasts; one that only the last look saw, to the last one."""
        for key, (verdict, why) in last.items():
            since = len(traces)
            while since and key in traces[since - 1]:
                since -= 1
            self.results[min(since, len(traces) - 1)].add(verdict, why)

    def _forward(self, step: Step, migration: Migration, before: ProjectState, after: ProjectState) -> bool:
        """Run an operation in a transaction of its own; whether it may have changed the database."""
        operation, app = step.operation, migration.app_label
        connection = self._scratch.connection
        ran: list[str] = []

        def noting(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            ran.append(sql)
            return execute(sql, *rest)

        try:
            with (
                connection.execute_wrapper(noting),
                connection.schema_editor(atomic=migration.atomic) as editor,
            ):
                alone = not editor.atomic_migration and (
                    operation.atomic or (migration.atomic and operation.atomic is not False)
                )
                with atomic(connection.alias) if alone else nullcontext():
                    operation.database_forwards(app, editor, before, after)
        except (Exception, SystemExit) as error:
            raise _OperationError(step, told(error)) from error
        return bool(ran) or is_code(operation)

    def _of_converters(self, result: Result, before: ProjectState, after: ProjectState) -> None:
        """A field that writes other bytes into the same column: old code cannot read what new code writes."""
        model = (result.step.key[0], getattr(result.step.operation, "model_name_lower", ""))
        name = getattr(result.step.operation, "name", "")
        fields = [state.models[model].fields for state in (before, after) if model in state.models]
        if (
            all(name in found for found in fields)
            and len(fields) == 2
            and _converts_otherwise(*(found[name] for found in fields))
        ):
            by = type(fields[1][name]).__name__
            result.add(
                UNCLEAR,
                f"{result.step.about} is converted by other code of {by}: old code may not read what new code writes",
            )


class _OperationError(Exception):
    def __init__(self, step: Step, why: str) -> None:
        super().__init__(why)
        self.step, self.why = step, why


def _columns(state: ProjectState, app: str) -> set[tuple[str, str]]:
    """The tables of an app's models as (table, ""), and their columns as (table, column)."""
    found: set[tuple[str, str]] = set()
    for (label, _), model in state.models.items():
        if label == app:
            table = model.options.get("db_table") or f"{app}_{model.name_lower}"
            found.add((table, ""))
            for name, one in model.fields.items():
                if one.many_to_many:
                    found.add((getattr(one, "db_table", None) or f"{table}_{name}", ""))
                else:
                    found.add((table, one.db_column or (f"{name}_id" if isinstance(one, models.ForeignKey) else name)))
    return found


def _touched(before: Facts, now: Facts) -> set[str]:
    """The relations of which any fact differs."""
    differing = [key for key in before.keys() | now.keys() if before.get(key) != now.get(key)]
    return {str((now.get(key) or before.get(key) or {}).get("relation") or key[1]) for key in differing}


def _converts_otherwise(old: Any, new: Any) -> bool:
    """Whether another function may make the bytes of a column: Django's own do the same for the same type."""
    names = ("from_db_value", "get_prep_value", "get_db_prep_value", "get_db_prep_save", "encoder", "decoder")
    both = [[getattr(one, name, None) for one in (old, new)] for name in names]
    own = any(
        getattr(found, "__module__", "django.").partition(".")[0] != "django"
        for pair in both
        for found in pair
        if found is not None
    )
    (_, path, args, given), (_, other, others, now) = old.deconstruct(), new.deconstruct()
    differing = {name for name in given.keys() | now.keys() if given.get(name) != now.get(name)}
    # The same class with the same arguments may be other code than at base: nobody writes such an operation for nothing.
    in_words_alone = path == other and args == others and bool(differing) and differing <= set(old.non_db_attrs)
    return own and not in_words_alone
