"""What is wrong with a declaration, in sentences for the person who wrote it."""

from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings, indexes of lists."""

Violation = tuple[Path, str]
"""A broken rule: where, and a sentence with the way out."""


def dotted(path: Path) -> str:
    """A path as people write it.

    >>> dotted(("rollout", "waves", 0, "sites"))
    'rollout.waves[0].sites'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a declaration.

    `line` counts from 1; 0 means that it has none (the declaration was made in Python, or the file is empty). `key` is
    the dotted way to the value, empty for the file as a whole. `message` says what is wrong and what would be right.

    >>> print(Problem("stacks/estate.yaml", 12, "mirrors.acme-shop.nam", 'unknown key; did you mean "name"?'))
    stacks/estate.yaml:12: mirrors.acme-shop.nam: unknown key; did you mean "name"?
    """

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.key, self.message) if part)


class SpecError(Exception):
    """A declaration that cannot be used. `str()` is one line a problem, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(map(str, self.problems)))
