"""Columns in another form."""

from tests.migrations.cases import LONG, TWICE, Case, book
from tests.migrations.changes import BASE

DEFAULTED = BASE + 'AddField("Book", "stock", models.IntegerField(db_default=7)),'

CASES: dict[str, Case] = {
    "AlterField null to not null": Case(
        'AlterField("Book", "note", models.CharField(max_length=30, default="")),',
        "c",
        rows=(book(note=None),),
        breaks=True,
    ),
    "AlterField not null to null": Case(
        'AlterField("Book", "title", models.CharField(max_length=30, null=True)),', "e"
    ),
    "AlterField null and back": Case(
        'AlterField("Book", "note", models.CharField(max_length=30, default="")), AlterField("Book", "note", models.CharField(max_length=30, null=True)),',
        "ee",
    ),
    "AlterField longer": Case('AlterField("Book", "title", models.CharField(max_length=90)),', "e", rows=LONG),
    "AlterField shorter": Case(
        'AlterField("Book", "title", models.CharField(max_length=9)),', "c", rows=LONG, breaks=True, only="postgresql"
    ),
    "AlterField to TextField": Case('AlterField("Book", "title", models.TextField()),', "e", rows=LONG),
    "AlterField to SlugField": Case('AlterField("Book", "title", models.SlugField()),', "e", rows=LONG),
    "AlterField to BigIntegerField": Case(
        'AlterField("Book", "pages", models.BigIntegerField()),', "e", rows=(book(pages=2**31 - 1),)
    ),
    "AlterField to SmallIntegerField": Case(
        'AlterField("Book", "pages", models.SmallIntegerField()),',
        "c",
        rows=(book(pages=2**31 - 1),),
        breaks=True,
        only="postgresql",
    ),
    "AlterField to PositiveIntegerField": Case(
        'AlterField("Book", "pages", models.PositiveIntegerField()),', "c", rows=(book(pages=-1),), breaks=True
    ),
    "AlterField to another type": Case('AlterField("Book", "pages", models.BooleanField()),', "c", only="none"),
    "AlterField unique": Case(
        'AlterField("Book", "title", models.CharField(max_length=30, unique=True)),', "c", rows=TWICE, breaks=True
    ),
    "AlterField no longer unique": Case('AlterField("Book", "code", models.CharField(max_length=10)),', "e"),
    "AlterField db_index": Case('AlterField("Book", "title", models.CharField(max_length=30, db_index=True)),', "e"),
    "AlterField words and choices": Case(
        'AlterField("Book", "title", models.CharField("Title", max_length=30, help_text="x", choices=[("a", "A")], default="a", blank=True)),',
        "e",
    ),
    "AlterField to one to one": Case(
        'AlterField("Book", "author", models.OneToOneField("library.Author", models.CASCADE)),', "c", only="none"
    ),
    "AlterField on_delete": Case(
        'AlterField("Book", "author", models.ForeignKey("library.Author", models.PROTECT)),', "e"
    ),
    "AlterField db_default gone": Case(
        'AlterField("Book", "stock", models.IntegerField()),', "c", base=DEFAULTED, rows=(book(code="d"),), breaks=True
    ),
    "AlterField db_default other": Case(
        'AlterField("Book", "stock", models.IntegerField(db_default=8)),', "e", base=DEFAULTED
    ),
    "AlterField to BigAutoField": Case(
        'AlterField("Item", "id", models.BigAutoField(primary_key=True)),',
        "e",
        base='CreateModel("Item", [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=9))]),',
    ),
}
