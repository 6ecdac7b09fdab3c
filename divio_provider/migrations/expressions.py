"""What an expression stands for within one scope of a file, without running it."""

import ast
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from divio_provider.migrations.values import Call, Function, Name, Unknown, is_known

if TYPE_CHECKING:
    from divio_provider.migrations.reading import File

Names = dict[str, Any]

_DEEP = 40
"""Functions that call functions: as deep as anybody writes, and an end for those that call each other."""

_VENDOR = "postgresql"

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}

_TEXT_METHODS = (
    "startswith",
    "endswith",
    "strip",
    "lstrip",
    "rstrip",
    "format",
    "join",
    "replace",
    "lower",
    "upper",
    "splitlines",
    "split",
)


class Reader:
    """Reads expressions within one scope of a file.

    Args:
        file: the file.
        names: what the scope's own names stand for.
        depth: how many functions it is within.
    """

    def __init__(self, file: "File", names: Names, depth: int = 0) -> None:
        self.file = file
        self.names = names
        self.depth = depth

    def value(self, node: ast.expr) -> Any:  # noqa: ANN401 - any value
        """What it stands for; Unknown where that cannot be told."""
        read: Callable[[Any], Any] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        if read is None:
            return self._unknown(node)
        try:
            return read(node)
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
            return self._unknown(node)

    def _unknown(self, node: ast.AST) -> Unknown:
        return Unknown(ast.unparse(node), node)

    def _constant(self, node: ast.Constant) -> Any:  # noqa: ANN401 - any value
        return node.value

    def _list(self, node: ast.List | ast.Tuple | ast.Set) -> list[Any]:
        found: list[Any] = []
        for item in node.elts:
            if isinstance(item, ast.Starred):
                inner = self.value(item.value)
                found += inner if isinstance(inner, (list, tuple)) else [self._unknown(item)]
            else:
                found.append(self.value(item))
        return found

    def _tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self._list(node))

    def _set(self, node: ast.Set) -> tuple[Any, ...]:
        return tuple(self._list(node))

    def _dict(self, node: ast.Dict) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            if key is None:
                found.update(self.value(item))
            else:
                found[self.value(key)] = self.value(item)
        return found

    def _name(self, node: ast.Name) -> Any:  # noqa: ANN401 - any value
        if node.id in self.names:
            return self.names[node.id]
        found = self.file.named(node.id)
        if found is not None:
            return found
        # Of a star import we know no names: the last one is the likeliest home.
        return Name(f"{self.file.stars[-1]}.{node.id}") if self.file.stars else Name(node.id)

    def _attribute(self, node: ast.Attribute) -> Any:  # noqa: ANN401 - any value
        if isinstance(node.value, ast.Name) and node.value.id in self.file.classes:
            for statement in self.file.classes[node.value.id].body:
                if isinstance(statement, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == node.attr for target in statement.targets
                ):
                    return self.value(statement.value)
        owner = self.value(node.value)
        if not isinstance(owner, Name):
            return self._unknown(node)
        # `connection.vendor`: migrations that make a difference are judged for the database that Divio usually has.
        of_connection = node.attr == "vendor" and owner.last == "connection"
        return _VENDOR if of_connection else Name(f"{owner.path}.{node.attr}")

    def _compare(self, node: ast.Compare) -> Any:  # noqa: ANN401 - any value
        left, right = self.value(node.left), self.value(node.comparators[0])
        if (
            len(node.ops) > 1
            or not is_known((left, right))
            or any(isinstance(side, (Name, Call)) for side in (left, right))
        ):
            return self._unknown(node)
        compare = _COMPARISONS.get(type(node.ops[0]))
        return compare(left, right) if compare else self._unknown(node)

    def _joinedstr(self, node: ast.JoinedStr) -> Any:  # noqa: ANN401 - any value
        parts: list[str] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                inner = self.value(part.value)
                if part.format_spec is not None or part.conversion != -1 or not isinstance(inner, (str, int)):
                    return self._unknown(node)
                parts.append(str(inner))
            else:
                parts.append(str(self.value(part)))
        return "".join(parts)

    def _unaryop(self, node: ast.UnaryOp) -> Any:  # noqa: ANN401 - any value
        inner = self.value(node.operand)
        if isinstance(inner, (Unknown, Name, Call, Function)):
            return self._unknown(node)
        if isinstance(node.op, ast.Not):
            return not inner
        return -inner if isinstance(node.op, ast.USub) else self._unknown(node)

    def _binop(self, node: ast.BinOp) -> Any:  # noqa: ANN401 - any value
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add) and isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
            return [*left, *right]
        if isinstance(node.op, ast.Add) and (isinstance(left, list) or isinstance(right, list)):
            # Half of a list of operations is known: the other half is one operation that nobody can judge.
            known = left if isinstance(left, list) else right
            rest = [self._unknown(node.right if isinstance(left, list) else node.left)]
            return [*known, *rest] if known is left else [*rest, *known]
        if not is_known((left, right)) or any(isinstance(side, (Name, Call, Function)) for side in (left, right)):
            return self._unknown(node)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            return left % right
        if isinstance(node.op, ast.Mult) and max(_size(left), _size(right)) < 10_000:
            return left * right
        return self._unknown(node)

    def _ifexp(self, node: ast.IfExp) -> Any:  # noqa: ANN401 - any value
        test = self.value(node.test)
        return self.value(node.body if test else node.orelse) if _is_plain(test) else self._unknown(node)

    def _subscript(self, node: ast.Subscript) -> Any:  # noqa: ANN401 - any value
        owner, key = self.value(node.value), self.value(node.slice)
        return owner[key] if isinstance(owner, (dict, list, tuple)) and _is_plain(key) else self._unknown(node)

    def _lambda(self, node: ast.Lambda) -> Function:
        return Function("lambda", node)

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp) -> Any:  # noqa: ANN401 - any value
        generator = node.generators[0]
        items = self.value(generator.iter)
        if len(node.generators) > 1 or generator.ifs or not isinstance(items, (list, tuple, dict)):
            return self._unknown(node)
        found: list[Any] = []
        for item in items:
            bound = bindings(generator.target, item)
            if bound is None:
                return self._unknown(node)
            found.append(Reader(self.file, {**self.names, **bound}, self.depth).value(node.elt))
        return found

    def _generatorexp(self, node: ast.GeneratorExp) -> Any:  # noqa: ANN401 - any value
        return self._listcomp(node)

    def _call(self, node: ast.Call) -> Any:  # noqa: ANN401 - any value
        arguments = self._list(ast.List(node.args, ast.Load()))
        complete = not any(isinstance(item, Unknown) and isinstance(item.node, ast.Starred) for item in arguments)
        options: dict[str, Any] = {}
        for keyword in node.keywords:
            given = self.value(keyword.value)
            if keyword.arg is not None:
                options[keyword.arg] = given
            elif isinstance(given, dict):
                options.update(given)
            else:
                complete = False
        if isinstance(node.func, ast.Attribute) and node.func.attr in _TEXT_METHODS:
            owner = self.value(node.func.value)
            if isinstance(owner, str) and is_known((arguments, options)):
                return getattr(owner, node.func.attr)(*arguments, **options)
            if isinstance(owner, str):
                return self._unknown(node)
        called = self.value(node.func)
        if isinstance(called, Function):
            return self._inlined(called, arguments, options, node)
        if isinstance(called, Name):
            found = _built_in(called.path, arguments, options)
            return Call(called.path, tuple(arguments), options, node, complete) if found is None else found
        return self._unknown(node)

    def _inlined(self, called: Function, arguments: list[Any], options: dict[str, Any], node: ast.Call) -> Any:  # noqa: ANN401
        """What a function of the file returns, if it only gives names and returns."""
        parameters = called.node.args
        if self.depth > _DEEP or parameters.vararg or parameters.kwarg:
            return self._unknown(node)
        names = [argument.arg for argument in (*parameters.posonlyargs, *parameters.args)]
        defaults = {
            name: self.file.value(default)
            for name, default in zip(names[len(names) - len(parameters.defaults) :], parameters.defaults, strict=True)
        }
        for argument, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
            if default is not None:
                defaults[argument.arg] = self.file.value(default)
        inner = Reader(self.file, {**defaults, **dict(zip(names, arguments, strict=False)), **options}, self.depth + 1)
        if isinstance(called.node, ast.Lambda):
            return inner.value(called.node.body)
        for statement in called.node.body:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return inner.value(statement.value)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                inner.names[statement.targets[0].id] = inner.value(statement.value)
            elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                break
        return self._unknown(node)


