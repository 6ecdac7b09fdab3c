"""A file's class `Migration`, statement by statement: most are one list of operations, some build it."""

import ast
from typing import Any

from divio_provider.migrations.expressions import Names, bindings
from divio_provider.migrations.migration import Migration, Operation
from divio_provider.migrations.notes import Note, notes_in
from divio_provider.migrations.reading import File
from divio_provider.migrations.values import Call, Name, Unknown
from divio_provider.migrations.vocabulary import LINTER_IGNORE, known_as, parameters


def is_migration(text: str) -> bool:
    """Whether a file's text may hold a migration; quick, to spare parsing a project's other files."""
    return "class Migration" in text and "migrations" in text


def migration(file: File, app: str, name: str) -> Migration | None:
    """What a file declares, None where it has no class `Migration` of Django's kind."""
    declared = file.classes.get("Migration")
    # South's, for Django before 1.7, derive from SchemaMigration or DataMigration.
    if declared is None or any("south" in source for source in (*file.imports.values(), *file.stars)):
        return None
    notes = notes_in(file.text)
    body = _Body(file, notes)
    for base in declared.bases:
        if isinstance(base, ast.Name) and base.id in file.classes:
            body.run(file.classes[base.id].body)
    body.run(declared.body)
    body.outside()
    operations = tuple(body.operations())
    return Migration(
        app,
        name,
        file.path,
        declared.lineno,
        _pairs(body.names.get("dependencies")),
        _pairs(body.names.get("run_before")),
        _pairs(body.names.get("replaces")),
        operations,
        tuple(note for note in notes.values() if not note.used),
    )


