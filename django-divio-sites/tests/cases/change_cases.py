"""Changes of whole files: squashed, edited, deleted and renamed migrations, several apps, an app whose folder moved."""

from tests.cases.case import BASE, HEAD, Tree, source

ONE, TWO = "library/migrations/0001_initial.py", "library/migrations/0002_x.py"
SQUASH = "library/migrations/0001_squashed_0002_x.py"
BOTH = '[("library", "0001_initial"), ("library", "0002_x")]'
AFTER = '[("library", "0001_initial")]'
NOTHING = {"library/__init__.py": "", "library/migrations/__init__.py": ""}
FIRST = {**NOTHING, ONE: source(BASE)}
DROPS = source('RemoveField("Book", "note"),', dependencies=AFTER)
DROPPED = {**FIRST, TWO: DROPS}
SQUASHED = source(BASE.replace('("note"', '# ("note"'), replaces=BOTH)
MORE = source('RemoveField("Book", "pages"),', dependencies='[("library", "0001_squashed_0002_x")]')
ADDS = 'AddField("Book", "a", models.TextField(null=True)),'
ADDED = {**FIRST, TWO: source(ADDS, dependencies=AFTER)}
SHELF = source(
    """
    CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("n", models.TextField())]),
    RunSQL("ALTER TABLE library_book ADD COLUMN shelf integer"),
    """,
    dependencies=AFTER,
)
SHELVES = {
    "shelves/__init__.py": "",
    "shelves/migrations/__init__.py": "",
    "shelves/migrations/0001_initial.py": SHELF,
}
UNSHELVED = source(
    "RunSQL('ALTER TABLE library_book DROP COLUMN shelf'),", dependencies='[("shelves", "0001_initial")]'
).replace("dependencies = [", f"dependencies = [{AFTER[1:-1]}, ")
CONFIG = 'from django.apps import AppConfig\n\n\nclass Books(AppConfig):\n    name = "books"\n    label = "library"\n'
MOVED = {path.replace("library/", "books/"): text for path, text in FIRST.items()} | {"books/apps.py": CONFIG}


def _second(body: str) -> dict[str, str]:
    return {**FIRST, TWO: HEAD + body}


FORMS: dict[str, str] = {
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
}

CASES: dict[str, Tree] = {
    "no migration is added": Tree(FIRST, {**FIRST, "library/models.py": "X = 1\n"}, ""),
    **{f"operations listed {name}": Tree(FIRST, _second(body), "ccc") for name, body in FORMS.items()},
    # --- Squashed ---
    "a squash beside what it replaces, all applied": Tree(DROPPED, {**DROPPED, SQUASH: SQUASHED}, ""),
    "a squash instead of what it replaces, all applied": Tree(DROPPED, {**NOTHING, SQUASH: SQUASHED}, ""),
    "a squash of what is new": Tree(NOTHING, {**DROPPED, SQUASH: SQUASHED}, "ee"),
    "a squash of old and new lets the new ones run": Tree(FIRST, {**DROPPED, SQUASH: SQUASHED}, "c"),
    "a squash stays when the replaced ones go": Tree(
        {**DROPPED, SQUASH: SQUASHED}, {**NOTHING, SQUASH: SQUASHED.replace(BOTH, "[]")}, ""
    ),
    "what follows a squash": Tree(
        {**NOTHING, SQUASH: SQUASHED},
        {**NOTHING, SQUASH: SQUASHED, "library/migrations/0003_y.py": MORE},
        "c",
    ),
    # --- Edited, deleted, renamed ---
    # What is applied does not run again, whatever the file says now.
    "an applied migration is edited": Tree(
        ADDED, {**FIRST, TWO: source(ADDS + '\nRemoveField("Book", "note"),', dependencies=AFTER)}, ""
    ),
    "an applied migration has another comment": Tree(
        ADDED, {**ADDED, TWO: ADDED[TWO].replace("    operations", "    # words\n    operations")}, ""
    ),
    "an applied migration is deleted": Tree(DROPPED, FIRST, ""),
    # --- Several apps ---
    "what one app makes and another takes away": Tree(
        FIRST, {**FIRST, **SHELVES, TWO: UNSHELVED}, "eee", apps=("library", "shelves"), base_apps=("library",)
    ),
    "an app whose folder moved": Tree(FIRST, MOVED, "", apps=("books",), base_apps=("library",)),
    "an app whose folder moved, and more": Tree(
        FIRST, {**MOVED, "books/migrations/0002_x.py": DROPS}, "c", apps=("books",), base_apps=("library",)
    ),
}
