"""Constraints and indexes."""

from tests.cases.case import BASE, Case

ONCE = BASE + 'AddConstraint("Book", models.UniqueConstraint(fields=["title", "author"], name="once")),'

CASES: dict[str, Case] = {
    "AlterUniqueTogether": Case('AlterUniqueTogether("Book", {("title", "pages")}),', "c"),
    "AlterUniqueTogether with a unique field": Case('AlterUniqueTogether("Book", {("title", "code")}),', "e"),
    "AlterUniqueTogether gone": Case(
        'AlterUniqueTogether("Book", set()),', "u", base=BASE + 'AlterUniqueTogether("Book", {("title", "author")}),'
    ),
    "unique_together becomes a constraint": Case(
        'AlterUniqueTogether("Book", set()), AddConstraint("Book", models.UniqueConstraint(fields=["title", "author"], name="once")),',
        "ee",
        base=BASE + 'AlterUniqueTogether("Book", {("title", "author")}),',
    ),
    "AddConstraint unique, deferrable": Case(
        'RemoveConstraint("Book", "once"), AddConstraint("Book", models.UniqueConstraint(fields=["title", "author"],'
        ' name="late", deferrable=models.Deferrable.DEFERRED)),',
        "eu",
        base=ONCE,
    ),
    "new column, CREATE, RENAME over the old": Case(
        'AddField("Book", "remark", models.CharField(max_length=30, default="")), RemoveField("Book", "note"),'
        ' RenameField("Book", "remark", "note"),',
        "eue",
    ),
    "AddConstraint unique": Case('AddConstraint("Book", models.UniqueConstraint(fields=["title"], name="once")),', "c"),
    # Whether old code writes rows that are alike in this way, nobody can see.
    "AddConstraint unique under a condition": Case(
        'AddConstraint("Book", models.UniqueConstraint(fields=["title"], condition=Q(pages=1), name="once")),', "u"
    ),
    "AddConstraint unique by expression": Case(
        'AddConstraint("Book", models.UniqueConstraint(models.functions.Lower("title"), name="once")),', "u"
    ),
    "AddConstraint unique with a new column": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), AddConstraint("Book", models.UniqueConstraint(fields=["title", "sub"], name="once")),',
        "ee",
    ),
    "AddConstraint unique, NULLs alike": Case(
        """
        AddField("Book", "sub", models.IntegerField(null=True)),
        AddConstraint("Book", models.UniqueConstraint(fields=["title", "sub"], nulls_distinct=False, name="once")),
        """,
        "eu",
        django=(5, 0),
    ),
    "AddConstraint check": Case('AddConstraint("Book", check(Q(pages__gte=0), name="some")),', "c"),
    # Keys count from 1.
    "AddConstraint check of what a reference holds": Case(
        'AddConstraint("Book", check(Q(author__gt=0), name="some")),', "u"
    ),
    "AddConstraint check on a new column": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), AddConstraint("Book", check(Q(sub__gte=0), name="some")),',
        "ee",
    ),
    "AddConstraint check that a new column is there": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), AddConstraint("Book", check(Q(sub__isnull=False), name="some")),',
        "ec",
    ),
    "AddConstraint check that allows more": Case(
        'RemoveConstraint("Book", "some"), AddConstraint("Book", check(Q(pages__gte=-9), name="some")),',
        "ee",
        base=BASE + 'AddConstraint("Book", check(Q(pages__gte=0), name="some")),',
    ),
    # Only values at the edges of a type are tried, and base refuses those as well.
    "AddConstraint check that allows less": Case(
        'RemoveConstraint("Book", "some"), AddConstraint("Book", check(Q(title__in=["a"]), name="some")),',
        "eu",
        base=BASE + 'AddConstraint("Book", check(Q(title__in=["a", "b"]), name="some")),',
    ),
    "AddConstraintNotValid": Case(
        'AddConstraintNotValid("Book", check(Q(pages__gte=0), name="some")), ValidateConstraint("Book", "some"),', "ce"
    ),
    # Old code may INSERT … ON CONFLICT, which needs the rule.
    "RemoveConstraint": Case('RemoveConstraint("Book", "once"),', "u", base=ONCE),
    "AddIndex, RenameIndex, RemoveIndex": Case(
        """
        AddIndex("Book", models.Index(fields=["title"], name="by_title")),
        RenameIndex("Book", new_name="of_title", old_name="by_title"),
        RemoveIndex("Book", "of_title"),
        """,
        "eee",
    ),
    "TrigramExtension": Case("TrigramExtension(),", "e"),
}
