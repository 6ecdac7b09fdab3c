"""What the names in a data migration's function stand for: models, rows of them, and values of Python's own."""

import ast
import sys
from dataclasses import dataclass, field
from typing import Literal

from divio_provider.migrations.reading import File

Key = tuple[str, str]
"""An app's label and a model's name."""

Kind = Literal["insert", "update", "delete", "sql", "unclear"]


@dataclass(frozen=True)
class Write:
    """One thing that the code does to rows.

    Args:
        kind: `sql` for SQL of its own, `unclear` for what nobody can tell.
        model: an app's label and a model's name; None where it may be any that the code uses.
        fields: those it sets; empty for all of them or where nobody can tell.
        text: the SQL, or what is unclear.
        line: where.
    """

    kind: Kind
    model: Key | None = None
    fields: tuple[str, ...] = ()
    text: str = ""
    line: int = 0


@dataclass
class Code:
    """What a function does.

    Args:
        models: all models that it gets.
        writes: in the order of the source.
        direct: models that it imports instead of asking `apps` for them.
    """

    models: set[Key] = field(default_factory=set)
    writes: list[Write] = field(default_factory=list)
    direct: set[str] = field(default_factory=set)


class Bindings:
    """The names of one function.

    Args:
        file: where it is.
        code: what is found: the models that it gets are noted there.
        models: names that it is given models by.
        rows: names that it is given rows by.
    """

    def __init__(self, file: File, code: Code, models: dict[str, Key], rows: dict[str, Key]) -> None:
        self.file = file
        self.code = code
        self.models = dict(models)
        self.rows = dict(rows)
        self.made: set[str] = set()
        self.plain: set[str] = set()
        self.assigned: dict[str, set[str]] = {}

    def bind(self, node: ast.AST) -> None:
        """First all names, in any order: a loop may use what is given a value further down."""
        for _ in range(3):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Assign):
                    for target in inner.targets:
                        self._named(target, inner.value)
                elif isinstance(inner, (ast.AnnAssign, ast.NamedExpr)) and inner.value is not None:
                    self._named(inner.target, inner.value)
                elif isinstance(inner, (ast.For, ast.comprehension)):
                    self._looped(inner.target, inner.iter)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Assign):
                self._given(inner.targets)
            elif isinstance(inner, (ast.AugAssign, ast.AnnAssign)):
                self._given([inner.target])
            elif isinstance(inner, ast.Call):
                self._given_by_call(inner)

    def _given(self, targets: list[ast.expr]) -> None:
        """`row.field = …`, and `row.field["key"] = …`."""
        for target in targets:
            attribute = target
            while isinstance(attribute, ast.Subscript):
                attribute = attribute.value
            if isinstance(attribute, ast.Attribute):
                self.assigned.setdefault(root(attribute.value), set()).add(attribute.attr)
            elif isinstance(attribute, ast.Tuple):
                self._given(attribute.elts)

    def _given_by_call(self, call: ast.Call) -> None:
        """`setattr(row, "field", …)`, and `row.field.append(…)`."""
        if isinstance(call.func, ast.Name) and call.func.id == "setattr" and len(call.args) > 1:
            name = self.file.value(call.args[1])
            self.assigned.setdefault(root(call.args[0]), set()).add(name if isinstance(name, str) else "*")
        elif (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in _CHANGES
            and isinstance(call.func.value, ast.Attribute)
        ):
            self.assigned.setdefault(root(call.func.value), set()).add(call.func.value.attr)

    def _named(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Call):
            # `row, created = Model.objects.get_or_create(…)`
            target = target.elts[0]
        if not isinstance(target, ast.Name):
            return
        got = self._got(value)
        if got is not None:
            self.models[target.id] = got
            self.code.models.add(got)
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in self.models:
            self.rows[target.id] = self.models[value.func.id]
            self.made.add(target.id)
        elif _is_plain(value) or self._is_of_pythons(value):
            self.plain.add(target.id)
        else:
            model = self.model_of(value)
            if model is not None:
                self.rows[target.id] = model
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "create":
                self.made.add(target.id)

    def _looped(self, target: ast.expr, items: ast.expr) -> None:
        model = self.model_of(items)
        if isinstance(target, ast.Name) and model is not None:
            self.rows[target.id] = model

    def _is_of_pythons(self, value: ast.expr) -> bool:
        """Whether a value comes from Python's own library, such as `re.match(…)`."""
        home = self.file.imports.get(root(value), "").partition(".")[0]
        return home in sys.stdlib_module_names and home != "importlib"

    def _got(self, node: ast.expr) -> Key | None:
        """The model of `apps.get_model("app", "Model")` or `get_user_model()`."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_user_model":
            return ("auth", "User")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_model":
            given = [self.file.value(argument) for argument in node.args]
            named = {keyword.arg: self.file.value(keyword.value) for keyword in node.keywords}
            parts = [*given, *(named[name] for name in ("app_label", "model_name") if name in named)]
            if len(parts) == 1 and isinstance(parts[0], str) and "." in parts[0]:
                app, _, model = parts[0].partition(".")
                return (app, model)
            if len(parts) >= 2 and all(isinstance(part, str) for part in parts[:2]):
                return (parts[0], parts[1])
            return ("", "")
        return None

    def model_of(self, node: ast.expr) -> Key | None:
        """The model whose rows an expression is about."""
        got = self._got(node)
        if got is not None:
            self.code.models.add(got)
            return got
        if isinstance(node, ast.Name):
            if node.id in self.models:
                return self.models[node.id]
            return self.rows.get(node.id) or self._imported(node.id)
        if isinstance(node, ast.Attribute):
            if node.attr.endswith("_set") or node.attr not in _OF_THE_SAME_MODEL:
                return self.model_of(node.value) if _is_manager(node) else None
            return self.model_of(node.value)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                return self.model_of(node.func.value)
            if (
                isinstance(node.func, ast.Name)
                and node.func.id in {"list", "iter", "reversed", "sorted", "tqdm"}
                and node.args
            ):
                return self.model_of(node.args[0])
        return self.model_of(node.value) if isinstance(node, ast.Subscript) else None

    def _imported(self, name: str) -> Key | None:
        path = self.file.imports.get(name, "")
        parts = path.split(".")
        if "models" not in parts[1:-1] or path.startswith("django.db"):
            return None
        model = (parts[parts.index("models", 1) - 1], name)
        self.code.models.add(model)
        self.code.direct.add(name)
        return model


_COLLECTIONS = {"dict", "set", "list", "defaultdict", "OrderedDict", "Counter", "deque", "tuple", "str", "int"}
_CHANGES = {"append", "extend", "insert", "pop", "popitem", "setdefault", "sort", "update"}
_OF_THE_SAME_MODEL = {"objects", "_default_manager", "_base_manager"}


def _is_plain(value: ast.expr) -> bool:
    """Whether an expression is a value of Python's own: its methods write no rows."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in _COLLECTIONS
    return isinstance(value, (ast.Dict, ast.List, ast.Set, ast.Constant, ast.JoinedStr, ast.DictComp, ast.SetComp))


def _is_manager(node: ast.Attribute) -> bool:
    return node.attr in _OF_THE_SAME_MODEL


def root(node: ast.AST) -> str:
    """The name that a chain of attributes and calls begins with."""
    while True:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return ""
