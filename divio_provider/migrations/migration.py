"""A migration as its file has it: what it depends on, what it replaces, and its operations with their lines."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from divio_provider.migrations.notes import Note
from divio_provider.migrations.reading import File


@dataclass(frozen=True)
class Operation:
    """One operation.

    Args:
        kind: Django's name for it, such as `AddField`; else the dotted path of what is called; empty where it could not
            even be told what is called.
        arguments: by Django's names for them.
        line: where it begins, counted from 1.
        end: its last line.
        node: where it is written.
        file: where it stands.
        note: what a person says of it.
        conditional: it stands below an `if`, so that it may run here and not there.
        database: of a SeparateDatabaseAndState, what happens in the database.
        state: of a SeparateDatabaseAndState or RunSQL, what happens in Django's mind only.
        noop: it is known to do nothing.
        own: the class that is called, where it is not Django's own but derives from what `kind` says.
    """

    kind: str
    arguments: Mapping[str, Any]
    line: int
    end: int
    node: ast.AST | None = field(compare=False, repr=False)
    file: File = field(compare=False, repr=False)
    note: Note | None = field(default=None, compare=False)
    conditional: bool = False
    database: tuple["Operation", ...] = ()
    state: tuple["Operation", ...] = ()
    noop: bool = False
    own: str = ""

    @property
    def text(self) -> str:
        """How it is written, on one line."""
        return " ".join(ast.unparse(self.node).split()) if self.node is not None else ""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - any value
        """An argument, None where it is not given."""
        return self.arguments.get(name)

    def names(self, name: str) -> str:
        """An argument that is a name, empty where it is none or cannot be read."""
        found = self.arguments.get(name)
        return found if isinstance(found, str) else ""


@dataclass(frozen=True)
class Migration:
    """One migration.

    Args:
        app: the app's label.
        name: the file's name without `.py`.
        path: the file, relative to the repository's root.
        line: of its class.
    """

    app: str
    name: str
    path: str
    line: int
    dependencies: tuple[tuple[str, str], ...]
    run_before: tuple[tuple[str, str], ...]
    replaces: tuple[tuple[str, str], ...]
    operations: tuple[Operation, ...]
    stray_notes: tuple[Note, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """How other migrations name it."""
        return (self.app, self.name)
