"""Changes whose verdicts are known: what a project's migrations are at base, what a change adds, what each operation is.

Old code's models were held against the new schema on a real PostgreSQL for each of them (rows written, rows read). A
letter stands for each operation in `operations` of the change's migrations, in the order in which they run; one inside
SeparateDatabaseAndState has none of its own:

- `e`: expand, old code goes on; also what nobody can judge, but a comment in the migration declares harmless.
- `c`: contract, old code fails or loses what it wrote.
- `u`: it cannot be judged. Every RunPython that is no noop is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import dedent, indent

HEAD = """
import django
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, TrigramExtension, ValidateConstraint
from django.db import migrations, models
from django.db.migrations import *
from django.db.models import F, Q


def check(condition, name):
    # The argument had another name before Django 5.1.
    return models.CheckConstraint(**{"condition" if django.VERSION >= (5, 1) else "check": condition}, name=name)
"""
"""What each migration begins with, so that operations can be written without prefixes."""

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
"""What the first migration of the app `library` does, unless a case says otherwise."""


def source(
    operations: str, *, extra: str = "", dependencies: str = "[]", replaces: str = "[]", atomic: bool = True
) -> str:
    """A migration's file with these operations; they begin in its last lines, each where the text has it."""
    lines = (
        HEAD,
        dedent(extra),
        "class Migration(migrations.Migration):",
        f"    dependencies = {dependencies}",
        f"    replaces = {replaces}",
        f"    atomic = {atomic}",
        f"    operations = [\n{indent(dedent(operations).strip(chr(10)), ' ' * 8)}\n    ]\n",
    )
    return "\n".join(lines)


@dataclass(frozen=True)
class Tree:
    """A change of files: what a project's apps have at base and what afterwards.

    Args:
        base: paths from the project's folder and their text; every migration in it is applied.
        head: the same after the change.
        letters: one for each operation that the change runs.
        apps: INSTALLED_APPS of the project after the change, besides Django's own.
        base_apps: those at base, where they differ.
        django: the oldest Django that has what it uses.
    """

    base: Mapping[str, str]
    head: Mapping[str, str]
    letters: str
    apps: tuple[str, ...] = ("library",)
    base_apps: tuple[str, ...] = field(default=())
    django: tuple[int, int] = (4, 2)


@dataclass(frozen=True)
class Case:
    """A change that adds one migration to the app `library`.

    Args:
        operations: what it does.
        letters: one for each operation.
        base: what the app's first migration does.
        extra: code above the classes of both migrations.
        atomic: whether the change's migration is one transaction.
        django: the oldest Django that has what it uses.
    """

    operations: str
    letters: str
    base: str = BASE
    extra: str = ""
    atomic: bool = True
    django: tuple[int, int] = (4, 2)

    def tree(self) -> Tree:
        """The same as files."""
        needs = "[migrations.swappable_dependency(settings.AUTH_USER_MODEL)]"
        base = {
            "library/__init__.py": "",
            "library/migrations/__init__.py": "",
            "library/migrations/0001_initial.py": source(self.base, extra=self.extra, dependencies=needs),
        }
        needs = '[("library", "0001_initial")]'
        added = source(self.operations, extra=self.extra, dependencies=needs, atomic=self.atomic)
        head = {**base, "library/migrations/0002_change.py": added}
        return Tree(base, head, self.letters, django=self.django)
