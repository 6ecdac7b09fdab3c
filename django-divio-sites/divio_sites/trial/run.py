"""Trying a change: base on a scratch database, the change on a copy of it, operation by operation."""

import re
from collections.abc import Callable
from copy import copy
from io import StringIO
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import DatabaseError, router
from django.db.migrations import AlterField, Migration, RenameModel, RunSQL
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from divio_sites.trial import TrialError, one_line
from divio_sites.trial.history import Applied, History
from divio_sites.trial.judgement import PREPARE, Findings, Judge, read_facts
from divio_sites.trial.scratch import Scratch
from divio_sites.trial.source import EXPAND, UNCLEAR, Change, Step, differing, is_code, is_django

_LEFT_OUT = re.compile(
    r"(?m)^(?:\\.*|CREATE SCHEMA public;|(?:ALTER .* OWNER TO|GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|COMMENT ON EXTENSION) .*;)$"
)
"""Of a dump: psql's own commands, and what needs roles of Live's server."""
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_DDL = re.compile(
    r"(?:CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\b.*|SET\s+(?:LOCAL\s+)?(?:lock|statement)_timeout\b.*"
    r"|(?!.*\b(?:SELECT|EXECUTE|TRIGGER|RULE|SECURITY|OWNER|INHERITS?|PARTITION|RESTART|INCREMENT|M..VALUE|CYCLE|TYPE\b.*\bUSING)\b)"
    r"(?:CREATE\s+(?:UNIQUE\s+)?(?:TABLE|INDEX|SEQUENCE|TYPE|EXTENSION)|(?:ALTER|DROP)\s+(?:TABLE|INDEX|VIEW)|COMMENT\s+ON)\b.*)?",
    re.IGNORECASE | re.DOTALL,
)
"""A statement that does nothing to rows and calls no code, so that the catalog tells all that it does."""


