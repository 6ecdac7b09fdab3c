"""Columns that come, go or have another name."""

from tests.cases.case import BASE, Case

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
        'AddField("Book", "sub", models.CharField(max_length=9, default="")),', "c"
    ),
    "AddField not null, default dropped by Django": Case(
        'AddField("Book", "sub", models.IntegerField(default=0), preserve_default=False),', "c"
    ),
    "AddField db_default": Case('AddField("Book", "sub", models.IntegerField(db_default=0)),', "e", django=(5, 0)),
    "AddField null and unique": Case('AddField("Book", "sub", models.IntegerField(null=True, unique=True)),', "e"),
    # The default may differ from row to row.
    "AddField db_default and unique": Case(
        'AddField("Book", "sub", models.IntegerField(db_default=0, unique=True)),', "u", django=(5, 0)
    ),
    "AddField foreign key null": Case(
        'AddField("Book", "editor", models.ForeignKey("library.Author", models.CASCADE, null=True, related_name="+")),',
        "e",
    ),
    "AddField one to one null": Case(
        'AddField("Book", "twin", models.OneToOneField("library.Author", models.CASCADE, null=True, related_name="+")),',
        "e",
    ),
    "AddField one to one not null": Case(
        'AddField("Book", "twin", models.OneToOneField("library.Author", models.CASCADE, default=None, related_name="+")),',
        "c",
    ),
    "AddField many to many": Case(
        'AddField("Book", "editors", models.ManyToManyField("library.Author", related_name="+")),', "e"
    ),
    # Whether it has a value for every row, nobody can tell.
    "AddField generated": Case(
        """
        AddField("Book", "lower", models.GeneratedField(
            expression=models.functions.Lower("title"), output_field=models.TextField(), db_persist=True,
        )),
        """,
        "u",
        django=(5, 0),
    ),
    # It fails for the largest numbers alone; whether old code writes such, nobody can tell.
    "AddField generated that overflows": Case(
        """
        AddField("Book", "twice", models.GeneratedField(
            expression=F("pages") * 2, output_field=models.IntegerField(), db_persist=True,
        )),
        """,
        "u",
        django=(5, 0),
    ),
    "AddField generated and unique": Case(
        'AddField("Book", "twice", models.GeneratedField(expression=F("pages") * 2, output_field=models.IntegerField(), db_persist=True, unique=True)),',
        "u",
        django=(5, 0),
    ),
    "AddField boolean default": Case('AddField("Book", "sold", models.BooleanField(default=False)),', "c"),
    "AddField JSON default": Case('AddField("Book", "data", models.JSONField(default=dict)),', "c"),
    "AddField null, then not null": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), AlterField("Book", "sub", models.IntegerField(default=0)),',
        "ec",
    ),
    "AddField with a default that SQL gives": Case(
        """
        AddField("Book", "sub", models.IntegerField(default=0)),
        RunSQL('ALTER TABLE library_book ALTER COLUMN sub SET DEFAULT 0', state_operations=[]),
        """,
        "ee",
    ),
    "AddField with a default that SQL gives and Django drops": Case(
        """
        AddField("Book", "sub", models.IntegerField(null=True)),
        RunSQL('ALTER TABLE library_book ALTER COLUMN sub SET DEFAULT 0'),
        AlterField("Book", "sub", models.IntegerField(default=0)),
        """,
        "eec",
    ),
    "AddField db_default, taken away again": Case(
        'AddField("Book", "sub", models.IntegerField(db_default=0)), AlterField("Book", "sub", models.IntegerField(default=0)),',
        "ec",
        django=(5, 0),
    ),
    # What the change itself takes back is no loss in the end.
    "AddField, RemoveField": Case(
        'AddField("Book", "sub", models.IntegerField(default=0)), RemoveField("Book", "sub"),', "ee"
    ),
    "AddField null, renamed": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), RenameField("Book", "sub", "under"),', "ee"
    ),
    # --- Columns that are gone or have another name ---
    "RemoveField": Case('RemoveField("Book", "note"),', "c"),
    # Whether the new one has what the old one had, nobody can see.
    "RemoveField, then another of its name": Case(
        'RemoveField("Book", "note"), AddField("Book", "note", models.CharField(max_length=30, null=True)),', "ue"
    ),
    "RemoveField of a foreign key": Case('RemoveField("Book", "author"),', "c"),
    "RemoveField of a ManyToManyField": Case('RemoveField("Book", "tags"),', "c", base=TAGGED),
    "RemoveField of models alone": Case(
        'SeparateDatabaseAndState(state_operations=[RemoveField("Book", "note")]),', "e"
    ),
    "RemoveField of both": Case(
        'SeparateDatabaseAndState(database_operations=[RemoveField("Book", "note")], state_operations=[RemoveField("Book", "note")]),',
        "c",
    ),
    "RenameField": Case('RenameField("Book", "title", "name"),', "c"),
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
        'AlterField("Book", "title", models.CharField(max_length=30, db_column="name")),', "c"
    ),
}
