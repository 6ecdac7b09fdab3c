"""Types of columns are those of the real Django, and one that takes all of another really does, on the real PostgreSQL."""

import datetime as dt
import decimal
import itertools
import uuid
from typing import Any

import pytest
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.state import ProjectState

from divio_provider.migrations.columns import takes_all_of, type_of
from divio_provider.migrations.fields import field_from
from divio_provider.migrations.reading import File
from tests.migrations.changes import change, phases
from tests.migrations.truth import forgotten, migration, old_code_fails, run

BIG, SMALL = 2**63 - 1, -(2**63)
NOW = dt.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC)
WHOLE = (0, 32767, -32768, 2147483647, -2147483648, BIG, SMALL)

FIELDS: dict[str, tuple[Any, ...]] = {
    "models.SmallIntegerField({})": WHOLE[:3],
    "models.IntegerField({})": WHOLE[:5],
    "models.BigIntegerField({})": WHOLE,
    "models.PositiveSmallIntegerField({})": WHOLE[:2],
    "models.PositiveIntegerField({})": (0, 2147483647),
    "models.PositiveBigIntegerField({})": (0, BIG),
    "models.CharField(max_length=9, {})": ("", "x" * 9, "ä" * 9),
    "models.CharField(max_length=90, {})": ("", "x" * 90),
    "models.CharField({})": ("", "x" * 900),
    "models.SlugField({})": ("", "x" * 50),
    "models.EmailField({})": ("", "x" * 254),
    "models.URLField({})": ("", "x" * 200),
    "models.FilePathField({})": ("", "x" * 100),
    "models.TextField({})": ("", "x" * 900),
    "models.BooleanField({})": (True, False),
    "models.FloatField({})": (0.1, 1e300),
    "models.DecimalField(max_digits=5, decimal_places=2, {})": (decimal.Decimal("999.99"), decimal.Decimal("-0.01")),
    "models.DecimalField(max_digits=7, decimal_places=2, {})": (decimal.Decimal("99999.99"),),
    "models.DecimalField(max_digits=7, decimal_places=4, {})": (decimal.Decimal("999.9999"),),
    "models.DecimalField(max_digits=6, decimal_places=0, {})": (decimal.Decimal(999999),),
    "models.DateField({})": (dt.date(2026, 1, 2),),
    "models.DateTimeField({})": (NOW,),
    "models.TimeField({})": (dt.time(3, 4, 5, 678901),),
    "models.DurationField({})": (dt.timedelta(days=3, microseconds=1),),
    "models.UUIDField({})": (uuid.UUID(int=5),),
    "models.GenericIPAddressField({})": ("::1",),
    "models.JSONField({})": ({"a": [1, None]}, "x", 3),
    "models.BinaryField({})": (),
    "django.contrib.postgres.fields.ArrayField(models.IntegerField(), {})": ([1, 2],),
    "django.contrib.postgres.fields.ArrayField(models.CharField(max_length=3), {})": (["abc"],),
}
KEYS = ["models.AutoField({})", "models.BigAutoField({})", "models.SmallAutoField({})"]
PAIRS = [pair for pair in itertools.product(FIELDS, FIELDS) if pair[0] != pair[1]]


def _text(field: str, options: str = "") -> str:
    return field.format(options).replace(", )", ")")


def _django(field: str) -> Any:
    made = migration(f'CreateModel("X", [("x", {field})]),').operations[0].fields[0][1]
    made.set_attributes_from_name("x")
    return made


@pytest.mark.parametrize("field", [*FIELDS, *KEYS])
def test_the_type_of_a_column_is_that_of_the_real_django(django, field):
    options = "primary_key=True" if field in KEYS else ""
    about = _django(_text(field, options)).db_parameters(DatabaseWrapper({"NAME": "x"}))
    file = File(
        "x.py", f"import django.contrib.postgres.fields\nfrom django.db import models\nX = {_text(field, options)}"
    )
    found = type_of(field_from("x", file.named("X")))
    assert found is not None
    assert str(found).removesuffix(" >= 0").replace(", ", ",") == about["type"].replace(", ", ",")
    assert found.positive == bool(about["check"])
    assert takes_all_of(found, found)


def _holds(alias: str, old: str, new: str) -> None:
    """Whatever old code writes into a column that was altered as expand, it reads again."""
    base = f'CreateModel("Book", [("id", models.BigAutoField(primary_key=True)), ("x", {_text(old)})]),'
    operations = f'AlterField("Book", "x", {_text(new)}),'
    with forgotten(alias):
        state = run(alias, migration(base), ProjectState())
        before = state.clone()
        run(alias, migration(operations), state)
        why = old_code_fails(alias, before, [("Book", {"x": value}) for value in FIELDS[old]])
    assert why == "", f"{old} to {new}: {why}"


def test_an_altered_column_that_is_expand_takes_whatever_old_code_writes(django_on_postgres):
    widening = [pair for pair in PAIRS if phases(_change(*pair)) == "e"]
    assert len(widening) > 40
    for old, new in widening:
        _holds(django_on_postgres, old, new)


def _change(old: str, new: str) -> Any:
    base = f'CreateModel("Book", [("id", models.BigAutoField(primary_key=True)), ("x", {_text(old)})]),'
    return change(f'AlterField("Book", "x", {_text(new)}),', base)
