"""A change's operations, each with its place in a file and what a person says of it there."""

import ast
import inspect
import io
import re
import sys
import tokenize
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db.migrations import AlterField, Migration, RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from divio_sites.trial import TrialError, one_line

EXPAND, CONTRACT, UNCLEAR, TRY = "expand", "contract", "cannot judge", "try it"
_LINE = "divio_sites_line"
_CONVERTERS: tuple[str, ...] = ("from_db_value", "get_prep_value", "get_db_prep_value", "get_db_prep_save", "pre_save")
_CONVERTERS += ("get_placeholder", "select_format", "encoder", "decoder")
_COMMENT = re.compile(r"#\s*estate\s*:\s*(expand|contract)\b(?!-)(?:\s*[,:;-]\s*(.*))?", re.IGNORECASE)


@dataclass
class Step:
    """One operation, and what came of it."""

    key: tuple[str, str]  # the app's label and the migration's name
    file: str
    operation: Any
    part: str  # of a SeparateDatabaseAndState, the `whole`: "database" or "state"
    whole: Operation | None
    about: str  # such as shop.Product.price; "" for operations about nothing in particular
    comment: tuple[str, str] | None  # what stands beside it, as (phase, reason)
    verdict: str = EXPAND  # without the comment's word
    why: list[str] = field(default_factory=list)  # a sentence for each thing that is not expand
    seen: list[str] = field(default_factory=list)  # what it was seen to do to sample rows

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

    def failed(self, error: BaseException) -> TrialError:
        """What is told where the operation cannot be run."""
        place = f"{self.file}, line {line_of(self.operation)}: {self.name} {self.about}"
        return TrialError(f"{place} cannot be run: {one_line(error)}")


class Change:
    """A change's migrations, made anew so that their operations know their lines."""

    def __init__(self, migrations: Iterable[Migration]) -> None:
        self.notices: list[tuple[str, int, str]] = []
        self._comments: dict[int, tuple[str, str]] = {}
        self._migrations = [self._read(one) for one in migrations]

    def _read(self, migration: Migration) -> tuple[Migration, str, tuple[str, str]]:
        module, key = type(migration).__module__, (migration.app_label, migration.name)
        file = str(sys.modules[module].__file__)
        text = inspect.getsource(sys.modules[module])
        made = load_migration(text, file, module)(*reversed(key))
        if type(made).apply is not Migration.apply or type(made).mutate_state is not Migration.mutate_state:
            raise TrialError(f"{file}: this migration has an apply of its own, so nobody knows what it does.")
        for line, phase, reason, concerned in _comments(text, [one for one, _, _ in _flat(made.operations)]):
            self._comments |= dict.fromkeys(map(id, concerned if reason else ()), (phase, reason))
            if not (concerned and reason):
                hint = "stands at no operation or gives no reason, so it does not count: # estate: expand, REASON."
                self.notices.append((file, line, f"This comment {hint}"))
        return made, file, key

    def walk(self, state: ProjectState) -> Iterator[tuple[Step, Migration, ProjectState, ProjectState]]:
        """Each operation and each part of a SeparateDatabaseAndState in Django's order, with the models before and after it.

        `state`, the models before the change, becomes those after it.
        """
        last, parts = None, state
        for migration, file, key in self._migrations:
            for operation, part, whole in _flat(migration.operations):
                if part == "database" and whole is not last:
                    # Django shows these parts a state of their own, which the models do not keep.
                    last, parts = whole, state.clone()
                after = parts if part == "database" else state
                before = after.clone()
                about = _about(operation, key[0], before)
                step = Step(key, file, operation, part, whole, about, self._comments.get(id(operation)))
                try:
                    operation.state_forwards(key[0], after)
                    if isinstance(operation, AlterField):
                        # Django's own states take a field that was never there.
                        before.models[key[0], operation.model_name_lower].get_field(operation.name)
                except Exception as error:
                    raise step.failed(error) from error
                yield step, migration, before, after


def _flat(operations: Iterable[Any], part: str = "", whole: Any = None) -> Iterator[tuple[Operation, str, Any]]:
    for one in operations:
        runs = type(one).database_forwards
        if isinstance(one, SeparateDatabaseAndState) and runs is SeparateDatabaseAndState.database_forwards:
            yield from _flat(one.database_operations, part or "database", whole or one)
            yield from _flat(one.state_operations, "state", whole or one)
        else:
            yield one, part, whole


