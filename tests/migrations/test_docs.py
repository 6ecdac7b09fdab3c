"""What docs/migrations.md says of operations and options is what there is."""

import re

import typer

from divio_provider.commands.migrations import migrations
from divio_provider.migrations.replay import JUDGES
from divio_provider.migrations.vocabulary import OPERATIONS, POSTGRES
from tests.local_divio import ROOT

DOCS = (ROOT / "docs" / "migrations.md").read_text(encoding="utf-8")


def test_every_operation_of_djangos_has_a_judge_and_stands_in_the_table():
    assert JUDGES.keys() | {"SeparateDatabaseAndState"} == OPERATIONS.keys() | POSTGRES.keys()
    words = set(re.findall(r"\w+", DOCS))
    grouped = {name for name in JUDGES if "Index" in name or name.endswith("Extension") or "Comment" in name}
    assert JUDGES.keys() - grouped <= words, JUDGES.keys() - grouped - words


def test_every_option_stands_in_the_table_and_no_other():
    check = typer.main.get_command(migrations).commands["check"]  # type: ignore[attr-defined]
    options = {option for parameter in check.params for option in parameter.opts} - {"--help"}
    listed = set(re.findall(r"^\| `(--[a-z-]+)", DOCS, re.MULTILINE))
    assert listed == options
