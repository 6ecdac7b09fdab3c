"""The pages about Divio's API say what the code says."""

import re
from typing import get_args

from divio_provider.api import contract
from divio_provider.api.conformance.results import Kinds, Verdict
from divio_provider.api.contract.behaviours import BEHAVIOURS
from divio_provider.estate.health.findings import Kind
from tests.docs.pages import TEXTS, section
from tools import contract_table

CLI = "docs/reference/cli.md"


def first_cells(title: str) -> list[str]:
    return re.findall(r"^\| `([a-z-]+)` \|", section(CLI, f"`divio-estate {title}`"), re.MULTILINE)


def test_the_table_of_the_contract_is_current():
    assert contract_table.PAGE.read_text(encoding="utf-8") == contract_table.page(), "run `make docs`"


def test_every_call_and_every_behaviour_is_in_the_table():
    page = contract_table.PAGE.read_text(encoding="utf-8")
    assert all(f"`{call.method} {call.path}`" in page for call in contract.CALLS)
    assert all(one.statement in page for one in BEHAVIOURS)


def test_the_doctors_verdicts_and_kinds_are_those_that_there_are():
    assert first_cells("doctor") == [verdict.value for verdict in Verdict]
    kinds = re.search(r"each with `kind` \((.*?)\)", section(CLI, "`divio-estate doctor`"), re.DOTALL)
    assert kinds
    assert set(re.findall(r"`(\w+)`", kinds[1])) == set(get_args(Kinds))


def test_the_list_of_findings_is_the_one_that_there_is():
    rows = [line for line in TEXTS["docs/reference/findings.md"].splitlines() if line.startswith("| `")]
    kinds = [f"| `{kind}` | {kind.severity} | {kind.meaning} | {kind.remedy or '—'} |" for kind in Kind]
    assert rows == kinds
