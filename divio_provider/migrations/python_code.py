"""A data migration's Python, read and not run: which rows of which models it writes, as far as that can be told."""

import ast
import builtins
import datetime as dt
import decimal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from divio_provider.migrations.reading import File
from divio_provider.migrations.values import Function, Name

Kind = Literal["insert", "update", "delete", "sql", "unclear"]

_READS = frozenset({
    "all", "filter", "exclude", "get", "first", "last", "values", "values_list", "only", "defer", "order_by", "distinct",
    "annotate", "aggregate", "count", "exists", "iterator", "select_related", "prefetch_related", "using", "none", "in_bulk",
    "earliest", "latest", "reverse", "union", "intersection", "difference", "alias", "contains", "dates", "datetimes",
    "select_for_update", "get_model", "get_models", "get_field", "get_fields", "refresh_from_db", "db_manager",
    "get_queryset", "quote_name", "get_for_model", "get_for_models", "cursor", "fetchall", "fetchone", "fetchmany",
    "write", "writelines", "flush", "info", "debug", "warning", "error", "exception", "page", "atomic", "get_app_config",
    "get_app_configs", "extra", "chunked", "natural_key", "resolve_expression", "get_source_expressions", "explain",
    "table_names", "get_table_list", "get_table_description", "acquire", "pk", "close", "full_clean", "clean", "read",
    "read_text", "read_bytes", "readlines", "clear_cache", "update_progress", "add_argument", "enter_context",
})  # fmt: skip
"""Methods that write no row: those of querysets and managers, and what code of this kind uses besides."""

_PLAIN = frozenset(
    name
    for kind in (str, bytes, list, dict, set, int, float, tuple, dt.datetime, dt.timedelta, decimal.Decimal)
    for name in dir(kind)
)
_ADDS = {"create", "bulk_create", "get_or_create", "acreate", "abulk_create", "aget_or_create"}
_REFILLS = {"set", "clear", "remove"}
_HARMLESS_HOMES = (
    "django.utils",
    "django.db",
    "django.conf",
    "django.core.exceptions",
    "django.core.paginator",
    "tqdm",
)
_HARMLESS = {"create_permissions", "create_contenttypes", "get_user_model", "get_model"}


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
    model: tuple[str, str] | None = None
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

    models: set[tuple[str, str]] = field(default_factory=set)
    writes: list[Write] = field(default_factory=list)
    direct: set[str] = field(default_factory=set)


def read_code(file: File, function: Function, find: Callable[[str], tuple[File, Function] | None]) -> Code:
    """What a function does, with the functions of the project that it calls.

    Args:
        file: where it is.
        function: it.
        find: another function of the project by its dotted path, None where there is none.
    """
    code = Code()
    _Reader(file, code, find, set()).function(function)
    return code