class Trial:
    """What comes after the `applied` migrations, tried beside the database of an alias.

    `schema` is the text of a `pg_dump --schema-only` that is the base, "" to run the applied migrations; `progress` is told
    what is being done, such as `base, migration 12 of 240`. Raises TrialError where migrations cannot be loaded or run.
    """

    def __init__(self, applied: Applied, alias: str, schema: str = "", progress: Callable[[str], object] = str) -> None:
        self._alias, self._schema, self._progress = alias, schema, progress
        history = History(applied)
        self._change = Change(history.added)
        self.steps: list[Step] = []
        self.notices = history.notices + self._change.notices
        if history.added:
            try:
                with Scratch(alias) as self._scratch:
                    self._try(*self._base(History(applied, as_applied=True)))
            except DatabaseError as error:
                raise TrialError(f"A scratch database was lost: {one_line(error)}") from error

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
                connection.close()  # a dump empties the session's search_path
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
                metas: list[Any] = [model._meta for model in state.apps.get_models(include_auto_created=True)]
                once |= {(meta.db_table, one.column) for meta in metas for one in meta.local_concrete_fields}
                once |= {(meta.db_table, "") for meta in metas}
        except (Exception, SystemExit) as error:
            raise TrialError(f"{doing}: {one_line(error)}") from error
        with connection.cursor() as cursor:
            cursor.execute(PREPARE)
            cursor.execute("SELECT divio_trial.fill()")
        connection.close()
        return name, state, once

    def _try(self, base: str, old: ProjectState, once: set[tuple[str, str]]) -> None:
        """Run the change on a copy of the base, and judge each operation."""
        name, traces = self._scratch.make(template=base), list[Findings]()
        self._scratch.use(name)
        with self._scratch.cursor(base) as unchanged, self._scratch.cursor(name) as cursor:
            judge = Judge(old, once, unchanged)
            if self._schema and not judge.labels:
                raise TrialError("--schema: no table of the models at base is in the dump (pg_dump --schema-only).")
            for step, migration, *states in self._change.walk(old.clone()):
                self._progress(f"{'.'.join(step.key)}: {step.name} {step.about}")
                self.steps.append(step)
                cursor.execute("TRUNCATE divio_trial.event")
                self._judge(step, old, *states)
                try:
                    self._forward(step, migration, states[0])
                except TrialError as error:
                    if not migration.atomic:
                        raise  # half of it may be done
                    cursor.execute("SELECT divio_trial.empty()")
                    self._forward(step, migration, states[0])
                    step.add(UNCLEAR, f"with sample rows it fails: {one_line(error.__cause__ or error)}")
                traces.append(judge.look(read_facts(cursor)))
                cursor.execute("SELECT what, bool_or(is_old) FROM divio_trial.event GROUP BY what ORDER BY min(number)")
                for what, is_old in cursor.fetchall():
                    step.seen.append(what)
                    if is_old and step.verdict == EXPAND:  # Django's own operations fill new columns as well
                        step.add(UNCLEAR, f"it {what}, which old code has")
        # Each lasting finding is blamed on the operation since which it lasts.
        for key, finding in (traces[-1] if traces else {}).items():
            lasts = next((number for number in range(len(traces), 0, -1) if key not in traces[number - 1]), 0)
            self.steps[lasts].add(*finding)

    def _judge(self, step: Step, old: ProjectState, before: ProjectState, after: ProjectState) -> None:
        """What the catalog does not tell: rows, what fields make of a column, other databases and content types."""
        app, operation, hints = step.key[0], step.operation, getattr(step.operation, "hints", {})
        name = step.about.lower().split(".")[1] if step.about else None
        unknown = "what it does to other rows than the sample's is not known"
        if is_code(operation):
            kind = "runs Python" if hasattr(operation, "code") else "is a class of somebody's own"
            step.add(UNCLEAR, f"{step.name} {kind}: {unknown}")
        elif isinstance(operation, RunSQL) and not _is_plain(operation.sql):
            step.add(UNCLEAR, f"{step.name} does more than CREATE, ALTER and DROP: {unknown}")
        elif isinstance(operation, AlterField):
            was, is_ = (state.models[app, name].fields[operation.name] for state in (before, after))
            # The same field may be other code than at base: nobody writes such an operation for nothing.
            changes = differing(was, is_) or was.deconstruct()[1:] == is_.deconstruct()[1:]
            if changes and not (is_django(was) and is_django(is_)):
                step.add(UNCLEAR, f"{step.about} is converted by code that is not Django's: old code may not read it")
        if settings.DATABASE_ROUTERS and step.part != "state":
            model = {"model": before.apps.get_model(app, name)} if (app, name) in before.models else {}
            if not router.allow_migrate(self._alias, app, **{"model_name": name, **model, **hints}):
                step.add(UNCLEAR, f"a router keeps it out of the database «{self._alias}»: try it there (--database)")
        # Django's own receiver of pre_migrate does so, and only for operations that stand alone.
        renames = isinstance(operation, RenameModel) and not step.part and (app, name) in old.models
        if renames and apps.is_installed("django.contrib.contenttypes"):
            step.add(UNCLEAR, "its content type is renamed as well: old code no longer finds its generic relations")

    def _forward(self, step: Step, migration: Migration, before: ProjectState) -> None:
        """Run an operation, if it is one of the database, as a migration of its own."""
        one = copy(migration)
        vars(one)["operations"] = [] if step.part == "state" else [step.operation]
        try:
            with self._scratch.connection.schema_editor(atomic=migration.atomic) as editor:
                one.apply(before.clone(), editor)
        except (Exception, SystemExit) as error:
            raise step.failed(error) from error


def _is_plain(sql: Any) -> bool:
    """Whether SQL of one's own does nothing but what the catalog tells."""
    parts = sql if isinstance(sql, list | tuple) else [sql]
    text = ";".join(str(part[0] if isinstance(part, list | tuple) else part) for part in parts)
    bare = _TOKEN.sub(lambda found: " " if found[0].startswith(("--", "/*")) else "''", text)
    return not set(text) & set("\\$") and all(_DDL.fullmatch(one.strip()) for one in bare.split(";"))
