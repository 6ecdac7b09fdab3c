"""What a change adds, and what it does not: squashed, edited, deleted and renamed migrations, other apps, old code's tables."""

from tests.migrations.changes import BASE, between, change, phases, source

ONE = "library/migrations/0001_initial.py"
TWO = "library/migrations/0002_x.py"
SQUASH = "library/migrations/0001_squashed_0002_x.py"
AFTER = '[("library", "0001_initial")]'
DROPS = source('RemoveField("Book", "note"),', dependencies=AFTER)
BOTH = '[("library", "0001_initial"), ("library", "0002_x")]'
SQUASHED = source(BASE.replace("(\"note\"", "# (\"note\""), replaces=BOTH)  # fmt: skip


def test_a_change_without_migrations_needs_nothing():
    found = between({ONE: source(BASE)}, {ONE: source(BASE), "library/models.py": "X = 1"})
    assert (phases(found), found.migrations, found.needs, found.notices) == ("", 0, "expand", ())


# --- Squashed ---------------------------------------------------------------------------------------------------------


def test_a_squash_of_what_is_there_at_base_runs_nothing():
    base = {ONE: source(BASE), TWO: DROPS}
    for head in ({**base, SQUASH: SQUASHED}, {SQUASH: SQUASHED}):
        found = between(base, head)
        assert phases(found) == ""
        assert [notice.text for notice in found.notices] == [
            "replaces 2 migrations, all of them there at base: it runs nothing"
        ]


def test_a_squash_of_what_is_new_runs_instead_of_it():
    found = between({}, {ONE: source(BASE), TWO: DROPS, SQUASH: SQUASHED})
    assert [item.migration.name for item in found.judged] == ["0001_squashed_0002_x"] * 2
    assert phases(found) == "ee"


def test_a_squash_of_old_and_new_lets_the_new_ones_run():
    found = between({ONE: source(BASE)}, {ONE: source(BASE), TWO: DROPS, SQUASH: SQUASHED})
    assert [(item.migration.name, item.verdict.phase) for item in found.judged] == [("0002_x", "contract")]


def test_a_squash_that_stays_when_the_replaced_ones_go_is_no_news():
    base = {ONE: source(BASE), TWO: DROPS, SQUASH: SQUASHED}
    found = between(base, {SQUASH: SQUASHED.replace(BOTH, "[]")})
    assert (phases(found), found.notices) == ("", ())


def test_what_follows_a_squash_is_judged_on_what_it_left():
    base = {SQUASH: SQUASHED}
    more = source('RemoveField("Book", "pages"),', dependencies='[("library", "0001_squashed_0002_x")]')
    assert phases(between(base, {**base, "library/migrations/0003_y.py": more})) == "c"


# --- Edited, deleted, renamed -----------------------------------------------------------------------------------------


def test_an_edited_migration_is_told_and_what_it_adds_is_judged():
    base = {ONE: source(BASE), TWO: source('AddField("Book", "a", models.TextField(null=True)),', dependencies=AFTER)}
    more = 'AddField("Book", "a", models.TextField(null=True)),\nRemoveField("Book", "note"),'
    found = between(base, {**base, TWO: source(more, dependencies=AFTER)})
    assert phases(found) == "c"
    assert "was edited (operations: 1 added or changed, 0 gone or changed)" in found.notices[0].text
    commented = {**base, TWO: base[TWO].replace("    operations", "    # words\n    operations")}
    assert between(base, commented).notices == ()


def test_a_deleted_migration_is_told():
    found = between({ONE: source(BASE), TWO: DROPS}, {ONE: source(BASE)})
    assert (phases(found), [notice.path for notice in found.notices]) == ("", [TWO])


def test_a_migration_under_another_name_is_told():
    found = between({ONE: source(BASE), TWO: DROPS}, {ONE: source(BASE), "library/migrations/0002_y.py": DROPS})
    assert "library/migrations/0002_x.py under another name" in found.notices[0].text


def test_new_requirements_may_bring_migrations():
    found = between({}, {}, ("docs/x.md", "requirements/live.txt", "pyproject.toml"))
    assert [notice.path for notice in found.notices] == ["requirements/live.txt", "pyproject.toml"]


# --- Several apps, labels, order --------------------------------------------------------------------------------------


def test_migrations_of_several_apps_are_judged_in_the_order_of_their_dependencies():
    shelf = source(
        'CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("n", models.TextField())]),\n'
        'migrations.RunSQL("ALTER TABLE library_book ADD COLUMN shelf integer"),'
    )
    drops = source(
        "RunSQL('ALTER TABLE library_book DROP COLUMN shelf'),", dependencies='[("shelves", "0001_initial")]'
    )
    found = between(
        {ONE: source(BASE)}, {ONE: source(BASE), TWO: drops, "zoo/shelves/migrations/0001_initial.py": shelf}
    )
    assert [(item.migration.app, item.verdict.phase) for item in found.judged] == [
        ("shelves", "expand"),
        ("shelves", "expand"),
        ("library", "expand"),
    ]