def _about(operation: Any, app: str, state: ProjectState) -> str:
    of_model: Any = getattr(operation, "model_name", None)
    name: Any = getattr(operation, "name", None) or getattr(operation, "old_name", None)
    if not (of_model or hasattr(operation, "name_lower") or hasattr(operation, "old_name_lower")):
        return ""
    rule: Any = getattr(operation, "constraint", None) or getattr(operation, "index", None)
    name = name or getattr(rule, "name", None) or getattr(operation, "new_name", "")  # RenameIndex by fields alone
    model = state.models.get((app, (of_model or name).lower()))
    return ".".join([app, model.name if model else of_model or name, *([name] if of_model else [])])


def is_code(operation: Operation) -> bool:
    """Whether an operation may do anything: a function of Python, or a class of somebody's own."""
    runs = type(operation).database_forwards
    if runs is RunPython.database_forwards:
        return operation.code is not RunPython.noop  # type: ignore[attr-defined]
    return not (type(operation) if isinstance(operation, RunSQL) else runs).__module__.startswith("django.")


def is_django(field: Any) -> bool:
    """Whether Django's own code makes the bytes of a field's column, and of what it is an array of."""
    made = (getattr(field, name, None) for name in _CONVERTERS)
    is_own = any(one and not getattr(one, "__module__", "django.").startswith("django.") for one in made)
    return not is_own and (not hasattr(field, "base_field") or is_django(field.base_field))


def differing(old: Any, new: Any) -> set[str]:
    """What of a field's arguments differs, as far as it may matter to a database; "class" if the class does."""
    (_, *kind, given), (_, *new_kind, wanted) = old.deconstruct(), new.deconstruct()
    found = {one for one in given.keys() | wanted.keys() if given.get(one) != wanted.get(one)}
    harmless = {"default", *old.non_db_attrs} - {"db_column"}
    return found - harmless | ({"class"} if kind != new_kind else set())


def load_migration(text: str, file: str, module: str) -> type[Migration]:
    """The class `Migration` of a file's text; `line_of` tells on which line each of its operations was made."""
    names: dict[str, Any] = {"__name__": module, "__package__": module.rpartition(".")[0], "__file__": file}
    make = Operation.__new__

    def noting(cls: type[Operation], *args: object, **kwargs: object) -> Operation:
        """The innermost line of the file that makes an operation: the only way that sees loops and helpers."""
        made = make(cls, *args, **kwargs)
        frames = traceback.walk_stack(sys._getframe(1))  # noqa: SLF001 - Python's documented way
        vars(made)[_LINE] = next((line for frame, line in frames if frame.f_code.co_filename == file), 1)
        return made

    Operation.__new__ = noting  # type: ignore[method-assign,assignment]
    try:
        exec(compile(text, file, "exec"), names)  # noqa: S102 - a migration is run, as Django itself would
    except (Exception, SystemExit) as error:
        raise TrialError(f"{file} cannot be read as it was or is: {one_line(error)}") from error
    finally:
        Operation.__new__ = make  # type: ignore[method-assign]
    return names["Migration"]  # type: ignore[no-any-return]


def line_of(operation: Operation) -> int:
    """On which line of its file an operation was made, if `load_migration` loaded it; else 1."""
    return int(vars(operation).get(_LINE, 1))


def _comments(text: str, operations: list[Operation]) -> Iterator[tuple[int, str, str, list[Operation]]]:
    """Line, phase and reason of each comment, and its operations: those that begin below it, or in whose call it stands."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    words = {token.start[0]: token for token in tokens if token.type == tokenize.COMMENT}
    alone = {line for line, token in words.items() if not token.line[: token.start[1]].strip()}
    calls = [(one.lineno, one.end_lineno or 0) for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Call)]
    starts = sorted({line_of(one) for one in operations}, reverse=True)
    for line, token in words.items():
        if not (found := _COMMENT.match(token.string)):
            continue
        below = next(one for one in count(line + 1) if one not in alone)
        around = {first for first, last in calls if first <= line <= last} | {line}
        at = below if line in alone and below in starts else next((one for one in starts if one in around), None)
        yield line, found[1].lower(), (found[2] or "").strip(), [one for one in operations if line_of(one) == at]
