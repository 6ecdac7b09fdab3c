"""What a trial says of a change is what really happens to old code; a triage never calls a danger harmless."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
import pytest

from tests.cases import change_cases, column_cases, data_cases, form_cases, model_cases, rule_cases, sql_cases
from tests.cases.case import Tree

_OF_ONE_APP = (column_cases, form_cases, model_cases, rule_cases, sql_cases, data_cases)
TREES: dict[str, Tree] = {
    name: case.tree() for cases in _OF_ONE_APP for name, case in cases.CASES.items()
} | change_cases.CASES
CASES = {name: tree for name, tree in TREES.items() if tree.django <= django.VERSION[:2]}

# The first one tries all that were asked for, for some minutes on a busy machine.
pytestmark = [pytest.mark.xdist_group("trial"), pytest.mark.timeout(1200)]
each_case = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * bool(number % 16)) for number, name in enumerate(CASES)]
)
Found = dict[str, Any]


@pytest.fixture(scope="session")
def found(postgres: Any, request: pytest.FixtureRequest) -> dict[str, Found]:
    """What is found in every change that a test asks for, tried one after the other in one process."""
    folder = Path(__file__).parent
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    done = subprocess.run(
        [sys.executable, str(folder / "trying.py")],
        input=json.dumps(
            {
                name: {"base": dict(tree.base), "head": dict(tree.head), "apps": tree.apps}
                for name, tree in CASES.items()
                if name in asked
            }
        ),
        env={**os.environ, "PGHOST": postgres.host, "PYTHONPATH": str(folder.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines())


def _letters(operations: list[Found], harmless: dict[str, str]) -> str:
    """A letter for each operation; the parts of a SeparateDatabaseAndState have that of the worst."""
    letters: list[str] = []
    lines: list[tuple[str, int] | None] = []
    for one in operations:
        letter = harmless.get(one["verdict"], "u" if one["needs"] != "expand" else "e")
        place = (one["migration"], one["within"]["line"]) if one["within"] else None
        if place and lines and lines[-1] == place:
            letters[-1] = max(letters[-1], letter, key="euc".index)
        else:
            letters.append(letter)
            lines.append(place)
    return "".join(letters)


@each_case
def test_a_trial_says_of_each_operation_what_it_does_to_old_code(name: str, found: dict[str, Found]) -> None:
    one = found[name]
    assert "error" not in one, one["error"]
    assert _letters(one["operations"], {"expand": "e", "contract": "c"}) == CASES[name].letters, one["operations"]
    assert all(operation["why"] or operation["verdict"] == "expand" for operation in one["operations"])


@each_case
def test_a_triage_calls_expand_only_what_a_trial_does(name: str, found: dict[str, Found]) -> None:
    for quick, tried in zip(found[name]["triage"], found[name]["operations"], strict=True):
        assert quick["verdict"] != "expand" or tried["verdict"] == "expand", (quick, tried)
        assert (
            quick["verdict"] != "contract" or tried["verdict"] == "contract" or set(CASES[name].letters) & set("cu")
        ), (quick, tried)
