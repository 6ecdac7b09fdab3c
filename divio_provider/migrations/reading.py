"""One Python file, read and not run: its imports, its names, and what an expression in it stands for."""

import ast
from collections.abc import Mapping
from typing import Any

from divio_provider.migrations.expressions import Reader
from divio_provider.migrations.values import Function, Name, Unknown

_DEEP = 40
"""Names that stand for names: as deep as anybody writes, and an end for those that stand for each other."""


class File:
    """A parsed file.

    Args:
        path: relative to the repository's root.
        text: its source.
        module: its dotted name as the project imports it; empty where nobody knows.

    Raises:
        SyntaxError: it is no Python that this interpreter reads.
    """

    def __init__(self, path: str, text: str, module: str = "") -> None:
        self.path = path
        self.text = text
        self.module = module
        self.body = ast.parse(text).body
        self.imports: dict[str, str] = {}
        self.stars: list[str] = []
        self.functions: dict[str, ast.FunctionDef] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self._assigned: dict[str, ast.expr] = {}
        self._changed: set[str] = set()
        self._open: set[str] = set()
        for statement in ast.walk(ast.Module(self.body, [])):
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._imported(statement)
        self._declared(self.body)

    def _imported(self, statement: ast.Import | ast.ImportFrom) -> None:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                bound = alias.asname or alias.name.partition(".")[0]
                self.imports[bound] = alias.name if alias.asname else bound
            return
        source = statement.module or ""
        if statement.level:
            above = self.module.split(".")[: -statement.level]
            source = ".".join([*above, *([source] if source else [])])
        for alias in statement.names:
            if alias.name == "*":
                self.stars.append(source)
            else:
                self.imports[alias.asname or alias.name] = f"{source}.{alias.name}"

    def _declared(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if isinstance(statement, ast.FunctionDef):
                self.functions[statement.name] = statement
            elif isinstance(statement, ast.ClassDef):
                self.classes[statement.name] = statement
            elif isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self._bound(target, statement.value)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                self._bound(statement.target, statement.value)
            elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
                self._changed.add(statement.target.id)
            elif isinstance(statement, (ast.If, ast.Try)):
                for inner in (statement.body, statement.orelse, getattr(statement, "finalbody", [])):
                    self._declared(inner)
                for handler in getattr(statement, "handlers", []):
                    self._declared(handler.body)

    def _bound(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            if target.id in self._assigned:
                self._changed.add(target.id)
            self._assigned[target.id] = value

    def value(self, node: ast.expr, names: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - any value
        """What an expression stands for; `names` are those of an inner scope."""
        return Reader(self, dict(names or {})).value(node)

    def named(self, name: str) -> Any:  # noqa: ANN401 - any value
        """What a name at the file's top level stands for, None where it is not one."""
        if name in self._changed or name in self._open or len(self._open) > _DEEP:
            return Unknown(name, ast.Name(name))
        if name in self._assigned:
            self._open.add(name)
            try:
                return self.value(self._assigned[name])
            finally:
                self._open.discard(name)
        if name in self.functions:
            return Function(name, self.functions[name])
        if name in self.classes:
            return Name(f"{self.module}.{name}" if self.module else name)
        if name in self.imports:
            return Name(self.imports[name])
        return None
