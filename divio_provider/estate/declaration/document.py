"""Data that remembers where it stands: what a file's reader hands to those who check it."""

from dataclasses import dataclass, field
from typing import Any

from divio_provider.estate.declaration.errors import Problem

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings, indexes of lists."""

Violation = tuple[Path, str]
"""A broken rule: where, and a sentence with the way out."""


@dataclass(frozen=True)
class Unquoted:
    """A value that YAML's versions read differently: its text as written, and what one of them takes it for."""

    text: str
    reading: str


@dataclass(frozen=True)
class Document:
    """The data of one file and what is wrong with its YAML that still can be read.

    `lines` has the line of every key and list item, `nulls` how each value that YAML takes for nothing is written.
    """

    file: str
    data: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)
    nulls: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def dotted_lines(self) -> dict[str, int]:
        """The lines by dotted key."""
        return {dotted(path): line for path, line in self.lines.items() if path}

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at a path, with the line of the nearest thing around it that has one."""
        around = path
        while around and around not in self.lines:
            around = around[:-1]
        return Problem(self.file, self.lines.get(around, 0), dotted(path), message)


def dotted(path: Path) -> str:
    """A path as people write it.

    >>> dotted(("rollout", "waves", 0, "sites"))
    'rollout.waves[0].sites'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
