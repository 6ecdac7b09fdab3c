"""Columns in another form."""

from tests.cases.case import BASE, Case

PRICE = """
class Price(models.DecimalField):
    def __init__(self, *args, **kwargs):
        kwargs["max_digits"] = 9
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


class Optional(Price):
    def __init__(self, *args, **kwargs):
        kwargs["null"] = True
        super().__init__(*args, **kwargs)


class Reversed(models.CharField):
    def from_db_value(self, value, expression, connection):
        return value and value[::-1]

    def get_prep_value(self, value):
        return value and value[::-1]
"""
PRICED = BASE + 'AddField("Book", "price", models.DecimalField(max_digits=7, decimal_places=2, null=True)),'
OWNER = "models.ForeignKey(settings.AUTH_USER_MODEL, models.{}, null=True, related_name='+')"
OWNED = BASE + f'AddField("Book", "owner", {OWNER.format("CASCADE")}),'
DEFAULTED = BASE + 'AddField("Book", "stock", models.IntegerField(db_default=7)),'

TEXTS = ("CharField()", "TextField()")
WIDER: dict[str, tuple[str, ...]] = {
    "SmallIntegerField()": ("IntegerField()", "BigIntegerField()"),
    "IntegerField()": ("BigIntegerField()",),
    "PositiveSmallIntegerField()": (
        "SmallIntegerField()",
        "IntegerField()",
        "BigIntegerField()",
        "PositiveIntegerField()",
        "PositiveBigIntegerField()",
    ),
    "PositiveIntegerField()": ("IntegerField()", "BigIntegerField()", "PositiveBigIntegerField()"),
    "PositiveBigIntegerField()": ("BigIntegerField()",),
    "CharField(max_length=9)": ("CharField(max_length=90)", "SlugField()", "EmailField()", "URLField()", *TEXTS),
    "CharField(max_length=90)": ("EmailField()", "URLField()", "FilePathField()", *TEXTS),
    "SlugField()": ("CharField(max_length=90)", "EmailField()", "URLField()", "FilePathField()", *TEXTS),
    "EmailField()": TEXTS,
    "URLField()": ("EmailField()", *TEXTS),
    "FilePathField()": ("EmailField()", "URLField()", *TEXTS),
    "CharField()": ("TextField()",),
    "TextField()": ("CharField()",),
    "DecimalField(max_digits=5, decimal_places=2)": (
        "DecimalField(max_digits=7, decimal_places=2)",
        "DecimalField(max_digits=7, decimal_places=4)",
    ),
}
"""Types of columns, and those that take whatever they hold."""
NARROWER: dict[str, tuple[str, ...]] = {
    new: tuple(old for old, news in WIDER.items() if new in news and old not in WIDER.get(new, ()))
    for new in sorted({new for news in WIDER.values() for new in news})
}
"""The same backwards, but for those that go both ways."""


def _pairs(types: dict[str, tuple[str, ...]], letter: str) -> Case:
    pairs = [(old, new) for old, news in types.items() for new in news]
    key = '("id", models.BigAutoField(primary_key=True))'
    made = "".join(f'CreateModel("T{n}", [{key}, ("x", models.{old})]),\n' for n, (old, _) in enumerate(pairs))
    altered = "".join(f'AlterField("T{n}", "x", models.{new}),\n' for n, (_, new) in enumerate(pairs))
    return Case(altered, letter * len(pairs), base=made)


