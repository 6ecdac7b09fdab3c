"""Columns that come, go or have another name."""

from tests.migrations.cases import TWICE, Case
from tests.migrations.changes import BASE

TAGGED = (
    BASE
    + """
    CreateModel("Tag", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=30))]),
    AddField("Book", "tags", models.ManyToManyField("library.Tag")),
"""
)

CASES: dict[str, Case] = {
    # --- New columns ---
    "AddField null": Case('AddField("Book", "sub", models.CharField(max_length=9, null=True)),', "e"),
    "AddField not null with Python's default": Case(
        'AddField("Book", "sub", models.CharField(max_length=9, default="")),', "c", breaks=True
    ),
    "AddField not null, default dropped by Django": Case(
        'AddField("Book", "sub", models.IntegerField(default=0), preserve_default=False),', "c", breaks=True
    ),
    "AddField db_default": Case('AddField("Book", "sub", models.IntegerField(db_default=0)),', "e"),
    "AddField null and unique": Case(
        'AddField("Book", "sub", models.IntegerField(null=True, unique=True)),', "e", rows=TWICE, only="postgresql"
    ),
    "AddField db_default and unique": Case(
        'AddField("Book", "sub", models.IntegerField(db_default=0, unique=True)),',
        "c",
        rows=TWICE,
        breaks=True,
        only="postgresql",
    ),
    "AddField foreign key null": Case(
        'AddField("Book", "editor", models.ForeignKey("library.Author", models.CASCADE, null=True, related_name="+")),',
        "e",
    ),
    "AddField one to one null": Case(
        'AddField("Book", "twin", models.OneToOneField("library.Author", models.CASCADE, null=True, related_name="+")),',
        "e",
        rows=TWICE,
    ),
    "AddField one to one not null": Case(
        'AddField("Book", "twin", models.OneToOneField("library.Author", models.CASCADE, default=None, related_name="+")),',
        "c",
        breaks=True,
    ),
    "AddField many to many": Case(
        'AddField("Book", "editors", models.ManyToManyField("library.Author", related_name="+")),', "e"
    ),
    "AddField generated": Case(
        'AddField("Book", "twice", models.GeneratedField(expression=F("pages") * 2, output_field=models.IntegerField(), db_persist=True)),',
        "e",
        only="postgresql",
    ),
    "AddField generated and unique": Case(
        'AddField("Book", "twice", models.GeneratedField(expression=F("pages") * 2, output_field=models.IntegerField(), db_persist=True, unique=True)),',
        "c",
        rows=TWICE,
        breaks=True,
        only="postgresql",
    ),
    "AddField boolean default": Case('AddField("Book", "sold", models.BooleanField(default=False)),', "c", breaks=True),
    "AddField JSON default": Case('AddField("Book", "data", models.JSONField(default=dict)),', "c", breaks=True),
    "AddField null, then not null": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), AlterField("Book", "sub", models.IntegerField(default=0)),',
        "ec",
        breaks=True,
    ),
    "AddField with a default that SQL gives": Case(
        """
        AddField("Book", "sub", models.IntegerField(default=0)),
        RunSQL('ALTER TABLE library_book ALTER COLUMN sub SET DEFAULT 0', state_operations=[]),
        """,
        "ee",
        only="postgresql",
    ),
    "AddField with a default that SQL gives and Django drops": Case(
        """
        AddField("Book", "sub", models.IntegerField(null=True)),
        RunSQL('ALTER TABLE library_book ALTER COLUMN sub SET DEFAULT 0'),
        AlterField("Book", "sub", models.IntegerField(default=0)),
        """,
        "eec",
        breaks=True,
        only="postgresql",
    ),
    "AddField db_default, taken away again": Case(
        'AddField("Book", "sub", models.IntegerField(db_default=0)), AlterField("Book", "sub", models.IntegerField(default=0)),',
        "ec",
        breaks=True,
    ),
    "AddField, RemoveField": Case(
        'AddField("Book", "sub", models.IntegerField(default=0)), RemoveField("Book", "sub"),', "ce"
    ),
    "AddField null, renamed": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), RenameField("Book", "sub", "under"),', "ee"
    ),
    # --- Columns that are gone or have another name ---
    "RemoveField": Case('RemoveField("Book", "note"),', "c", breaks=True),
    "RemoveField of a foreign key": Case('RemoveField("Book", "author"),', "c", breaks=True),
    "RemoveField of a ManyToManyField": Case('RemoveField("Book", "tags"),', "c", base=TAGGED),
    "RemoveField of models alone": Case(
        'SeparateDatabaseAndState(state_operations=[RemoveField("Book", "note")]),', "e"
    ),
    "RemoveField of both": Case(
        'SeparateDatabaseAndState(database_operations=[RemoveField("Book", "note")], state_operations=[RemoveField("Book", "note")]),',
        "c",
        breaks=True,
    ),
    "RenameField": Case('RenameField("Book", "title", "name"),', "c", breaks=True),
    "RenameField with db_column": Case(
        'AlterField("Book", "title", models.CharField(max_length=30, db_column="title")), RenameField("Book", "title", "name"),',
        "ee",
    ),
    "RenameField back and forth": Case(
        'RenameField("Book", "title", "name"), RenameField("Book", "name", "title"),', "ee"
    ),
    "RenameField, then db_column": Case(
        'RenameField("Book", "title", "name"), AlterField("Book", "name", models.CharField(max_length=30, db_column="title")),',
        "ee",
    ),
    "RenameField of a ManyToManyField": Case('RenameField("Book", "tags", "labels"),', "c", base=TAGGED),
    "AlterField db_column": Case(
        'AlterField("Book", "title", models.CharField(max_length=30, db_column="name")),', "c", breaks=True
    ),
}
