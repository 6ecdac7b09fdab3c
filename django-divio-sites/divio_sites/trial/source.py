"""A change's operations, each with its place in a file and what a person says of it there."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

from django.db.migrations import Migration, RunPython, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from divio_sites.trial import OperationError, TrialError

EXPAND, CONTRACT, UNCLEAR, TRY = "expand", "contract", "cannot judge", "try it"
_LINE = "divio_sites_line"
_COMMENT = re.compile(r"#\s*estate\s*:\s*(?P<phase>expand|contract)\s*(?:[,:;-]\s*)?(?P<reason>.*)", re.IGNORECASE)


@dataclass
class Step:
    """One operation, and what came of it.

    Args:
        key: the app's label and the migration's name.
        part: `database` or `state` for a part of a SeparateDatabaseAndState, `whole`; else "".
        about: such as `shop.Product.price`; "" for operations about nothing in particular.
        comment: what stands beside it, as (phase, reason).
        verdict: `expand`, `contract`, `cannot judge`, or, without a trial, `try it`; a comment's word is not in it.
        why: one sentence for each thing that is not expand.
        seen: what it was seen to do to sample rows.
    """

    key: tuple[str, str]
    file: str
    operation: Any
    part: str = ""
    whole: Operation | None = None
    about: str = ""
    comment: tuple[str, str] | None = None
    verdict: str = EXPAND
    why: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The operation's class."""
        return type(self.operation).__name__

    @property
    def needs(self) -> str:
        """The phase that the operation needs: a comment settles what cannot be judged, and may ask for more."""
        said = self.comment[0] if self.comment else ""
        if self.verdict == UNCLEAR:
            return said or CONTRACT
        return CONTRACT if said == CONTRACT else self.verdict

    def add(self, verdict: str, why: str) -> None:
        """Something more that is not expand."""
        if self.verdict != CONTRACT:
            self.verdict = verdict
        if why not in self.why:
            self.why.insert(0 if verdict == CONTRACT else len(self.why), why)

    def failed(self, error: BaseException) -> OperationError:
        """What is told where the operation cannot be run."""
        place = f"{self.file}, line {line_of(self.operation)}: {self.name} {self.about}"
        return OperationError(f"{place} cannot be run: {told(error)}")


class Change:
    """A change's migrations, made anew so that their operations know their lines.

    Raises:
        TrialError: a migration cannot be read, or does what its operations do not tell.
    """

    def __init__(self, migrations: Iterable[Migration]) -> None:
        self.notices: list[tuple[str, int, str]] = []
        self._comments: dict[int, tuple[str, str]] = {}
        self._migrations = [(*self._read(one), (one.app_label, one.name)) for one in migrations]

    def _read(self, migration: Migration) -> tuple[Migration, str]:
        name = f"{MigrationLoader.migrations_module(migration.app_label)[0]}.{migration.name}"
        try:
            file = str(getattr(find_spec(name), "origin", None) or name)
            text = Path(file).read_text(encoding="utf-8")
            made = load_migration(text, file, name)(migration.name, migration.app_label)
        except Exception as error:
            raise TrialError(f"{migration} cannot be read: {told(error)}") from error
        if type(made).apply is not Migration.apply or type(made).mutate_state is not Migration.mutate_state:
            why = "this migration has an apply of its own, so its operations do not tell what it does."
            raise TrialError(f"{file}: {why}")
        operations = [one for one, _, _ in _flat(made.operations)]
        for line, phase, reason, concerned in _comments(text, operations):
            if concerned and reason:
                self._comments |= dict.fromkeys(map(id, concerned), (phase, reason))
            else:
                lacks = "gives no reason" if concerned else "is about no operation"
                hint = f"This comment {lacks}, so it does not count; write: # estate: expand, REASON."
                self.notices.append((file, line, hint))
        return made, file

    def walk(self, state: ProjectState) -> Iterator[tuple[Step, Migration, ProjectState, ProjectState]]:
        """Each operation and each part of a SeparateDatabaseAndState in Django's order, with the models before and after it.

        Args:
            state: the models before the change; it becomes those after it.
        """
        whole, parts = None, state
        for migration, file, key in self._migrations:
            for operation, part, around in _flat(migration.operations):
                if part == "database" and around is not whole:
                    # Django shows these parts a state of their own, which the models do not keep.
                    whole, parts = around, state.clone()
                after = parts if part == "database" else state
                before = after.clone()
                comment = self._comments.get(id(operation))
                step = Step(key, file, operation, part, around, _about(operation, key[0], before), comment)
                try:
                    operation.state_forwards(key[0], after)
                except Exception as error:
                    raise step.failed(error) from error
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


