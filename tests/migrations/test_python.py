"""What RunPython's functions do to rows, read from their source."""

import pytest

from tests.migrations.changes import BASE, change, phases

NEW = 'AddField("Book", "sub", models.CharField(max_length=9, null=True)), RunPython(forwards),'
OLD = "RunPython(forwards, RunPython.noop),"
BOOK = 'Book = apps.get_model("library", "Book")'


def _function(*lines: str) -> str:
    return "def forwards(apps, schema_editor):\n" + "".join(f"    {line}\n" for line in lines)


FILLS = {
    "save": (BOOK, "for book in Book.objects.all():", "    book.sub = book.title.lower()", "    book.save()"),
    "save of some fields": (
        BOOK,
        "for book in Book.objects.filter(sub=None).iterator():",
        "    book.sub = 'x'",
        "    book.save(update_fields=['sub'])",
    ),
    "update": (BOOK, "Book.objects.filter(title='x').update(sub='y')"),
    "bulk_update": (
        BOOK,
        "books = []",
        "for book in Book.objects.all():",
        "    book.sub = 'x'",
        "    books.append(book)",
        "Book.objects.bulk_update(books, ['sub'], batch_size=9)",
    ),
    "another database": ("alias = schema_editor.connection.alias", BOOK, "Book.objects.using(alias).update(sub='')"),
    "F and expressions": (BOOK, "Book.objects.update(sub=F('title'))"),
    "in one line": ("apps.get_model('library.Book').objects.update(sub='')",),
    "a queryset's name": (BOOK, "books = Book.objects.order_by('pk')", "books.update(sub='')"),
    "setattr": (BOOK, "for book in Book.objects.all():", "    setattr(book, 'sub', 'x')", "    book.save()"),
    "a helper": (BOOK, "for book in Book.objects.all():", "    helper(book)"),
    "SQL": ("schema_editor.execute(\"UPDATE library_book SET sub = 'x'\")",),
    "SQL by a cursor": (
        "with schema_editor.connection.cursor() as cursor:",
        "    cursor.execute('UPDATE library_book SET sub = %s', ['x'])",
    ),
}
HELPER = "def helper(book):\n    book.sub = 'x'\n    book.save()\n"


@pytest.mark.parametrize("lines", FILLS.values(), ids=FILLS)
def test_filling_a_new_column_is_expand(lines):
    found = change(NEW, extra=HELPER + _function(*lines))
    assert phases(found) == "ee", found.judged[1].verdict
    assert any("afterwards" in remark for remark in found.judged[1].verdict.remarks)


def test_filling_a_column_that_no_model_of_base_has_is_expand():
    base = BASE + "RunSQL('ALTER TABLE library_book ADD COLUMN sub integer'),"
    adds = "SeparateDatabaseAndState(state_operations=[AddField('Book', 'sub', models.IntegerField(null=True))]),"
    assert phases(change(adds + OLD, base, extra=_function(BOOK, "Book.objects.update(sub=1)"))) == "ee"


HARMLESS = {
    "nothing": ("pass",),
    "words": ("import re", "found = re.match('a', 'b')", "print(found.group(1), found.expand('x'))"),
    "reading": (BOOK, "print(Book.objects.filter(pages__gt=3).count())"),
    "a dict's update": (BOOK, "seen = {}", "for book in Book.objects.all():", "    seen.update({book.pk: 1})"),
    "rows": (BOOK, "Book.objects.create(title='x')", "Book.objects.bulk_create([Book(title='y')])"),
    "a row made by hand": (BOOK, "book = Book(title='x')", "book.pages = 3", "book.save()"),
    "get_or_create": ("apps.get_model('auth', 'Group').objects.get_or_create(name='editors')",),
    "permissions": (
        "from django.contrib.auth.management import create_permissions",
        "create_permissions(apps.get_app_config('library'), apps=apps, verbosity=0)",
    ),
}


@pytest.mark.parametrize("lines", HARMLESS.values(), ids=HARMLESS)
def test_reading_and_adding_rows_is_expand(lines):
    found = change(OLD, extra=_function(*lines))
    assert phases(found) == "e", found.judged[0].verdict


DELETES = {
    "delete": (BOOK, "Book.objects.filter(pages=0).delete()"),
    "delete of one": (BOOK, "for book in Book.objects.all():", "    book.delete()"),
    "SQL": ("schema_editor.execute('TRUNCATE library_book')",),
}