class _Body:
    """The class's body, statement by statement: most are one list, some build it."""

    def __init__(self, file: File, notes: dict[int, Note]) -> None:
        self.file = file
        self.notes = notes
        self.names: Names = {}
        self._conditional: set[int] = set()
        self._below = 0

    def run(self, body: list[ast.stmt]) -> None:
        """Read statements in their order."""
        for statement in body:
            self._statement(statement)

    def outside(self) -> None:
        """Statements of the file that go on about `Migration`, such as `Migration.operations.append(…)`."""
        for statement in self.file.body:
            if not isinstance(statement, (ast.ClassDef, ast.FunctionDef)) and "Migration." in ast.unparse(statement):
                self._statement(statement)

    def _statement(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                self._assign(_name_of(target), statement.value)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._assign(_name_of(statement.target), statement.value)
        elif isinstance(statement, ast.AugAssign):
            self._extend(_name_of(statement.target), self._value(statement.value), statement)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._called(statement.value)
        elif isinstance(statement, ast.If):
            self._if(statement)
        elif isinstance(statement, ast.For):
            self._for(statement)
        elif isinstance(statement, (ast.With, ast.Try)):
            self.run(statement.body)

    def _value(self, node: ast.expr) -> Any:  # noqa: ANN401 - any value
        return self.file.value(node, self.names)

    def _assign(self, name: str, node: ast.expr) -> None:
        if name:
            value = self._value(node)
            # A list that is built further down must not be another name's list.
            self.names[name] = list(value) if isinstance(value, (list, tuple)) else value
            self._mark(self.names[name])

    def _mark(self, value: object) -> None:
        if self._below and isinstance(value, list):
            self._conditional.update(id(item) for item in value)

    def _extend(self, name: str, value: object, node: ast.AST) -> None:
        if not name:
            return
        had = self.names.get(name)
        kept = had if isinstance(had, list) else [] if had is None else [had]
        added = list(value) if isinstance(value, (list, tuple)) else [Unknown(ast.unparse(node), node)]
        self._mark(added)
        self.names[name] = [*kept, *added]

    def _called(self, call: ast.Call) -> None:
        """`operations.append(…)` and its like."""
        if not isinstance(call.func, ast.Attribute):
            return
        name, verb = _name_of(call.func.value), call.func.attr
        if verb == "append" and len(call.args) == 1:
            self._extend(name, [self._value(call.args[0])], call)
        elif verb == "insert" and len(call.args) == 2:
            self._extend(name, [self._value(call.args[1])], call)
        elif verb == "extend" and len(call.args) == 1:
            self._extend(name, self._value(call.args[0]), call)
        elif name in {"operations", "dependencies", "replaces"}:
            self._extend(name, None, call)

    def _if(self, statement: ast.If) -> None:
        test = self._value(statement.test)
        if isinstance(test, bool):
            self.run(statement.body if test else statement.orelse)
            return
        # Either may happen. What both branches assign is taken from both.
        self._below += 1
        before = dict(self.names)
        self.run(statement.body)
        first = self.names
        self.names = dict(before)
        self.run(statement.orelse)
        for name, value in first.items():
            other = self.names.get(name)
            if isinstance(value, list) and isinstance(other, list):
                self.names[name] = [*value, *(item for item in other if all(item is not known for known in value))]
            elif name not in self.names:
                self.names[name] = value
        self._below -= 1

    def _for(self, statement: ast.For) -> None:
        items = self._value(statement.iter)
        if isinstance(items, (list, tuple)):
            for item in items:
                self.names.update(bindings(statement.target, item) or {})
                self.run(statement.body)
        elif "operations" in ast.unparse(statement):
            self._extend("operations", None, statement)

    def operations(self) -> list[Operation]:
        """The operations that the body came to."""
        value = self.names.get("operations")
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        return [self._operation(item, at=id(item) in self._conditional) for item in items]

    def _operation(self, value: object, *, at: bool) -> Operation:
        node = getattr(value, "node", None)
        line: int = getattr(node, "lineno", 1)
        end: int = getattr(node, "end_lineno", None) or line
        node = node if isinstance(node, ast.AST) else None
        if not isinstance(value, Call):
            note = _note(self.notes, line, end)
            return Operation("", {}, line, end, node, self.file, note, conditional=at)
        kind, arguments = self._bound(value)
        nested: dict[str, tuple[Operation, ...]] = {}
        for name in ("database_operations", "state_operations"):
            inner = arguments.get(name)
            items = inner if isinstance(inner, (list, tuple)) else [] if inner is None else [inner]
            nested[name] = tuple(self._operation(item, at=at) for item in items)
        # What is said inside a SeparateDatabaseAndState is said of one of its parts.
        note = _note(self.notes, line, line if nested["database_operations"] else end)
        if not note and kind in {"RunPython", "RunSQL"}:
            note = self._note_of_function(arguments.get("code"))
        return Operation(
            kind,
            arguments,
            line,
            end,
            node,
            self.file,
            note,
            conditional=at,
            database=nested["database_operations"],
            state=nested["state_operations"],
            noop=value.path == LINTER_IGNORE,
            own="" if known_as(value.path) else self._own(value.path),
        )

    def _note_of_function(self, code: object) -> Note | None:
        """A note may stand above the function that RunPython runs."""
        node = getattr(code, "node", None)
        return _note(self.notes, node.lineno, node.lineno) if isinstance(node, ast.FunctionDef) else None

    def _bound(self, call: Call) -> tuple[str, dict[str, Any]]:
        """An operation's name and its arguments by name."""
        kind = known_as(call.path) or self._child(call.path)[0]
        if not kind:
            return call.path, dict(call.options)
        named = dict(zip(parameters(kind), call.arguments, strict=False))
        arguments = {**named, **call.options}
        if not call.complete:
            return call.path, arguments
        return kind, arguments

    def _child(self, path: str) -> tuple[str, bool]:
        """Django's operation that a class of this file derives from, and whether it does so without changing anything."""
        declared = self.file.classes.get(path.rpartition(".")[2])
        if declared is None or not declared.bases:
            return "", False
        plain = all(isinstance(item, (ast.Pass, ast.Expr)) for item in declared.body)
        for base in declared.bases:
            value = self.file.value(base)
            if isinstance(value, Name):
                kind = known_as(value.path)
                if kind:
                    return kind, plain and len(declared.bases) == 1
                kind, inherited = self._child(value.path) if value.path != path else ("", False)
                if kind:
                    return kind, plain and inherited
        return "", False

    def _own(self, path: str) -> str:
        kind, plain = self._child(path)
        return path.rpartition(".")[2] if kind and not plain else ""


def _note(notes: dict[int, Note], line: int, end: int) -> Note | None:
    """What is said of lines: beside one of them, or in the comment right above."""
    for at in range(line, end + 1):
        found = notes.get(at) or notes.get(-at)
        if found is not None:
            found.used = True
            return found
    return None


def _name_of(target: ast.expr) -> str:
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "Migration":
        return target.attr
    return ""


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    """Names of migrations; what is no pair of texts (a swappable dependency) orders nothing that we could read."""
    if not isinstance(value, (list, tuple)):
        return ()
    return tuple(
        (item[0], item[1])
        for item in value
        if isinstance(item, (list, tuple)) and len(item) == 2 and all(isinstance(part, str) for part in item)
    )