def test_the_label_is_that_of_the_app_config_or_that_by_which_migrations_name_each_other():
    other = {"books/migrations/0001_initial.py": source(BASE), "books/migrations/0002_x.py": DROPS}
    config = {"books/apps.py": 'class Books(AppConfig):\n    name = "books"\n    label = "library"\n'}
    third = source('RemoveField("Book", "title"),', dependencies='[("library", "0002_x")]')
    for files in ({**other, **config}, {**other, "books/migrations/0003_y.py": third}):
        found = between({}, files)
        assert {item.migration.app for item in found.judged} == {"library"}


def test_an_app_whose_folder_moved_is_the_same_app():
    config = 'class Library(AppConfig):\n    label = "library"\n'
    before = {ONE: source(BASE), "library/apps.py": config}
    moved = {"books/migrations/0001_initial.py": source(BASE), "books/apps.py": config}
    more = {**moved, "books/migrations/0002_x.py": DROPS}
    assert between(before, moved) == between({}, {})
    assert (phases(between(before, more)), between(before, more).notices) == ("c", ())


def test_apps_of_the_same_label_in_several_projects_do_not_know_each_other():
    base = {"one/" + ONE: source(BASE), "two/" + ONE: source(BASE)}
    both = {**base, "one/" + TWO: DROPS, "two/" + TWO: source('AddIndex("Book", INDEX),', dependencies=AFTER)}
    found = between(base, both)
    assert {item.migration.path: item.verdict.phase for item in found.judged} == {
        "one/" + TWO: "contract",
        "two/" + TWO: "expand",
    }
    assert found.migrations == 2


def test_a_table_that_is_there_already_is_no_new_one():
    found = change(
        'CreateModel("Other", [("id", models.BigAutoField(primary_key=True))], options={"db_table": "library_book"}),'
    )
    assert phases(found) == "u"
    assert "already there at base" in found.judged[0].verdict.why


# --- What base did to models or to the database alone -----------------------------------------------------------------

GONE = BASE + 'SeparateDatabaseAndState(state_operations=[RemoveField("Book", "note")]),'


def test_dropping_what_base_already_took_out_of_the_models_waits_for_every_mirror_and_breaks_none():
    found = change("RunSQL('ALTER TABLE library_book DROP COLUMN note'),", GONE)
    assert phases(found) == "c"
    assert "a mirror that is behind base" in found.judged[0].verdict.why


def test_taking_a_field_out_of_the_models_alone_is_expand_and_says_when_new_code_cannot_insert():
    takes = 'SeparateDatabaseAndState(state_operations=[RemoveField("Book", "{}")]),'
    assert change(takes.format("note")).judged[0].verdict.remarks == ()
    found = change(takes.format("title"))
    assert phases(found) == "e"
    assert "new code's INSERTs" in found.judged[0].verdict.remarks[0]


def test_moving_a_model_to_another_app_without_touching_its_table_is_expand():
    moves = """
    SeparateDatabaseAndState(state_operations=[
        CreateModel("Tome", [("id", models.BigAutoField(primary_key=True))], options={"db_table": "library_book"}),
        DeleteModel("Book"),
    ]),
    """
    assert phases(change(moves)) == "e"
    empty = "SeparateDatabaseAndState(database_operations=[AlterModelTable('Book', 'books')], state_operations=[]),"
    assert phases(change(empty)) == "c"


def test_models_that_django_does_not_manage_have_no_tables_of_its_own():
    base = 'CreateModel("Report", [("id", models.BigAutoField(primary_key=True))], options={"managed": False}),'
    operations = """
    AddField("Report", "n", models.IntegerField(default=0)),
    RenameField("Report", "n", "m"),
    AlterField("Report", "m", models.TextField()),
    RemoveField("Report", "m"),
    AlterUniqueTogether("Report", {("id",)}),
    RenameModel("Report", "Other"),
    DeleteModel("Other"),
    """
    assert phases(change(operations, base)) == "e" * 7


def test_objects_that_sql_makes_are_told_from_those_that_it_replaces():
    base = BASE + "RunSQL('CREATE VIEW long AS SELECT 1'),"
    assert phases(change("RunSQL('CREATE OR REPLACE VIEW short AS SELECT 1'),", base)) == "e"
    assert phases(change("RunSQL('CREATE OR REPLACE VIEW long AS SELECT 2'),", base)) == "u"
    assert phases(change("RunSQL('DROP VIEW long'),", base)) == "c"
    assert phases(change("RunSQL('CREATE VIEW short AS SELECT 1; DROP VIEW short'),", base)) == "e"
    assert phases(change("RunSQL('CREATE TRIGGER t BEFORE INSERT ON library_book EXECUTE FUNCTION f()'),", base)) == "u"


def test_an_index_that_lets_writes_go_on_is_not_warned_about():
    assert change("RunSQL('CREATE INDEX CONCURRENTLY x ON library_book (title)'),").judged[0].verdict.remarks == ()
    assert change("RunSQL('CREATE INDEX x ON library_book (title)'),").judged[0].verdict.remarks != ()
    assert phases(change("RunSQL('ALTER TABLE library_book ADD (a int)'),")) == "u"


def test_what_the_linter_knows_of_sql_that_we_cannot_read_is_told():
    found = change("RunSQL('DO $$ BEGIN ALTER TABLE library_book DROP COLUMN note; END $$'),")
    assert phases(found) == "c"
    assert "django-migration-linter" in found.judged[0].verdict.why
    assert phases(change("RunSQL('DO $$ BEGIN PERFORM x(); END $$'),")) == "u"
