"""Constraints and indexes."""

from tests.migrations.cases import TWICE, Case, book
from tests.migrations.changes import BASE

ONCE = BASE + 'AddConstraint("Book", models.UniqueConstraint(fields=["title", "author"], name="once")),'

CASES: dict[str, Case] = {
    "AlterUniqueTogether": Case('AlterUniqueTogether("Book", {("title", "pages")}),', "c", rows=TWICE, breaks=True),
    "AlterUniqueTogether with a unique field": Case(
        'AlterUniqueTogether("Book", {("title", "code")}),', "e", rows=TWICE
    ),
    "AlterUniqueTogether gone": Case(
        'AlterUniqueTogether("Book", set()),', "e", base=BASE + 'AlterUniqueTogether("Book", {("title", "author")}),'
    ),
    "unique_together becomes a constraint": Case(
        'AlterUniqueTogether("Book", set()), AddConstraint("Book", models.UniqueConstraint(fields=["title", "author"], name="once")),',
        "ee",
        base=BASE + 'AlterUniqueTogether("Book", {("title", "author")}),',
    ),
    "AddConstraint unique": Case(
        'AddConstraint("Book", models.UniqueConstraint(fields=["title"], name="once")),', "c", rows=TWICE, breaks=True
    ),
    "AddConstraint unique under a condition": Case(
        'AddConstraint("Book", models.UniqueConstraint(fields=["title"], condition=Q(pages=1), name="once")),',
        "c",
        rows=TWICE,
        breaks=True,
    ),
    "AddConstraint unique by expression": Case(
        'AddConstraint("Book", models.UniqueConstraint(models.functions.Lower("title"), name="once")),',
        "c",
        rows=TWICE,
        breaks=True,
    ),
    "AddConstraint unique with a new column": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), AddConstraint("Book", models.UniqueConstraint(fields=["title", "sub"], name="once")),',
        "ee",
        rows=TWICE,
    ),
    "AddConstraint unique, NULLs alike": Case(
        """
        AddField("Book", "sub", models.IntegerField(null=True)),
        AddConstraint("Book", models.UniqueConstraint(fields=["title", "sub"], nulls_distinct=False, name="once")),
        """,
        "ec",
        rows=TWICE,
        breaks=True,
        only="postgresql",
    ),
    "AddConstraint check": Case(
        'AddConstraint("Book", models.CheckConstraint(condition=Q(pages__gte=0), name="some")),',
        "c",
        rows=(book(pages=-1),),
        breaks=True,
    ),
    "AddConstraint check on a new column": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), AddConstraint("Book", models.CheckConstraint(condition=Q(sub__gte=0), name="some")),',
        "ee",
    ),
    "AddConstraint check that a new column is there": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), AddConstraint("Book", models.CheckConstraint(condition=Q(sub__isnull=False), name="some")),',
        "ec",
        breaks=True,
    ),
    "AddConstraint check that allows more": Case(
        'RemoveConstraint("Book", "some"), AddConstraint("Book", models.CheckConstraint(condition=Q(pages__gte=-9), name="some")),',
        "ee",
        base=BASE + 'AddConstraint("Book", models.CheckConstraint(condition=Q(pages__gte=0), name="some")),',
    ),
    "AddConstraint check that allows less": Case(
        'RemoveConstraint("Book", "some"), AddConstraint("Book", models.CheckConstraint(condition=Q(title__in=["a"]), name="some")),',
        "ec",
        base=BASE + 'AddConstraint("Book", models.CheckConstraint(condition=Q(title__in=["a", "b"]), name="some")),',
        rows=(book(title="b"),),
        breaks=True,
    ),
    "AddConstraintNotValid": Case(
        'AddConstraintNotValid("Book", models.CheckConstraint(condition=Q(pages__gte=0), name="some")), ValidateConstraint("Book", "some"),',
        "ce",
        rows=(book(pages=-1),),
        breaks=True,
        only="postgresql",
    ),
    "RemoveConstraint": Case('RemoveConstraint("Book", "once"),', "e", base=ONCE),
    "AddIndex, RenameIndex, RemoveIndex": Case(
        """
        AddIndex("Book", models.Index(fields=["title"], name="by_title")),
        RenameIndex("Book", new_name="of_title", old_name="by_title"),
        RemoveIndex("Book", "of_title"),
        """,
        "eee",
    ),
    "TrigramExtension": Case("TrigramExtension(),", "e", only="none"),
}
