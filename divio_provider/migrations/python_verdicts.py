"""RunPython: what its function does to rows that old code reads."""

from collections.abc import Iterable

from divio_provider.migrations.field_verdicts import MADE_HERE
from divio_provider.migrations.migration import Operation
from divio_provider.migrations.python_code import read_code
from divio_provider.migrations.python_names import Code, Write
from divio_provider.migrations.reading import File
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.sql_verdicts import LATER, judge_sql
from divio_provider.migrations.state import Model
from divio_provider.migrations.values import Call, Function, Name
from divio_provider.migrations.verdict import Verdict, contract, expand, undecided, worst

_SEES = "old code sees these rows too"


def run_python(situation: Situation, operation: Operation) -> Verdict:
    """A function of the project's."""
    value = operation["code"]
    if isinstance(value, Call) and value.last == "partial" and value.arguments:
        value = value.arguments[0]
    file = operation.file
    if isinstance(value, Name):
        if value.path.endswith("RunPython.noop"):
            return expand("it does nothing")
        found = find_function(situation, value.path)
        if found is None:
            return undecided(f"what {value.path} does, which is not in the project's files")
        file, value = found
    if not isinstance(value, Function):
        return undecided("its function is not written plainly")
    code = read_code(file, value, lambda path: find_function(situation, path))
    remark = ""
    if code.direct:
        names = ", ".join(sorted(code.direct))
        remark = f"it imports {names} instead of asking apps.get_model: it breaks when the model changes later"
    parts = [_judge(situation, code, write) for write in code.writes]
    return worst(parts, "it only reads" if code.models else "it writes no row").with_remarks(remark)


def find_function(situation: Situation, path: str) -> tuple[File, Function] | None:
    """A function of the project by its dotted path."""
    module, _, name = path.rpartition(".")
    inner = module.replace(".", "/")
    below = f"{situation.project}/" if situation.project else ""
    for root in dict.fromkeys((below, f"{below}src/", "")):
        for at in (f"{root}{inner}.py", f"{root}{inner}/__init__.py"):
            text = situation.sources.get(at)
            if text is None or not module:
                continue
            try:
                file = File(at, text, f"{module}.__init__" if at.endswith("/__init__.py") else module)
            except (SyntaxError, ValueError):
                return None
            if name in file.functions:
                return file, Function(name, file.functions[name])
            return None
    return None


def _judge(situation: Situation, code: Code, write: Write) -> Verdict:
    where = f" (line {write.line})" if write.line else ""
    if write.kind == "unclear":
        return undecided(f"{write.text}{where}")
    if write.kind == "sql":
        return judge_sql(situation, [write.text])
    keys = {write.model} if write.model else set(code.models)
    models = [(key, situation.before.model(*key)) for key in sorted(keys)]
    if write.kind == "insert":
        return _insert(situation, write, models)
    if models and all(model and (situation.is_new_table(model.table)) for _, model in models):
        return expand(f"rows of tables that this change makes{where}")
    if write.kind == "delete":
        return contract(f"deletes rows of {_named(models)}{where}, which old code may need")
    return _update(situation, write, models, where)


def _insert(situation: Situation, write: Write, models: list[tuple[tuple[str, str], Model | None]]) -> Verdict:
    if write.fields:
        return expand(f"links rows of {_named(models)} by {', '.join(write.fields)}", _SEES)
    new = bool(models) and all(model and situation.is_new_table(model.table) for _, model in models)
    return expand(f"adds rows to {_named(models)}", "" if new else _SEES)


def _update(
    situation: Situation, write: Write, models: list[tuple[tuple[str, str], Model | None]], where: str
) -> Verdict:
    if not write.fields:
        return undecided(f"which fields of {_named(models)} it changes{where}")
    old: list[str] = []
    new: list[str] = []
    for name in write.fields:
        fate = {_is_new(situation, model, name) for _, model in models} - {None}
        (old if False in fate or not fate else new).append(name)
    if old:
        shown = ", ".join(old)
        return undecided(f"whether old code understands the new values of {_named(models)} ({shown}){where}")
    return expand(f"fills {', '.join(new)} of {_named(models)}, which {MADE_HERE}", LATER)


def _is_new(situation: Situation, model: Model | None, name: str) -> bool | None:
    """Whether a field's column is made by this change; None where the model has no such field."""
    if model is None:
        return False
    found = model.field(name) or (model.field(name.removesuffix("_id")) if name.endswith("_id") else None)
    if found is None:
        return None if model.complete else False
    if found.is_many:
        table = model.through_table(found)
        return bool(table) and situation.is_new_table(table)
    if not found.has_column:
        return False
    if situation.is_new_column(model.table, found.column):
        return True
    # No model of old code has it any more, or none had it yet.
    return bool(situation.base_models(model.table)) and not situation.old_code_knows(model.table, found.column)


def _named(models: Iterable[tuple[tuple[str, str], Model | None]]) -> str:
    listed = [model.label if model else ".".join(key) for key, model in models]
    return ", ".join(item for item in listed if item.strip(".")) or "some model"