@pytest.mark.parametrize("lines", DELETES.values(), ids=DELETES)
def test_deleting_old_rows_is_contract(lines):
    assert phases(change(OLD, extra=_function(*lines))) == "c"


UNCLEAR = {
    "old columns": (BOOK, "Book.objects.update(title='x')"),
    "old columns by save": (BOOK, "for book in Book.objects.all():", "    book.pages += 1", "    book.save()"),
    "a key of an old column": (BOOK, "for book in Book.objects.all():", "    book.note['a'] = 1", "    book.save()"),
    "any column": (BOOK, "for book in Book.objects.all():", "    setattr(book, name(), 1)", "    book.save()"),
    "a command": ("from django.core.management import call_command", "call_command('loaddata', 'x')"),
    "a package": ("from somewhere import rebuild", "rebuild(apps)"),
    "the schema": (BOOK, "schema_editor.remove_field(Book, Book._meta.get_field('title'))"),
    "SQL that is put together": ("schema_editor.execute('DROP TABLE ' + table())",),
    "SQL that nobody reads": ("schema_editor.execute('CALL rebuild()')",),
    "a manager's own method": (BOOK, "Book.objects.rebuild()"),
    "exec": ("exec('x')",),
    "a module of a package": ("import somewhere.tools", "somewhere.tools.rebuild('x')"),
    "an object of somebody's": ("helper = Helper()", "helper.run()"),
    "a procedure": ("with schema_editor.connection.cursor() as cursor:", "    cursor.callproc('x')"),
    "what may be imported": ("import importlib", "importlib.import_module('x').rebuild()"),
    "users": ("from django.contrib.auth import get_user_model", "get_user_model().objects.update(last_name='x')"),
    "users by name": (
        "from django.contrib.auth import get_user_model",
        "User = get_user_model()",
        "for user in User.objects.all():",
        "    user.last_name = 'x'",
        "    user.save()",
    ),
    "update_or_create": (BOOK, "Book.objects.update_or_create(code='x', defaults=values())"),
}


@pytest.mark.parametrize("lines", UNCLEAR.values(), ids=UNCLEAR)
def test_what_old_code_may_not_understand_cannot_be_judged(lines):
    helper = "class Helper:\n    def run(self): pass\n"
    assert phases(change(OLD, extra=helper + _function(*lines))) == "u"


def test_rows_of_a_model_that_the_change_makes_are_nobody_elses():
    made = 'CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField())]),'
    lines = ("Shelf = apps.get_model('library', 'Shelf')", "Shelf.objects.update(n=3)", "Shelf.objects.all().delete()")
    assert phases(change(made + OLD, extra=_function(*lines))) == "ee"


def test_a_function_of_another_file_of_the_project_is_followed():
    files = {"library/fill.py": HELPER.replace("def helper", "def fill") + "\ndef forwards(apps, editor):\n    pass\n"}
    uses = ("from library.fill import fill", BOOK, "for book in Book.objects.all():", "    fill(book)")
    assert phases(change(NEW, extra=_function(*uses), files=files)) == "ee"
    assert phases(change("RunPython(forwards),", extra="from library.fill import forwards", files=files)) == "e"
    assert phases(change("RunPython(forwards),", extra="from elsewhere import forwards", files=files)) == "u"


@pytest.mark.parametrize("code", ["RunPython.noop", "migrations.RunPython.noop", "lambda apps, editor: None"])
def test_a_function_that_does_nothing_is_expand(code):
    assert phases(change(f"RunPython({code}, reverse_code=RunPython.noop),")) == "e"


def test_a_helper_is_followed_for_each_model_that_it_is_given():
    helper = "def fill(rows):\n    for row in rows.objects.all():\n        row.name = 'x'\n        row.save()\n"
    made = 'CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]),'
    shelf = ("Shelf = apps.get_model('library', 'Shelf')", "fill(Shelf)")
    author = ("Author = apps.get_model('library', 'Author')", "fill(Author)")
    assert phases(change(made + OLD, extra=helper + _function(*shelf))) == "ee"
    assert phases(change(made + OLD, extra=helper + _function(*shelf, *author))) == "eu"


def test_models_that_are_imported_are_remarked():
    lines = ("from library.models import Book", "Book.objects.filter(pages=1).delete()")
    found = change(OLD, extra=_function(*lines))
    assert phases(found) == "c"
    assert "apps.get_model" in found.judged[0].verdict.remarks[-1]
