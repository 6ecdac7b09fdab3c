"""Changes as texts: a project's migrations at base, those that a change adds, and what is read in them."""

from collections.abc import Mapping
from textwrap import dedent, indent

from divio_provider.migrations.change import Change, read_change
from divio_provider.migrations.trees import Tree

HEAD = """
import django.contrib.postgres.fields
import django.contrib.postgres.operations
import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, TrigramExtension, ValidateConstraint
from django.db import migrations, models
from django.db.migrations import *
from django.db.models import F, Q
"""

BASE = """
    CreateModel("Author", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=30))]),
    CreateModel("Book", [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.CharField(max_length=30)),
        ("note", models.CharField(max_length=30, null=True)),
        ("pages", models.IntegerField()),
        ("code", models.CharField(max_length=10, unique=True)),
        ("author", models.ForeignKey("library.Author", models.CASCADE)),
    ]),
"""


def source(operations: str, *, extra: str = "", dependencies: str = "[]", replaces: str = "") -> str:
    """A migration's file with these operations."""
    body = indent(dedent(operations).strip("\n"), "        ")
    lines = (
        HEAD,
        dedent(extra),
        "class Migration(migrations.Migration):",
        f"    dependencies = {dependencies}",
        f"    replaces = {replaces or []}",
        f"    operations = [\n{body}\n    ]\n",
    )
    return "\n".join(lines)


def change(
    operations: str, base: str = BASE, *, extra: str = "", files: Mapping[str, str] | None = None, base_extra: str = ""
) -> Change:
    """What is read in a change that adds one migration to an app whose first one is `base`."""
    first = {"library/migrations/0001_initial.py": source(base, extra=base_extra), **(files or {})}
    needs = '[("library", "0001_initial")]'
    second = {"library/migrations/0002_change.py": source(operations, extra=extra, dependencies=needs)}
    return between(first, {**first, **second})


def between(base: Mapping[str, str], head: Mapping[str, str], changed: tuple[str, ...] = ()) -> Change:
    """What is read in a change from these files to those."""
    before = Tree("base", "b" * 40, base)
    return read_change(before, before, Tree("head", "h" * 40, head), changed)


def phases(found: Change) -> str:
    """The verdicts in one word, such as `ece`; `u` for what cannot be judged, `d` for what a comment says."""
    letters = {"undecided": "u", "declared": "d"}
    return "".join(letters.get(item.verdict.basis, item.verdict.phase[0]) for item in found.judged)