def bindings(target: ast.expr, item: object) -> Names | None:
    """The names that a loop gives to the parts of one item, None where it is too involved."""
    if isinstance(target, ast.Name):
        return {target.id: item}
    if isinstance(target, ast.Tuple) and isinstance(item, (list, tuple)) and len(target.elts) == len(item):
        found: Names = {}
        for part, inner in zip(target.elts, item, strict=True):
            bound = bindings(part, inner)
            if bound is None:
                return None
            found.update(bound)
        return found
    return None


def _built_in(path: str, arguments: list[Any], options: dict[str, Any]) -> Any:  # noqa: ANN401 - any value
    """What Python's own, harmless functions return; None for every other."""
    if path == "dict" and not arguments:
        return options
    if path in {"list", "tuple", "set", "frozenset", "sorted"} and len(arguments) == 1 and not options:
        return list(arguments[0]) if isinstance(arguments[0], (list, tuple)) else None
    if path in {"list", "tuple", "set", "frozenset"} and not arguments:
        return []
    if path in {"textwrap.dedent", "inspect.cleandoc"} and arguments and isinstance(arguments[0], str):
        return textwrap.dedent(arguments[0])
    if path in {"str", "int"} and len(arguments) == 1 and isinstance(arguments[0], (str, int)):
        return str(arguments[0]) if path == "str" else int(arguments[0])
    return None


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))


def _size(value: object) -> int:
    return len(value) if isinstance(value, (str, list, tuple)) else 1
