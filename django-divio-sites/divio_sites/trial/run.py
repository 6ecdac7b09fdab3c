"""Trying a change: base on a scratch database, the change on a copy of it, operation by operation."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import models
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic

from divio_sites.trial import OperationError, TrialError
from divio_sites.trial.catalog import WATCH, Facts, facts_of
from divio_sites.trial.history import Applied, History
from divio_sites.trial.judgement import Findings, Judge
from divio_sites.trial.probes import Prober, tables_of
from divio_sites.trial.scratch import Scratch
from divio_sites.trial.source import UNCLEAR, Change, Step, told
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
    steps: list[Step] = field(default_factory=list)
    notices: list[tuple[str, int, str]] = field(default_factory=list)

    def run(self) -> "Trial":
        """Try it with sample rows; where that fails, once more without."""
        self.progress("reading migrations")
        base, history = History(self.applied, as_applied=True), History(self.applied)
        self._state, self._change = history.old_state(), Change(history.added)
        self.notices = self.applied.notices + self._change.notices
        if not history.added:
            return self
        with Scratch(self.alias) as self._scratch:
            empty = self._base(base)
            filled = self._scratch.make(template=empty)
            with self._scratch.cursor(filled) as cursor:
                tables = tables_of(self._old_state, cursor)
                self._old = Prober(cursor, tables, facts_of(cursor))
                for table in tables.values():
                    self._old.learn(table)
                self._old.sample()
                self._old.base = facts_of(cursor)
            self._filled = filled
            try:
                self._attempt(filled)
            except OperationError as error:
                place = len(self.steps) - 1
                self._attempt(empty)
                self.steps[place].add(
                    UNCLEAR, f"with sample rows it fails: {error.__cause__ and told(error.__cause__)}"
                )
        return self

    def _base(self, history: History) -> str:
        name = self._scratch.make()
        self._scratch.use(name)
        connection = self._scratch.connection
        state = ProjectState(real_apps=history.unmigrated_apps)
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
        with connection.cursor() as cursor:
            cursor.execute(WATCH)
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
            why = f"{migration} fails: {told(error)} (--schema takes Live's own schema)"
            raise TrialError(f"The base cannot be made, because {why}") from error

    def _attempt(self, template: str) -> None:
        name = self._scratch.make(template=template)
        self._scratch.use(name)
        self.steps = []
        old = self._old
        facts, traces = old.base, list[Findings]()
        with self._scratch.cursor(self._filled) as old.cursor, self._scratch.cursor(name) as cursor:
            new = Prober(cursor, old.tables, old.base, old.fixed)
            judge = Judge(old, new, self._once, filled=template == self._filled)
            watcher = Watcher(cursor, old.base)
            for step, migration, before, after in self._change.walk(self._state.clone()):
                self.progress(f"{'.'.join(step.key)}: {step.name} {step.about}")
                self.steps.append(step)
                watcher.begin(step, atomic=migration.atomic)
                if step.part != "state":
                    self._forward(step, migration, before, after)
                _judge_converters(step, before, after)
                now = facts_of(cursor)
                watcher.end(step, now)
                differing = [key for key in facts.keys() | now.keys() if facts.get(key) != now.get(key)]
                facts, was = now, facts
                if differing or not traces:
                    judge.look(now, {_relation(was, now, key) for key in differing})
                    traces.append(judge.findings())
                else:
                    traces.append(traces[-1])
            judge.look(facts, [table.identity for table in old.tables.values()])
            last = judge.findings()
        # Each lasting finding is blamed on the operation since which it lasts; what only the last look saw, on the last one.
        for key, finding in last.items():
            since = next((number for number, one in reversed(list(enumerate(traces))) if key not in one), -1) + 1
            self.steps[min(since, len(traces) - 1)].add(*finding)

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


def _relation(was: Facts, now: Facts, key: tuple[str, str]) -> str:
    return str((now.get(key) or was.get(key) or {}).get("relation") or key[1])


def _columns(state: ProjectState, app: str) -> set[tuple[str, str]]:
    """The tables of an app's models as (table, ""), and their columns as (table, column)."""
    found: set[tuple[str, str]] = set()
    for model in (one for (label, _), one in state.models.items() if label == app):
        table = model.options.get("db_table") or f"{app}_{model.name_lower}"
        found.add((table, ""))
        for name, one in model.fields.items():
            if one.many_to_many:
                found.add((getattr(one, "db_table", None) or f"{table}_{name}", ""))
            else:
                found.add((table, one.db_column or (f"{name}_id" if isinstance(one, models.ForeignKey) else name)))
    return found


def _judge_converters(step: Step, before: ProjectState, after: ProjectState) -> None:
    """A field that writes other bytes into the same column: old code cannot read what new code writes."""
    model = (step.key[0], getattr(step.operation, "model_name_lower", ""))
    name = getattr(step.operation, "name", "")
    both = [state.models[model].fields.get(name) for state in (before, after) if model in state.models]
    if len(both) == 2 and all(both) and _converts_otherwise(*both):
        by = type(both[1]).__name__
        step.add(
            UNCLEAR, f"{step.about} is converted by other code of {by}: old code may not read what new code writes"
        )


def _converts_otherwise(old: Any, new: Any) -> bool:
    """Whether another function may make the bytes of a column: Django's own do the same for the same type."""
    names = ("from_db_value", "get_prep_value", "get_db_prep_value", "get_db_prep_save", "encoder", "decoder")
    found = [made for one in (old, new) for name in names if (made := getattr(one, name, None))]
    own = any(getattr(one, "__module__", "django.").partition(".")[0] != "django" for one in found)
    (_, path, args, given), (_, other, others, now) = old.deconstruct(), new.deconstruct()
    differing = {name for name in given.keys() | now.keys() if given.get(name) != now.get(name)}
    # The same class with the same arguments may be other code than at base: nobody writes such an operation for nothing.
    in_words_alone = path == other and args == others and bool(differing) and differing <= set(old.non_db_attrs)
    return own and not in_words_alone
