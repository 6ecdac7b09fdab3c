"""Migrations in every form that people give them, read without running them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.migrations.changes import BASE, HEAD, between, change, phases, source

FIRST = {"library/migrations/0001_initial.py": source(BASE)}
AFTER = '[("library", "0001_initial")]'


def _second(body: str) -> dict[str, str]:
    return {**FIRST, "library/migrations/0002_x.py": HEAD + body}


FORMS = {
    "built below": """
class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = []
    operations += [RemoveField("Book", "note")]
    operations.append(RemoveField("Book", "title"))
    operations.extend([RemoveField("Book", "pages")])
""",
    "after the class": """
class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [RemoveField("Book", "note"), RemoveField("Book", "title")]
Migration.operations.append(RemoveField("Book", "pages"))
""",
    "by a list": """
NAMES = ["note", "title", "pages"]
class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [RemoveField("Book", name) for name in NAMES]
""",
    "by a loop": """
class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = []
    for name in ("note", "title", "pages"):
        operations.append(RemoveField("Book", name))
""",
    "by a function": """
def drop(name):
    return RemoveField(model_name="book", name=name)
class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [drop("note"), *[drop("title")], drop(name="pages")]
""",
    "by other names": """
from django.db.migrations.operations.fields import RemoveField as Drop
import django.db.migrations as m
class Migration(m.Migration):
    dependencies = [("library", "0001_initial")]
    more = [m.operations.RemoveField("Book", "pages")]
    operations = [Drop("Book", "note"), m.RemoveField("Book", "title")] + more
""",
    "below a base": """
class Base(migrations.Migration):
    operations = [RemoveField("Book", "note"), RemoveField("Book", "title"), RemoveField("Book", "pages")]
class Migration(Base):
    dependencies = [("library", "0001_initial")]
""",
    "with a type": """
class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = [("library", "0001_initial")]
    operations: list = [RemoveField("Book", "note"), RemoveField("Book", "title"), RemoveField("Book", "pages")]
""",
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_however_operations_are_listed_they_are_found(body):
    found = between(FIRST, _second(body))
    assert [item.about for item in found.judged] == [
        f"library.{item.operation['model_name']}.{name}"
        for item, name in zip(found.judged, ("note", "title", "pages"), strict=True)
    ]
    assert phases(found) == "ccc"


def test_below_a_condition_both_ways_are_judged():
    body = """
class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [AddField("Book", "a", models.IntegerField(null=True))]
    if settings.DROP:
        operations.append(RemoveField("Book", "note"))
    else:
        operations.append(AddField("Book", "b", models.IntegerField(null=True)))
"""
    found = between(FIRST, _second(body))
    assert phases(found) == "ece"
    assert [bool(item.verdict.remarks and "condition" in item.verdict.remarks[-1]) for item in found.judged] == [
        False,
        True,
        True,
    ]


def test_what_differs_between_databases_is_judged_for_postgresql():
    body = """
from django.db import connection
class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [
        RunSQL("SELECT 1" if "sqlite" in connection.vendor else "TRUNCATE library_book"),
    ]
    if connection.vendor == "mysql":
        operations.append(RunSQL("CALL x()"))
    if connection.vendor.startswith("postgres"):
        operations.append(RunSQL("SELECT 1"))
"""
    assert phases(between(FIRST, _second(body))) == "ce"


STRANGE = {
    "a list from elsewhere": "operations = helpers.operations()",
    "half a list from elsewhere": 'operations = [RemoveField("Book", "note")] + helpers.more',
    "a class of somebody's": "operations = [helpers.Operation(1)]",
    "arguments from elsewhere": "operations = [RemoveField(**helpers.arguments)]",
}


@pytest.mark.parametrize("line", STRANGE.values(), ids=STRANGE)
def test_what_cannot_be_read_cannot_be_judged(line):
    body = f"\nimport helpers\nclass Migration(migrations.Migration):\n    dependencies = {AFTER}\n    {line}\n"
    found = between(FIRST, _second(body))
    assert phases(found)[-1] == "u"
    assert "# estate: expand, REASON" in found.judged[-1].verdict.remarks[-1]


def test_a_class_that_derives_from_an_operation_is_that_and_more():
    extra = """
    class Quiet(RemoveField):
        "Nothing of its own."
    class Careful(AddField):
        def database_forwards(self, *arguments):
            pass
    class Bold(RemoveField):
        def database_forwards(self, *arguments):
            pass
    """
    operations = 'Quiet("Book", "note"), Careful("Book", "a", models.IntegerField(null=True)), Bold("Book", "title"),'
    assert phases(change(operations, extra=extra)) == "cuc"


def test_a_migration_that_is_no_python_cannot_be_judged():
    found = between(FIRST, {**FIRST, "library/migrations/0002_x.py": "class Migration(migrations.Migration:\n  pass"})
    assert phases(found) == "u"
    assert "line 1" in found.judged[0].verdict.why
    same = {**FIRST, "library/migrations/0000_x.py": "class Migration(migrations.Migration:\n  pass"}
    assert phases(between(same, same)) == ""


# --- Comments ---------------------------------------------------------------------------------------------------------


def test_a_comment_with_a_reason_says_what_cannot_be_judged():
    operations = """
    # estate: expand, only the nightly job
    # calls this
    RunSQL("CALL rebuild()"),
    RunSQL("CALL again()"),  # estate: expand - nobody calls it
    RunSQL(
        # estate: contract, old code counts them
        "SELECT 1"
    ),
    """
    found = change(operations)
    assert phases(found) == "ddd"
    assert [item.verdict.phase for item in found.judged] == ["expand", "expand", "contract"]
    assert "only the nightly job calls this" in found.judged[0].verdict.why
    assert not found.notices


def test_a_comment_overrules_and_says_so():
    found = change(
        '# estate: expand, no code writes NULL\nAlterField("Book", "note", models.CharField(max_length=30)),'
    )
    assert phases(found) == "d"
    assert found.needs == "expand"
    assert found.judged[0].verdict.remarks[0].startswith("read, it would be contract: ")


@pytest.mark.parametrize("comment", ["# estate: expand", "# estate: expand,", "# estate: fine, it is", "# estate:"])
def test_a_comment_without_a_phase_and_a_reason_does_not_count(comment):
    found = change(f'{comment}\nRemoveField("Book", "note"),')
    assert phases(found) == "c"
    assert "# estate: expand, REASON" in found.notices[0].text


def test_a_comment_about_no_operation_is_told():
    found = change('RemoveField("Book", "note"),', extra="# estate: expand, by mistake up here\nX = 1")
    assert phases(found) == "c"
    assert "no operation" in found.notices[0].text


def test_a_comment_within_separate_database_and_state_is_about_that_part():
    operations = """
    SeparateDatabaseAndState(
        database_operations=[
            RemoveField("Book", "note"),
            # estate: expand, seen
            RunSQL("CALL x()"),
        ],
    ),
    """
    assert phases(change(operations)) == "cd"


# --- The project's own fields -----------------------------------------------------------------------------------------

FIELDS = """
from django.db import models
class Price(models.DecimalField):
    def __init__(self, *args, **kwargs):
        kwargs["max_digits"] = 9
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)
class Optional(Price):
    def __init__(self, *args, **kwargs):
        kwargs["null"] = True
        super().__init__(*args, **kwargs)