CASES: dict[str, Case] = {
    "AlterField null to not null": Case(
        'AlterField("Book", "note", models.CharField(max_length=30, default="")),', "c"
    ),
    "AlterField not null to null": Case(
        'AlterField("Book", "title", models.CharField(max_length=30, null=True)),', "e"
    ),
    "AlterField null and back": Case(
        'AlterField("Book", "note", models.CharField(max_length=30, default="")), AlterField("Book", "note", models.CharField(max_length=30, null=True)),',
        # The schema is back, but NULLs of old rows are not.
        "ue",
    ),
    "AlterField longer": Case('AlterField("Book", "title", models.CharField(max_length=90)),', "e"),
    "AlterField shorter": Case('AlterField("Book", "title", models.CharField(max_length=9)),', "c"),
    "AlterField to TextField": Case('AlterField("Book", "title", models.TextField()),', "e"),
    "AlterField to SlugField": Case('AlterField("Book", "title", models.SlugField()),', "e"),
    "AlterField to BigIntegerField": Case('AlterField("Book", "pages", models.BigIntegerField()),', "e"),
    "AlterField to SmallIntegerField": Case('AlterField("Book", "pages", models.SmallIntegerField()),', "c"),
    "AlterField to PositiveIntegerField": Case('AlterField("Book", "pages", models.PositiveIntegerField()),', "c"),
    "AlterField to another type": Case('AlterField("Book", "pages", models.BooleanField()),', "u"),
    "AlterField unique": Case('AlterField("Book", "title", models.CharField(max_length=30, unique=True)),', "c"),
    "AlterField no longer unique": Case('AlterField("Book", "code", models.CharField(max_length=10)),', "u"),
    "AlterField db_index": Case('AlterField("Book", "title", models.CharField(max_length=30, db_index=True)),', "e"),
    "AlterField words and choices": Case(
        'AlterField("Book", "title", models.CharField("Title", max_length=30, help_text="x", choices=[("a", "A")], default="a", blank=True)),',
        "e",
    ),
    "AlterField to one to one": Case(
        'AlterField("Book", "author", models.OneToOneField("library.Author", models.CASCADE)),', "c"
    ),
    "AlterField on_delete": Case(
        'AlterField("Book", "author", models.ForeignKey("library.Author", models.PROTECT)),', "e"
    ),
    "AlterField db_default gone": Case(
        'AlterField("Book", "stock", models.IntegerField()),', "c", base=DEFAULTED, django=(5, 0)
    ),
    "AlterField db_default other": Case(
        'AlterField("Book", "stock", models.IntegerField(db_default=8)),', "u", base=DEFAULTED, django=(5, 0)
    ),
    "AlterField to a smaller type and back": Case(
        'AlterField("Book", "price", models.DecimalField(max_digits=8, decimal_places=2, null=True)),\n'
        'AlterField("Book", "price", models.DecimalField(max_digits=8, decimal_places=4, null=True)),',
        "ue",
        base=BASE + 'AddField("Book", "price", models.DecimalField(max_digits=8, decimal_places=4, null=True)),',
    ),
    "AlterField id to a plain integer": Case(
        'AlterField("Book", "id", models.BigIntegerField(primary_key=True)),', "c"
    ),
    "AlterField to a field that seals what it saves": Case(
        'AlterField("Book", "note", Sealed(max_length=30, null=True)),',
        "u",
        extra="class Sealed(models.CharField):\n    def pre_save(self, one, add):\n        return 'sealed'",
    ),
    "AlterField to BigAutoField": Case(
        'AlterField("Item", "id", models.BigAutoField(primary_key=True)),',
        "e",
        base='CreateModel("Item", [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=9))]),',
    ),
    # --- The project's own fields, which are what they derive from ---
    "AlterField to a field of one's own that takes more": Case(
        'AlterField("Book", "price", Price(null=True)),', "e", base=PRICED, extra=PRICE
    ),
    "AlterField to a field of one's own with as many digits before the point": Case(
        'AlterField("Book", "price", Price(decimal_places=4, null=True)),', "e", base=PRICED, extra=PRICE
    ),
    "AlterField to a field of one's own with fewer digits before the point": Case(
        'AlterField("Book", "price", Price(decimal_places=5, null=True)),', "c", base=PRICED, extra=PRICE
    ),
    "AddField of one's own, not null": Case('AddField("Book", "price", Price(default=0)),', "c", extra=PRICE),
    "AddField of one's own that is null by itself": Case('AddField("Book", "price", Optional()),', "e", extra=PRICE),
    # What Python makes of the column's text is another thing: its bytes are no longer what old code understands.
    "AlterField to a field that writes other bytes": Case(
        'AlterField("Book", "note", Reversed(max_length=30, null=True)),', "u", extra=PRICE
    ),
    # --- Models that settings choose ---
    "AlterField on_delete of a user": Case(
        f'AlterField("Book", "owner", {OWNER.format("SET_NULL")}),', "e", base=OWNED
    ),
    "AlterField from a user to another model": Case(
        'AlterField("Book", "owner", models.ForeignKey("library.Author", models.CASCADE, null=True, related_name="+")),',
        "u",
        base=OWNED,
    ),
    "AddField of a user": Case(f'AddField("Book", "owner", {OWNER.format("CASCADE")}),', "e"),
    # --- Types, a column of each pair ---
    "AlterField to types that take all of the old ones": _pairs(WIDER, "e"),
    "AlterField to types that do not": _pairs(NARROWER, "c"),
}
