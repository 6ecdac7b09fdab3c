"""RunPython: whatever it does, nobody can judge it but the person who wrote it."""

from tests.cases.case import BASE, Case

HEAD = """
def helper(book):
    book.sub = "x"
    book.save()


"""
BOOK = 'Book = apps.get_model("library", "Book")'
NEW = 'AddField("Book", "sub", models.CharField(max_length=9, null=True)),\nRunPython(forwards),'
OLD = "RunPython(forwards, RunPython.noop),"


def _function(*lines: str) -> str:
    return HEAD + "def forwards(apps, schema_editor):\n" + "".join(f"    {line}\n" for line in lines)


FILLS: dict[str, tuple[str, ...]] = {
    "save": (BOOK, "for book in Book.objects.all():", "    book.sub = book.title.lower()[:9]", "    book.save()"),
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
    "F and expressions": (BOOK, "Book.objects.update(sub=F('code'))"),
    "a helper": (BOOK, "for book in Book.objects.all():", "    helper(book)"),
    "SQL": ("schema_editor.execute(\"UPDATE library_book SET sub = 'x'\")",),
    "SQL by a cursor": (
        "with schema_editor.connection.cursor() as cursor:",
        "    cursor.execute('UPDATE library_book SET sub = %s', ['x'])",
    ),
}
"""What fills a new column."""

CHANGES: dict[str, tuple[str, ...]] = {
    "nothing": ("pass",),
    "reading": (BOOK, "print(Book.objects.filter(pages__gt=3).count())"),
    "rows": ("apps.get_model('library', 'Author').objects.create(name='x')",),
    "get_or_create": ("apps.get_model('auth', 'Group').objects.get_or_create(name='editors')",),
    "permissions": (
        "from django.contrib.auth.management import create_permissions",
        "config = apps.get_app_config('library')",
        "config.models_module = True",
        "create_permissions(config, apps=apps, verbosity=0)",
    ),
    "delete": (BOOK, "Book.objects.filter(pages=0).delete()"),
    "delete of one": (BOOK, "for book in Book.objects.all():", "    book.delete()"),
    "TRUNCATE": ("schema_editor.execute('TRUNCATE library_book')",),
    "old columns": (BOOK, "Book.objects.update(title='x')"),
    "old columns by save": (BOOK, "for book in Book.objects.all():", "    book.pages = 1", "    book.save()"),
    "old columns of rows that are rare": (BOOK, "Book.objects.filter(title='never').update(note='x')"),
    "users": (
        "from django.contrib.auth import get_user_model",
        "get_user_model().objects.update(last_name='x')",
    ),
    "a query that is empty in tests": (
        BOOK,
        "if Book.objects.filter(code='rare').exists():",
        "    Book.objects.all().delete()",
    ),
}
"""What does something to what is there, or nothing."""

DDL: dict[str, tuple[str, ...]] = {
    "the schema": (BOOK, "schema_editor.remove_field(Book, Book._meta.get_field('note'))"),
    "SQL that is put together": ("schema_editor.execute('DROP TABLE library_' + 'book')",),
    "a cursor": ("schema_editor.connection.cursor().execute('ALTER TABLE library_book RENAME note TO notes')",),
}
"""What changes the schema, so that old code is seen to fail."""

CASES: dict[str, Case] = {
    **{f"RunPython fills: {name}": Case(NEW, "eu", extra=_function(*lines)) for name, lines in FILLS.items()},
    **{f"RunPython: {name}": Case(OLD, "u", extra=_function(*lines)) for name, lines in CHANGES.items()},
    **{f"RunPython, schema: {name}": Case(OLD, "c", extra=_function(*lines)) for name, lines in DDL.items()},
    "RunPython noop": Case("RunPython(RunPython.noop, reverse_code=RunPython.noop),", "e"),
    "RunPython noop by its full name": Case("migrations.RunPython(migrations.RunPython.noop),", "e"),
    "RunPython of a function that does nothing": Case("RunPython(lambda apps, editor: None),", "u"),
    "RunPython on rows of a model that the change makes": Case(
        'CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField())]),\n' + OLD,
        "eu",
        extra=_function("Shelf = apps.get_model('library', 'Shelf')", "Shelf.objects.update(n=3)"),
    ),
    # --- What a comment says ---
    "a comment with a reason settles it": Case(
        "# estate: expand, only the nightly job\n# reads this\n" + OLD, "e", extra=_function(*CHANGES["old columns"])
    ),
    "a comment beside it": Case(
        "RunPython(forwards),  # estate: expand, nobody reads titles\nRunPython(forwards),",
        "eu",
        extra=_function(*CHANGES["old columns"]),
    ),
    "a comment within it": Case(
        "RunPython(\n    # estate: expand, nobody reads titles\n    forwards,\n),",
        "e",
        extra=_function(*CHANGES["old columns"]),
    ),
    "a comment without a reason": Case("# estate: expand\n" + OLD, "u", extra=_function(*CHANGES["old columns"])),
    "a comment with a comma and no reason": Case("# estate: expand,\n" + OLD, "u", extra=_function("pass")),
    "a comment with another word": Case("# estate: fine, it is\n" + OLD, "u", extra=_function("pass")),
    "a comment about another operation": Case(
        '# estate: expand, an index\nAddIndex("Book", models.Index(fields=["title"], name="x")),\n' + OLD,
        "eu",
        extra=_function("pass"),
    ),
    "a comment far above": Case(OLD, "u", extra="# estate: expand, by mistake up here\n" + _function("pass")),
    "a comment in a text is none": Case(
        "RunPython(forwards, hints={'why': '# estate: expand, no comment'}),", "u", extra=_function("pass")
    ),
    "a comment does not overrule contract": Case(
        '# estate: expand, no code writes NULL\nAlterField("Book", "note", models.CharField(max_length=30)),', "c"
    ),
    # One inside the other: the letter is that of the whole.
    "a comment within SeparateDatabaseAndState": Case(
        """
        SeparateDatabaseAndState(
            database_operations=[
                # estate: expand, seen
                RunPython(forwards),
            ],
        ),
        """,
        "e",
        extra=_function("pass"),
    ),
    "RunPython within SeparateDatabaseAndState": Case(
        "SeparateDatabaseAndState(database_operations=[RunPython(forwards)]),", "u", extra=_function("pass")
    ),
    # A class of one's own runs Python as well, which nobody reads.
    "an operation of one's own that does what its base does": Case(
        'Quiet("Book", "note"),', "c", base=BASE, extra="class Quiet(RemoveField):\n    pass\n"
    ),
    # What a class of one's own does besides, nobody can see.
    "an operation of one's own that does nothing": Case(
        'Careful("Book", "sub", models.IntegerField(null=True)),',
        "u",
        extra="class Careful(AddField):\n    def database_forwards(self, *arguments):\n        pass\n",
    ),
}
