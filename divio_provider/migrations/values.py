"""What an expression of a migration stands for, found without running it: literals, names, calls, or unknown."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Name:
    """Something imported, by its dotted path, such as `django.db.models.deletion.CASCADE`."""

    path: str

    @property
    def last(self) -> str:
        """The part after the last dot."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Call:
    """A call of something imported or of a class of the file.

    Args:
        path: what is called, dotted.
        arguments: by position.
        options: by name.
        node: where it stands.
        complete: False where it has `*arguments` or `**options` that could not be read.
    """

    path: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    node: ast.AST = field(compare=False, repr=False)
    complete: bool = True

    @property
    def last(self) -> str:
        """The part of its path after the last dot."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Unknown:
    """What cannot be told without running it, as it is written."""

    text: str
    node: ast.AST = field(compare=False, repr=False)


@dataclass(frozen=True)
class Function:
    """A function or a lambda of the file."""

    name: str
    node: ast.FunctionDef | ast.Lambda = field(compare=False, repr=False)


def is_known(value: object) -> bool:
    """Whether nothing in a value is unknown."""
    if isinstance(value, Unknown):
        return False
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(is_known(item) for item in value)
    if isinstance(value, dict):
        return all(is_known(key) and is_known(item) for key, item in value.items())
    if isinstance(value, Call):
        return value.complete and is_known(value.arguments) and is_known(dict(value.options))
    return True


def is_text(value: object) -> bool:
    """Whether it is a plain text."""
    return isinstance(value, str)
