"""Field classes of the project itself: which of Django's each one is in the database, read from its source."""

import ast
from collections.abc import Mapping
from typing import Any

from divio_provider.migrations.fields import OwnField, kind_of
from divio_provider.migrations.reading import File
from divio_provider.migrations.values import Name, is_known

_TELLTALE = {
    "db_type",
    "rel_db_type",
    "get_internal_type",
    "db_parameters",
    "db_check",
    "db_type_suffix",
    "contribute_to_class",
}
_DEEP = 10


class OwnFields(Mapping[str, OwnField]):
    """What is known of a dotted path, looked up in the project's files when it is asked for.

    Args:
        files: the texts of the project's files by path relative to the repository's root.
        project: the project's folder in it, from which its modules are imported; also `src` below it.
    """

    def __init__(self, files: Mapping[str, str], project: str = "") -> None:
        self._files = files
        below = f"{project}/" if project else ""
        self._roots = tuple(dict.fromkeys((below, f"{below}src/", "")))
        self._known: dict[str, OwnField | None] = {}
        self._read: dict[str, File | None] = {}

    def __getitem__(self, path: str) -> OwnField:
        """What a class is. Raises KeyError where the project has none of this name."""
        found: OwnField | None = self.get(path)
        if found is None:
            raise KeyError(path)
        return found

    def get(self, path: str, default: Any = None) -> Any:  # noqa: ANN401 - Mapping's own
        """What a class is, or the default."""
        if path not in self._known:
            self._known[path] = None if kind_of(path) else self._find(path, 0)
        return self._known[path] or default

    def __iter__(self) -> Any:  # noqa: ANN401 - Mapping's own
        """The classes asked for so far."""
        return iter([path for path, found in self._known.items() if found])

    def __len__(self) -> int:
        """How many classes were asked for and found so far."""
        return sum(1 for found in self._known.values() if found)

    def _find(self, path: str, depth: int) -> OwnField | None:
        module, _, name = path.rpartition(".")
        file = self._module(module)
        if file is None or depth > _DEEP:
            return None
        if name in file.classes:
            return self._class(file, file.classes[name], depth)
        if name in file.imports and file.imports[name] != path:
            # A package that offers what a module of it defines.
            again = file.imports[name]
            kind = kind_of(again)
            return OwnField(kind) if kind else self._find(again, depth + 1)
        return None

    def _module(self, module: str) -> File | None:
        if module not in self._read:
            self._read[module] = None
            inner = module.replace(".", "/")
            for root in self._roots:
                for path in (f"{root}{inner}.py", f"{root}{inner}/__init__.py"):
                    if module and path in self._files:
                        try:
                            dotted = f"{module}.__init__" if path.endswith("/__init__.py") else module
                            self._read[module] = File(path, self._files[path], dotted)
                        except (SyntaxError, ValueError):
                            return None
                        return self._read[module]
        return self._read[module]

    def _class(self, file: File, declared: ast.ClassDef, depth: int) -> OwnField | None:
        merged: OwnField | None = None
        for base in declared.bases:
            value = file.value(base)
            if not isinstance(value, Name):
                continue
            kind = kind_of(value.path)
            found = OwnField(kind) if kind else self._find(value.path, depth + 1)
            if found is not None and found.kind:
                merged = found
                break
        if merged is None:
            return None
        methods = {item.name: item for item in declared.body if isinstance(item, ast.FunctionDef)}
        complete = merged.complete and not _TELLTALE & methods.keys()
        defaults, forced = dict(merged.defaults), dict(merged.forced)
        if "__init__" in methods:
            for statement in ast.walk(methods["__init__"]):
                _options(file, statement, defaults, forced)
        return OwnField(merged.kind, defaults, forced, complete)


def _options(file: File, node: ast.AST, defaults: dict[str, Any], forced: dict[str, Any]) -> None:
    """Options that `__init__` sets: `kwargs["x"] = 1`, `kwargs.setdefault("x", 1)`, `super().__init__(…, x=1)`."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        key = file.value(node.targets[0].slice)
        value = file.value(node.value)
        if isinstance(key, str) and is_known(value):
            forced[key] = value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "setdefault" and len(node.args) == 2:
            key, value = file.value(node.args[0]), file.value(node.args[1])
            if isinstance(key, str) and is_known(value):
                defaults[key] = value
        elif node.func.attr == "__init__":
            for keyword in node.keywords:
                value = file.value(keyword.value)
                if keyword.arg and is_known(value) and not isinstance(value, Name):
                    forced[keyword.arg] = value
