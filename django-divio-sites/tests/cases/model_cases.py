"""Models."""

from tests.cases.case import BASE, Case

CASES: dict[str, Case] = {
    "CreateModel": Case(
        'CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField())]),', "e"
    ),
    "CreateModel and everything with it": Case(
        """
        CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField())]),
        AddField("Shelf", "m", models.IntegerField(default=0)),
        AlterField("Shelf", "n", models.TextField()),
        AlterUniqueTogether("Shelf", {("n", "m")}),
        AddConstraint("Shelf", check(Q(m__gt=0), name="positive")),
        RenameField("Shelf", "m", "k"),
        RenameModel("Shelf", "Board"),
        AlterModelTable("Board", "boards"),
        AlterOrderWithRespectTo("Board", None),
        DeleteModel("Board"),
        """,
        "eeeeeeeeee",
    ),
    "DeleteModel": Case('DeleteModel("Book"),', "c"),
    "DeleteModel of models alone": Case('SeparateDatabaseAndState(state_operations=[DeleteModel("Book")]),', "e"),
    "RenameModel": Case('RenameModel("Book", "Work"),', "c"),
    "RenameModel with db_table": Case('AlterModelTable("Book", "library_book"), RenameModel("Book", "Work"),', "eu"),
    "RenameModel, then its old table": Case(
        'RenameModel("Book", "Work"), AlterModelTable("Work", "library_book"),', "ue"
    ),
    "AlterModelTable": Case('AlterModelTable("Book", "books"),', "c"),
    "AlterModelTable to its own name": Case('AlterModelTable("Book", "library_book"),', "e"),
    "AlterModelOptions": Case('AlterModelOptions("Book", {"ordering": ["title"], "verbose_name": "x"}),', "e"),
    "AlterModelManagers": Case('AlterModelManagers("Book", [("things", models.Manager())]),', "e"),
    "AlterOrderWithRespectTo": Case('AlterOrderWithRespectTo("Book", "author"),', "c"),
    "AlterOrderWithRespectTo none": Case(
        'AlterOrderWithRespectTo("Book", None),', "c", base=BASE + 'AlterOrderWithRespectTo("Book", "author"),'
    ),
    "Proxy": Case(
        'CreateModel("Novel", [], options={"proxy": True}, bases=("library.book",)), DeleteModel("Novel"),', "ee"
    ),
}
