"""Data that remembers where it stands: what a file's reader hands to those who judge it."""

from dataclasses import dataclass, field
from typing import Any

from divio_provider.estate.declaration.errors import Problem

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings, indexes of lists."""

Finding = tuple[Path, str]
"""Something wrong: where, and a sentence with the way out."""


@dataclass(frozen=True)
class Unquoted:
    """A value that YAML's versions read differently: its text as written, and what one of them takes it for."""

    text: str
    reading: str


@dataclass(frozen=True)
class Document:
    """The data of one file and what is wrong with its YAML that still can be read.

    `lines` has the line of every key and list item, `texts` the text of every value that is not text to YAML.
    """

    file: str
    data: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it that has one; 0 where nothing has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def dotted_lines(self) -> dict[str, int]:
        """The lines by dotted key."""
        return {dotted(path): line for path, line in self.lines.items() if path}

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at a path."""
        return Problem(self.file, self.line_of(path), dotted(path), message)


def dotted(path: Path) -> str:
    """A path as people write it.

    >>> dotted(("rollout", "waves", 0, "sites"))
    'rollout.waves[0].sites'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
