"""Where in a migration's file an operation stands, and what a comment beside it says."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from django.db.migrations import Migration
from django.db.migrations.operations.base import Operation

_LINE = "divio_sites_line"
_COMMENT = re.compile(r"#\s*estate\s*:\s*(?P<phase>expand|contract)\s*(?:[,:;-]\s*)?(?P<reason>.*)", re.IGNORECASE)


def load_migration(text: str, file: str, module: str) -> type[Migration]:
    """The class `Migration` of a file's text; its operations carry the line on which they were made.

    Raises:
        Exception: whatever the text raises; AttributeError where it has no such class.
    """
    names: dict[str, Any] = {"__name__": module, "__package__": module.rpartition(".")[0], "__file__": file}
    with _lines_of_operations(file):
        exec(compile(text, file, "exec"), names)  # noqa: S102 - a migration is run, as Django itself would
    if "Migration" not in names:
        raise AttributeError(f"{file} has no class Migration")
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


@dataclass(frozen=True)
class Comment:
    """What a person says of an operation: `# estate: expand, REASON`.

    Args:
        line: where it begins.
        phase: `expand` or `contract`.
        reason: why; a comment without one does not count.
    """

    line: int
    phase: str
    reason: str


class Source:
    """The text of a migration's file."""

    def __init__(self, file: str) -> None:
        text = Path(file).read_text(encoding="utf-8")
        tree = ast.parse(text)
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        self._calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        comments = [token for token in tokens if token.type == tokenize.COMMENT]
        words = {token.start[0]: token.string for token in comments}
        self._alone = {token.start[0] for token in comments if not token.line[: token.start[1]].strip()}
        self.comments: list[Comment] = []
        for line, word in words.items():
            if found := _COMMENT.match(word):
                more = line + 1
                reason = [found["reason"].strip()]
                while line in self._alone and more in self._alone and not _COMMENT.match(words[more]):
                    reason.append(words[more].lstrip("# ").strip())
                    more += 1
                self.comments.append(Comment(line, found["phase"].lower(), " ".join(filter(None, reason))))

    def place_of(self, comment: Comment, operations: list[Operation]) -> list[Operation]:
        """The operations that a comment is about: those within whose innermost call it stands, or that begin below it."""
        line = comment.line
        if line in self._alone:
            below = line
            while below in self._alone:
                below += 1
            begun = [one for one in operations if line_of(one) == below]
            if begun:
                return begun
        around = [(first, last) for one in operations for first, last in [self._extent(one)] if first <= line <= last]
        innermost = min(around, key=lambda extent: (extent[1] - extent[0], -extent[0]), default=None)
        return [one for one in operations if self._extent(one) == innermost] if innermost else []

    def _extent(self, operation: Operation) -> tuple[int, int]:
        line = line_of(operation)
        last = [
            call.end_lineno or line
            for call in self._calls
            if call.lineno == line and _name(call) == type(operation).__name__
        ]
        return line, max(last or [call.end_lineno or line for call in self._calls if call.lineno == line] or [line])


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