def _about(operation: Any, app: str, state: ProjectState) -> str:
    of_model = getattr(operation, "model_name", None)
    name = getattr(operation, "name", None) or getattr(operation, "old_name", None)
    if not (of_model or hasattr(operation, "name_lower") or hasattr(operation, "old_name_lower")):
        return ""
    rule = getattr(operation, "constraint", None) or getattr(operation, "index", None)
    model = state.models.get((app, (of_model or name).lower()))
    return ".".join([app, model.name if model else of_model or name, *([str(name or rule.name)] if of_model else [])])


def told(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}".removesuffix(": ")


def is_code(operation: Operation) -> bool:
    """Whether an operation may do anything: a function of Python, or a class of somebody's own."""
    if isinstance(operation, RunPython):
        return operation.code is not RunPython.noop
    return not type(operation).database_forwards.__module__.startswith("django.")


def load_migration(text: str, file: str, module: str) -> type[Migration]:
    """The class `Migration` of a file's text; its operations carry the line on which they were made.

    Raises:
        Exception: whatever the text raises; KeyError where it has no such class.
    """
    names: dict[str, Any] = {"__name__": module, "__package__": module.rpartition(".")[0], "__file__": file}
    with _lines_of_operations(file):
        exec(compile(text, file, "exec"), names)  # noqa: S102 - a migration is run, as Django itself would
    found: type[Migration] = names["Migration"]
    return found


def line_of(operation: Operation) -> int:
    """On which line of its file an operation was made, if `load_migration` loaded it; else 1."""
    return int(vars(operation).get(_LINE, 1))


@contextmanager
def _lines_of_operations(file: str) -> Iterator[None]:
    """Note for each new operation the innermost line of the file that makes it: the only way that sees loops and helpers."""
    make = Operation.__new__

    def noting(cls: type[Operation], *args: object, **kwargs: object) -> Operation:
        made = make(cls, *args, **kwargs)
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - Python's documented way
        while frame is not None and frame.f_code.co_filename != file:
            frame = frame.f_back
        vars(made)[_LINE] = frame.f_lineno if frame else 1
        return made

    Operation.__new__ = noting  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Operation.__new__ = make  # type: ignore[method-assign]


def _comments(text: str, operations: list[Operation]) -> Iterator[tuple[int, str, str, list[Operation]]]:
    """Line, phase and reason of each comment, and its operations: those that begin below it, or in whose call it stands."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    words = {token.start[0]: token for token in tokens if token.type == tokenize.COMMENT}
    alone = {line for line, token in words.items() if not token.line[: token.start[1]].strip()}
    ends: dict[int, int] = {}
    for call in ast.walk(ast.parse(text)):
        if isinstance(call, ast.Call):
            ends[call.lineno] = max(ends.get(call.lineno, 0), call.end_lineno or 0)
    for line, token in words.items():
        if not (found := _COMMENT.match(token.string)):
            continue
        below, reason = line + 1, [found["reason"].strip()]
        while line in alone and below in alone and not _COMMENT.match(words[below].string):
            reason.append(words[below].string.lstrip("# ").strip())
            below += 1
        while below in alone:
            below += 1
        starts = sorted({line_of(one) for one in operations}, reverse=True)
        at = below if line in alone and below in starts else None
        at = at or next((start for start in starts if start <= line <= ends.get(start, start)), None)
        concerned = [one for one in operations if line_of(one) == at]
        yield line, found["phase"].lower(), " ".join(filter(None, reason)), concerned
