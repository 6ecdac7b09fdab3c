"""What is read in a migration is what happens: the real Django, real databases, old code's models on the new schema."""

from typing import Any

import pytest
from django.db.migrations.state import ProjectState

from tests.migrations import column_cases, form_cases, model_cases, rule_cases, sql_cases
from tests.migrations.cases import Case
from tests.migrations.changes import change, phases
from tests.migrations.truth import SQLITE, forgotten, migration, old_code_fails, run

CASES = {
    name: case
    for cases in (column_cases, form_cases, model_cases, rule_cases, sql_cases)
    for name, case in cases.CASES.items()
}


@pytest.mark.parametrize("name", CASES)
def test_an_operation_is_read_as_what_it_is(name):
    case = CASES[name]
    found = change(case.operations, case.base, extra=case.extra)
    assert phases(found) == case.verdicts, [(item.operation.kind, item.verdict) for item in found.judged]
    assert all(item.verdict.why and item.operation.line > 1 for item in found.judged)


def _rows(case: Case) -> list[tuple[str, dict[str, Any]]]:
    usual: list[tuple[str, dict[str, Any]]] = [
        ("Author", {"name": "a"}),
        ("Book", {"title": "t", "pages": 3, "code": "c", "note": "n"}),
        ("Book", {"title": "u", "pages": 4, "code": "d", "note": "m"}),
    ]
    if "Item" in case.base:
        usual = [("Item", {"name": "i"})]
    return [*usual, *case.rows]


def _try(case: Case, alias: str) -> None:
    with forgotten(alias):
        state = run(alias, migration(case.base), ProjectState())
        old = state.clone()
        run(alias, migration(case.operations, case.extra), state)
        why = old_code_fails(alias, old, _rows(case))
    if case.harmless:
        assert why == ""
    elif case.breaks:
        assert why != "", "old code goes on, so that this is no contract"


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.only])
def test_old_code_really_goes_on_or_fails_on_sqlite(django, name):
    _try(CASES[name], SQLITE)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.only != "none"])
def test_old_code_really_goes_on_or_fails_on_postgresql(django_on_postgres, name):
    _try(CASES[name], django_on_postgres)
