"""A data migration's Python, read and not run: which rows of which models it writes, as far as that can be told."""

import ast
import builtins
import datetime as dt
import decimal
import sys
from collections.abc import Callable

from divio_provider.migrations.python_names import Bindings, Code, Key, Kind, Write, root
from divio_provider.migrations.reading import File
from divio_provider.migrations.values import Function, Name

Find = Callable[[str], tuple[File, Function] | None]
"""Another function of the project by its dotted path, None where there is none."""

_READS = frozenset({
    "group", "groups", "groupdict", "sub", "search", "match", "fullmatch", "findall", "hexdigest", "digest", "localize", "now",
    "today", "log", "critical",
    "all", "filter", "exclude", "get", "first", "last", "values", "values_list", "only", "defer", "order_by",
    "distinct", "annotate", "aggregate", "count", "exists", "iterator", "select_related", "prefetch_related",
    "using", "none", "in_bulk", "earliest", "latest", "reverse", "union", "intersection", "difference", "alias",
    "contains", "dates", "datetimes", "select_for_update", "get_model", "get_models", "get_field", "get_fields",
    "refresh_from_db", "db_manager", "get_queryset", "quote_name", "get_for_model", "get_for_models", "cursor",
    "create_cursor", "fetchall", "fetchone", "fetchmany", "write", "writelines", "flush", "info", "debug",
    "warning", "error", "exception", "page", "atomic", "get_app_config", "get_app_configs", "extra", "chunked",
    "natural_key", "resolve_expression", "get_source_expressions", "explain", "table_names", "get_table_list",
    "get_table_description", "acquire", "pk", "close", "full_clean", "clean", "read", "read_text", "read_bytes",
    "readlines", "clear_cache", "update_progress", "add_argument", "enter_context",
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
    "django.template",
    "django.db",
    "django.conf",
    "django.core.exceptions",
    "django.core.paginator",
    "tqdm",
    "pytz",
    "dateutil",
)
_HARMLESS = {"create_permissions", "create_contenttypes", "get_user_model", "get_model"}


def read_code(file: File, function: Function, find: Find) -> Code:
    """What a function does, with the functions of the project that it calls.

    Args:
        file: where it is.
        function: it.
        find: another function of the project by its dotted path, None where there is none.
    """
    code = Code()
    names = [argument.arg for argument in function.node.args.args]
    _Reader(Bindings(file, code, {}, {}), find, set(), set(names[1:2])).function(function)
    return code


class _Reader(ast.NodeVisitor):
    """Walks through a function, and through those of the project that it calls."""

    def __init__(self, names: Bindings, find: Find, seen: set[object], editors: set[str]) -> None:
        self.names = names
        self.file = names.file
        self.code = names.code
        self.find = find
        self.seen = seen
        self.editors = {"schema_editor", *editors}

    def function(self, function: Function) -> None:
        """Everything in one function, once for whatever it is given."""
        node = function.node
        given = (id(node), frozenset(self.names.models.items()), frozenset(self.names.rows.items()))
        if given in self.seen:
            return
        self.seen.add(given)
        self.names.bind(node)
        body = node.body if isinstance(node.body, list) else [ast.Expr(node.body)]
        for statement in body:
            self.visit(statement)

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
        verb, owner = called.attr, root(called.value)
        model = self.names.model_of(called.value)
        if verb in {"execute", "executemany"}:
            self._sql(node)
        elif owner in self.names.plain and model is None:
            return
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
        elif not (verb in _READS or verb in _PLAIN):
            self._stranger(node, called)

    def _stranger(self, node: ast.Call, called: ast.Attribute) -> None:
        """A method that is in none of our lists: of a module of the project's, of a row, or of whatever else."""
        owner = root(called.value)
        value = self.file.value(called) if owner in self.file.imports else None
        path = value.path if isinstance(value, Name) else self.file.imports.get(owner, "")
        if self._is_harmless(path):
            return
        found = self.find(path)
        if found is not None:
            self._inside(found[0], found[1], node)
        else:
            self._write("unclear", node, text=f"what {ast.unparse(called)}() does")

    def _sql(self, node: ast.Call) -> None:
        sql = self.file.value(node.args[0]) if node.args else None
        if isinstance(sql, str):
            self._write("sql", node, text=sql)
        else:
            self._write("unclear", node, text="SQL that is put together while it runs")

    def _update(self, node: ast.Call, model: Key | None) -> None:
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

    def _save(self, node: ast.Call, owner: str, model: Key | None) -> None:
        if owner in self.names.made:
            self._write("insert", node, model=model)
            return
        named = {keyword.arg: self.file.value(keyword.value) for keyword in node.keywords}
        listed = named.get("update_fields")
        if isinstance(listed, (list, tuple)) and all(isinstance(item, str) for item in listed):
            fields = tuple(listed)
        else:
            fields = tuple(sorted(self.names.assigned.get(owner, ())))
        self._write("update", node, model=model, fields=() if "*" in fields else fields)

    def _many(self, node: ast.Call, manager: ast.Attribute, verb: str) -> None:
        model = self.names.model_of(manager.value)
        if model is not None or root(manager) in self.names.rows:
            changes = verb in _REFILLS and root(manager) not in self.names.made
            self._write("update" if changes else "insert", node, model=model, fields=(manager.attr,))

    def _called(self, node: ast.Call, name: str) -> None:
        if name in self.file.functions:
            self._inside(self.file, Function(name, self.file.functions[name]), node)
            return
        path = self.file.imports.get(name, "")
        if name in self.names.models or name in self.names.rows or name in _HARMLESS or self._is_harmless(path):
            return
        if not path:
            known = hasattr(builtins, name) or name in self.file.classes
            if not known or name in {"exec", "eval"}:
                self._write("unclear", node, text=f"what {name}() does")
            return
        found = self.find(path)
        if found is not None:
            self._inside(found[0], found[1], node)
        elif all(isinstance(item, ast.Constant) for item in node.args) or any(self._bare(item) for item in node.args):
            # One that is given single values works something out; any other may do anything.
            self._write("unclear", node, text=f"what {name}() of {path.rpartition('.')[0]} does")

    def _inside(self, file: File, function: Function, node: ast.Call) -> None:
        """What a function does that is called; models and rows that it is given keep their meaning."""
        models: dict[str, Key] = {}
        rows: dict[str, Key] = {}
        editors: set[str] = set()
        for parameter, argument in zip(function.node.args.args, node.args, strict=False):
            model = self.names.model_of(argument)
            if model is not None:
                (models if root(argument) in self.names.models else rows)[parameter.arg] = model
            if root(argument) in self.editors:
                editors.add(parameter.arg)
        names = Bindings(file, self.code, models, rows)
        _Reader(names, self.find, self.seen, editors).function(function)

    def _bare(self, node: ast.expr) -> bool:
        """Whether an argument is something that a function could write rows with."""
        known = {*self.names.models, *self.names.rows, "apps", *self.editors}
        return isinstance(node, ast.Name) and node.id in known

    @staticmethod
    def _is_harmless(path: str) -> bool:
        home = path.partition(".")[0]
        if home in sys.stdlib_module_names:
            return home != "importlib"
        return path.startswith(_HARMLESS_HOMES) or path.rpartition(".")[2] in _HARMLESS