class _Reader(ast.NodeVisitor):
    """Walks through a function, and through those of the project that it calls."""

    def __init__(
        self,
        file: File,
        code: Code,
        find: Callable[[str], tuple[File, Function] | None],
        seen: set[int],
        given: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        self.file = file
        self.code = code
        self.find = find
        self.seen = seen
        self.models: dict[str, tuple[str, str]] = dict(given or {})
        self.rows: dict[str, tuple[str, str] | None] = {}
        self.made: set[str] = set()
        self.plain: set[str] = set()
        self.editors = {"schema_editor", "editor"}
        self.assigned: dict[str, set[str]] = {}

    def function(self, function: Function) -> None:
        """Everything in one function."""
        node = function.node
        if id(node) in self.seen:
            return
        self.seen.add(id(node))
        names = [argument.arg for argument in node.args.args]
        if len(names) == 2 and not self.models:
            self.editors.add(names[1])
        self._names(node)
        body = node.body if isinstance(node.body, list) else [ast.Expr(node.body)]
        for statement in body:
            self.visit(statement)

    # --- What names stand for ---------------------------------------------------------------------------------------

    def _names(self, node: ast.AST) -> None:
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
                self.assigned.setdefault(_root(attribute.value), set()).add(attribute.attr)
            elif isinstance(attribute, ast.Tuple):
                self._given(attribute.elts)

    def _given_by_call(self, call: ast.Call) -> None:
        """`setattr(row, "field", …)`, and `row.field.append(…)`."""
        if isinstance(call.func, ast.Name) and call.func.id == "setattr" and len(call.args) > 1:
            name = self.file.value(call.args[1])
            self.assigned.setdefault(_root(call.args[0]), set()).add(name if isinstance(name, str) else "*")
        elif (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in _CHANGES
            and isinstance(call.func.value, ast.Attribute)
        ):
            self.assigned.setdefault(_root(call.func.value), set()).add(call.func.value.attr)

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
        elif _is_plain(value):
            self.plain.add(target.id)
        else:
            model = self._model_of(value)
            if model is not None:
                self.rows[target.id] = model
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "create":
                self.made.add(target.id)

    def _looped(self, target: ast.expr, items: ast.expr) -> None:
        model = self._model_of(items)
        if isinstance(target, ast.Name) and model is not None:
            self.rows[target.id] = model

    def _got(self, node: ast.expr) -> tuple[str, str] | None:
        """The model of `apps.get_model("app", "Model")`, or of a class that is imported from an app's models."""
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

    def _model_of(self, node: ast.expr) -> tuple[str, str] | None:
        """The model whose rows an expression is about."""
        got = self._got(node)
        if got is not None:
            self.code.models.add(got)
            return got
        if isinstance(node, ast.Name):
            if node.id in self.models:
                return self.models[node.id]
            return self.rows[node.id] if node.id in self.rows else self._imported(node.id)
        if isinstance(node, ast.Attribute):
            if node.attr.endswith("_set") or node.attr not in _OF_THE_SAME_MODEL:
                return self._model_of(node.value) if _is_manager(node) else None
            return self._model_of(node.value)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                return self._model_of(node.func.value)
            if (
                isinstance(node.func, ast.Name)
                and node.func.id in {"list", "iter", "reversed", "sorted", "tqdm"}
                and node.args
            ):
                return self._model_of(node.args[0])
        return self._model_of(node.value) if isinstance(node, ast.Subscript) else None

    def _imported(self, name: str) -> tuple[str, str] | None:
        path = self.file.imports.get(name, "")
        parts = path.split(".")
        if "models" not in parts[1:-1] or path.startswith("django.db"):
            return None
        model = (parts[parts.index("models", 1) - 1], name)
        self.code.models.add(model)
        self.code.direct.add(name)
        return model

    # --- What it does -----------------------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> None:
        """One call: a write, a call into the project, or nothing of interest."""
        if isinstance(node.func, ast.Attribute):
            self._method(node, node.func)
        elif isinstance(node.func, ast.Name):
            self._called(node, node.func.id)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A function within the function counts when it is called; that it may be is enough."""
        for statement in node.body:
            self.visit(statement)

    def _write(self, kind: Kind, node: ast.AST, **about: object) -> None:
        self.code.writes.append(Write(kind, line=getattr(node, "lineno", 0), **about))  # type: ignore[arg-type]

    def _method(self, node: ast.Call, called: ast.Attribute) -> None:
        verb, owner = called.attr, _root(called.value)
        model = self._model_of(called.value)
        if owner in self.plain and model is None:
            return
        if verb in {"execute", "executemany"}:
            self._sql(node)
        elif owner in self.editors and verb not in _READS:
            self._write("unclear", node, text=f"{ast.unparse(called)}() changes the schema by hand")
        elif verb in _ADDS:
            self._write("insert", node, model=model)
        elif verb in {"update", "aupdate"}:
            self._update(node, model)
        elif verb in {"update_or_create", "aupdate_or_create", "bulk_update", "abulk_update"}:
            self._write("update", node, model=model, fields=self._listed(node))
        elif verb in {"save", "asave", "save_base"}:
            self._save(node, owner, model)
        elif verb in {"delete", "adelete", "_raw_delete"}:
            self._write("delete", node, model=model)
        elif (verb in _REFILLS or verb == "add") and isinstance(called.value, ast.Attribute):
            self._many(node, called.value, verb)
        elif not (verb in _READS or verb in _PLAIN) and self._is_about_rows(called.value):
            self._path(node, called, verb)

    def _path(self, node: ast.Call, called: ast.Attribute, verb: str) -> None:
        value = self.file.value(called) if _root(called) in self.file.imports else None
        if isinstance(value, Name) and self._is_harmless(value.path):
            return
        self._write("unclear", node, text=f"what {ast.unparse(called)}() does (method {verb})")

    def _is_about_rows(self, node: ast.expr) -> bool:
        root = _root(node)
        return (
            root in self.models
            or root in self.rows
            or root in {"apps", *self.editors}
            or "objects" in ast.unparse(node)
        )

    def _sql(self, node: ast.Call) -> None:
        sql = self.file.value(node.args[0]) if node.args else None
        if isinstance(sql, str):
            self._write("sql", node, text=sql)
        else:
            self._write("unclear", node, text="SQL that is put together while it runs")

    def _update(self, node: ast.Call, model: tuple[str, str] | None) -> None:
        if model is None and (node.args or not node.keywords):
            # A dict's.
            return
        names = tuple(keyword.arg for keyword in node.keywords if keyword.arg)
        complete = len(names) == len(node.keywords)
        self._write("update", node, model=model, fields=names if complete else ())

    def _listed(self, node: ast.Call) -> tuple[str, ...]:
        """The fields that bulk_update and update_or_create set; nothing where they are not written plainly."""
        named = {keyword.arg: self.file.value(keyword.value) for keyword in node.keywords}
        given = named.get("fields", self.file.value(node.args[1]) if len(node.args) > 1 else named.get("defaults"))
        if isinstance(given, (list, tuple, dict)) and all(isinstance(item, str) for item in given):
            return tuple(given)
        return ()

    def _save(self, node: ast.Call, owner: str, model: tuple[str, str] | None) -> None:
        if owner in self.made:
            self._write("insert", node, model=model)
            return
        named = {keyword.arg: self.file.value(keyword.value) for keyword in node.keywords}
        listed = named.get("update_fields")
        if isinstance(listed, (list, tuple)) and all(isinstance(item, str) for item in listed):
            fields = tuple(listed)
        else:
            fields = tuple(sorted(self.assigned.get(owner, ())))
        self._write("update", node, model=model, fields=() if "*" in fields else fields)

    def _many(self, node: ast.Call, manager: ast.Attribute, verb: str) -> None:
        model = self._model_of(manager.value)
        if model is not None or _root(manager) in self.rows:
            changes = verb in _REFILLS and _root(manager) not in self.made
            self._write("update" if changes else "insert", node, model=model, fields=(manager.attr,))

    def _called(self, node: ast.Call, name: str) -> None:
        if name in self.file.functions:
            self._inside(self.file, Function(name, self.file.functions[name]), node)
            return
        path = self.file.imports.get(name, "")
        if name in self.models or name in self.rows or name in _HARMLESS or self._is_harmless(path):
            return
        if not path:
            known = hasattr(builtins, name) or name in self.file.classes
            if not known or name in {"exec", "eval"}:
                self._write("unclear", node, text=f"what {name}() does")
            return
        found = self.find(path)
        if found is not None:
            self._inside(found[0], found[1], node)
        elif all(isinstance(item, ast.Constant) for item in node.args) or any(_bare(item, self) for item in node.args):
            # One that is given single values works something out; any other may do anything.
            self._write("unclear", node, text=f"what {name}() of {path.rpartition('.')[0]} does")

    def _inside(self, file: File, function: Function, node: ast.Call) -> None:
        """What a function does that is called; models and rows that it is given keep their meaning."""
        names = [argument.arg for argument in function.node.args.args]
        inner = _Reader(file, self.code, self.find, self.seen)
        for name, argument in zip(names, node.args, strict=False):
            model = self._model_of(argument)
            if model is not None:
                (inner.models if _root(argument) in self.models else inner.rows)[name] = model
            if _root(argument) in self.editors:
                inner.editors.add(name)
        inner.function(function)

    @staticmethod
    def _is_harmless(path: str) -> bool:
        home = path.partition(".")[0]
        return (
            home in sys.stdlib_module_names or path.startswith(_HARMLESS_HOMES) or path.rpartition(".")[2] in _HARMLESS
        )


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


def _bare(node: ast.expr, reader: _Reader) -> bool:
    """Whether an argument is something that a function could write rows with."""
    return isinstance(node, ast.Name) and (
        node.id in reader.models or node.id in reader.rows or node.id in {"apps", *reader.editors}
    )


def _root(node: ast.AST) -> str:
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