class Odd(models.CharField):
    def db_type(self, connection):
        return "citext"
"""


def test_field_classes_of_the_project_are_what_they_derive_from():
    base = BASE + 'AddField("Book", "price", models.DecimalField(max_digits=7, decimal_places=2, null=True)),'
    files = {"library/fields.py": FIELDS, "library/kinds.py": "from library.fields import Price"}
    cases = {
        'AlterField("Book", "price", library.fields.Price(null=True)),': "e",
        'AlterField("Book", "price", library.kinds.Price(null=True)),': "e",
        'AlterField("Book", "price", library.fields.Price(decimal_places=4, null=True)),': "e",
        'AlterField("Book", "price", library.fields.Price(decimal_places=5, null=True)),': "c",
        'AddField("Book", "other", library.fields.Price()),': "c",
        'AddField("Book", "other", library.fields.Optional()),': "e",
        'AlterField("Book", "note", library.fields.Odd(max_length=30, null=True)),': "u",
        'AlterField("Book", "note", elsewhere.Field(max_length=30, null=True)),': "u",
        'AddField("Book", "other", elsewhere.Field(null=True)),': "e",
        'AddField("Book", "other", elsewhere.Field(blank=True)),': "u",
        'AddField("Book", "other", elsewhere.Image(to="filer.Image", null=True, on_delete=models.SET_NULL)),': "e",
        'AddField("Book", "other", elsewhere.Tags(to="taggit.Tag", through="taggit.TaggedItem")),': "e",
    }
    extra = "import library.fields, library.kinds, elsewhere"
    for operations, verdict in cases.items():
        assert phases(change(operations, base, extra=extra, files=files)) == verdict, operations


def test_a_field_of_somebodys_own_that_only_changes_its_words_does_not_change_the_database():
    base = (
        BASE
        + 'AddField("Book", "color", colorfield.fields.ColorField(max_length=18, default="#fff", image_field=None)),'
    )
    field = 'colorfield.fields.ColorField(max_length=18, default="#000", verbose_name="x", image_field=None)'
    same = f'AlterField("Book", "color", {field}),'
    extra = "import colorfield.fields"
    assert phases(change(same, base, extra=extra, base_extra=extra)) == "e"
    assert phases(change(same.replace("image_field=None", "format='x'"), base, extra=extra, base_extra=extra)) == "u"
    assert phases(change(same.replace("18", "25"), base, extra=extra, base_extra=extra)) == "e"
    assert phases(change(same.replace("18", "7"), base, extra=extra, base_extra=extra)) == "u"


def test_a_model_that_settings_choose_is_no_other_than_itself():
    user = "models.ForeignKey(settings.AUTH_USER_MODEL, models.{}, null=True, related_name='+')"
    base = BASE + f'AddField("Book", "owner", {user.format("CASCADE")}),'
    assert phases(change(f'AlterField("Book", "owner", {user.format("SET_NULL")}),', base)) == "e"
    other = user.format("CASCADE").replace("settings.AUTH_USER_MODEL", "'library.Author'")
    assert phases(change(f'AlterField("Book", "owner", {other}),', base)) == "u"
    assert "a user" in " ".join(
        change(f'AddField("Book", "editor", {user.format("CASCADE")}),', base).judged[0].verdict.remarks
    )


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_word_of_pythons(text):
    between(
        FIRST,
        {**FIRST, "library/migrations/0002_x.py": f"# migrations\n{text}\nclass Migration(migrations.Migration): pass"},
    )


@given(st.text(alphabet="ALTERDOPCUMNSBKX \"'();,.-$%\n\0`", max_size=60))
def test_any_sql_is_read_without_a_word_of_pythons(text):
    found = change(f"RunSQL({text!r}),")
    assert len(found.judged) == 1
