"""The operations of a change, one after the other, each with its place in a file and what a person says of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.migrations import Migration, RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from divio_sites.trial.errors import TrialError
from divio_sites.trial.history import Key
from divio_sites.trial.source import Comment, Source, line_of, load_migration

_HINT = "write: # estate: expand, REASON"


@dataclass
class Step:
    """One operation.

    Args:
        part: `database` or `state` for a part of a SeparateDatabaseAndState, else "".
        whole: that SeparateDatabaseAndState.
        about: such as `shop.Product.price`; "" for operations about nothing in particular.
        comment: what stands beside it.
    """

    key: Key
    file: str
    line: int
    operation: Operation
    part: str = ""
    whole: Operation | None = None
    about: str = ""
    comment: Comment | None = None

    @property
    def name(self) -> str:
        """The operation's class."""
        return type(self.operation).__name__


@dataclass
class Change:
    """A change's migrations, made anew so that their operations know their lines.

    Raises:
        TrialError: a migration cannot be read.
    """

    migrations: list[Migration]
    notices: list[tuple[str, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read the files."""
        self._comments: dict[int, Comment] = {}
        self.files: dict[Key, str] = {}
        self.migrations = [self._read(one) for one in self.migrations]

    def _read(self, migration: Migration) -> Migration:
        key = (migration.app_label, migration.name)
        module = f"{MigrationLoader.migrations_module(key[0])[0]}.{key[1]}"
        try:
            file = _file(module)
            made = load_migration(Path(file).read_text(encoding="utf-8"), file, module)(key[1], key[0])
            source = Source(file)
        except Exception as error:
            raise TrialError(f"{'.'.join(key)} cannot be read: {type(error).__name__}: {error}") from error
        if type(made).apply is not Migration.apply or type(made).mutate_state is not Migration.mutate_state:
            raise TrialError(
                f"{file}: this migration has an apply of its own, so its operations do not tell what it does."
            )
        self.files[key] = file
        operations = [one for one, _, _ in _flat(made.operations)]
        for comment in source.comments:
            place = source.place_of(comment, operations)
            if not place:
                self.notices.append((file, comment.line, "This comment is about no operation; it counts for nothing."))
            elif not comment.reason:
                self.notices.append(
                    (file, comment.line, f"This comment gives no reason, so it does not count; {_HINT}.")
                )
            else:
                self._comments |= dict.fromkeys(map(id, place), comment)
        return made

    def walk(self, state: ProjectState) -> Iterator[tuple[Step, Migration, ProjectState, ProjectState]]:
        """Each operation and each part of a SeparateDatabaseAndState in Django's order, with the models before and after it.

        Args:
            state: the models before the change; it becomes those after it.
        """
        whole, parts = None, state
        for migration in self.migrations:
            key = (migration.app_label, migration.name)
            for operation, part, around in _flat(migration.operations):
                comment = self._comments.get(id(operation))
                step = Step(
                    key,
                    self.files[key],
                    line_of(operation),
                    operation,
                    part,
                    around,
                    about(operation, key[0], state),
                    comment,
                )
                if part == "database" and around is not whole:
                    # Django shows these parts a state of their own, which the models do not keep.
                    whole, parts = around, state.clone()
                after = parts if part == "database" else state
                before = after.clone()
                try:
                    operation.state_forwards(key[0], after)
                except Exception as error:
                    raise TrialError(
                        f"{step.file}, line {step.line}: {step.name} {step.about} cannot be run: {told(error)}"
                    ) from error
                yield step, migration, before, after


def _flat(
    operations: Iterable[Operation], part: str = "", whole: Operation | None = None
) -> Iterator[tuple[Operation, str, Operation | None]]:
    for one in operations:
        if type(one) is SeparateDatabaseAndState:
            yield from _flat(one.database_operations, part or "database", whole or one)
            yield from _flat(one.state_operations, "state", whole or one)
        else:
            yield one, part, whole


def _file(module: str) -> str:
    from importlib.util import find_spec  # noqa: PLC0415 - beside its only use

    found = find_spec(module)
    if found is None or not found.origin:
        raise FileNotFoundError(module)
    return found.origin


def about(operation: Any, app: str, state: ProjectState) -> str:
    """What an operation is about, such as `shop.Product.price`."""
    model = getattr(operation, "model_name", None) or (
        operation.name if hasattr(operation, "name_lower") and not hasattr(operation, "model_name") else None
    )
    model = model or getattr(operation, "old_name", None)
    if not isinstance(model, str):
        return ""
    known = state.models.get((app, model.lower()))
    named = [app, known.name if known else model]
    if hasattr(operation, "model_name"):
        one = getattr(operation, "name", None) or getattr(operation, "old_name", None)
        rule = getattr(operation, "constraint", None) or getattr(operation, "index", None)
        named += [part for part in [one or getattr(rule, "name", None)] if isinstance(part, str)]
    return ".".join(named)


def told(error: BaseException) -> str:
    """An error in one line."""
    words = str(error).strip().splitlines()
    return f"{type(error).__name__}: {words[0]}" if words else type(error).__name__


def is_code(operation: Operation) -> bool:
    """Whether an operation may do anything: a function of Python, or a class of somebody's own."""
    if isinstance(operation, RunPython):
        return operation.code is not RunPython.noop
    forwards = type(operation).database_forwards
    return not forwards.__module__.startswith("django.")


def is_sql(operation: Operation) -> bool:
    """Whether an operation is SQL of one's own."""
    return isinstance(operation, RunSQL)
