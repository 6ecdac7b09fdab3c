"""Models."""

from tests.migrations.cases import Case
from tests.migrations.changes import BASE

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
        AddConstraint("Shelf", models.CheckConstraint(condition=Q(m__gt=0), name="positive")),
        RenameField("Shelf", "m", "k"),
        RenameModel("Shelf", "Board"),
        AlterModelTable("Board", "boards"),
        AlterOrderWithRespectTo("Board", None),
        DeleteModel("Board"),
        """,
        "eeeeeeeeee",
        only="postgresql",
    ),
    "DeleteModel": Case('DeleteModel("Book"),', "c", breaks=True),
    "DeleteModel of models alone": Case('SeparateDatabaseAndState(state_operations=[DeleteModel("Book")]),', "e"),
    "RenameModel": Case('RenameModel("Book", "Work"),', "c", breaks=True),
    "RenameModel with db_table": Case('AlterModelTable("Book", "library_book"), RenameModel("Book", "Work"),', "ee"),
    "RenameModel, then its old table": Case(
        'RenameModel("Book", "Work"), AlterModelTable("Work", "library_book"),', "ee"
    ),
    "RenameModel by letters alone": Case('RenameModel("Book", "BOOK"),', "e", only="none"),
    "AlterModelTable": Case('AlterModelTable("Book", "books"),', "c", breaks=True),
    "AlterModelTable to its own name": Case('AlterModelTable("Book", "library_book"),', "e"),
    "AlterModelOptions": Case('AlterModelOptions("Book", {"ordering": ["title"], "verbose_name": "x"}),', "e"),
    "AlterModelManagers": Case('AlterModelManagers("Book", [("things", models.Manager())]),', "e"),
    "AlterOrderWithRespectTo": Case('AlterOrderWithRespectTo("Book", "author"),', "c", breaks=True),
    "AlterOrderWithRespectTo none": Case(
        'AlterOrderWithRespectTo("Book", None),',
        "c",
        base=BASE + 'AlterOrderWithRespectTo("Book", "author"),',
        breaks=True,
    ),
    "Proxy": Case(
        'CreateModel("Novel", [], options={"proxy": True}, bases=("library.book",)), DeleteModel("Novel"),', "ee"
    ),
}
