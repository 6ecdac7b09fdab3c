"""SQL of one's own."""

from tests.cases.case import BASE, Case

LONG = BASE + "RunSQL('CREATE VIEW long AS SELECT 1 AS n'),"
GONE = BASE + 'SeparateDatabaseAndState(state_operations=[RemoveField("Book", "note")]),'
_FUNCTION = BASE + "RunSQL('CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$'),"
QUIET = _FUNCTION.format("RETURN NEW;")
REFUSES = _FUNCTION.format("RAISE check_violation;")
TRIGGER = "BEFORE INSERT ON library_book FOR EACH ROW EXECUTE FUNCTION f()'),"

CASES: dict[str, Case] = {
    "RunSQL ADD COLUMN": Case("RunSQL('ALTER TABLE library_book ADD COLUMN sub integer'),", "e"),
    "RunSQL ADD COLUMN NOT NULL DEFAULT": Case(
        "RunSQL('ALTER TABLE library_book ADD COLUMN sub integer NOT NULL DEFAULT 0'),", "e"
    ),
    "RunSQL ADD COLUMN NOT NULL DEFAULT, DROP DEFAULT": Case(
        "RunSQL(['ALTER TABLE library_book ADD COLUMN sub integer NOT NULL DEFAULT 0', 'ALTER TABLE library_book ALTER sub DROP DEFAULT']),",
        "c",
    ),
    "RunSQL DROP COLUMN": Case("RunSQL('ALTER TABLE library_book DROP COLUMN note'),", "c"),
    # No model of base has it, but old code may have SQL of its own.
    "RunSQL DROP COLUMN that only SQL made": Case(
        "RunSQL('ALTER TABLE library_book DROP COLUMN sub'),",
        "u",
        base=BASE + "RunSQL('ALTER TABLE library_book ADD COLUMN sub integer'),",
    ),
    "RunSQL RENAME COLUMN": Case('RunSQL(\'ALTER TABLE "library_book" RENAME COLUMN "note" TO "notes"\'),', "c"),
    "RunSQL RENAME TO": Case("RunSQL('ALTER TABLE library_book RENAME TO books'),", "c"),
    "RunSQL SET NOT NULL": Case("RunSQL('ALTER TABLE library_book ALTER note SET NOT NULL'),", "c"),
    "RunSQL DROP NOT NULL": Case("RunSQL('ALTER TABLE library_book ALTER COLUMN title DROP NOT NULL;'),", "e"),
    "RunSQL TYPE wider": Case("RunSQL('ALTER TABLE library_book ALTER COLUMN title TYPE varchar(60)'),", "e"),
    "RunSQL TYPE narrower": Case("RunSQL('ALTER TABLE library_book ALTER COLUMN title TYPE varchar(6)'),", "c"),
    "RunSQL CREATE UNIQUE INDEX": Case("RunSQL('CREATE UNIQUE INDEX once ON library_book (title)'),", "c"),
    "RunSQL CREATE INDEX": Case("RunSQL('CREATE INDEX often ON library_book (title)'),", "e"),
    "RunSQL DROP TABLE": Case("RunSQL('DROP TABLE library_book'),", "c"),
    "RunSQL CREATE TABLE and more of it": Case(
        "RunSQL('CREATE TABLE shelf (id integer); ALTER TABLE shelf ADD COLUMN n integer NOT NULL; DROP TABLE shelf;'),",
        "e",
    ),
    "RunSQL ADD CONSTRAINT CHECK": Case(
        "RunSQL('ALTER TABLE library_book ADD CONSTRAINT positive CHECK (pages >= 0) NOT VALID'),", "c"
    ),
    # Of SQL that is not CREATE, ALTER or DROP nobody reads what it does to rows.
    "RunSQL nothing": Case("RunSQL(RunSQL.noop, RunSQL.noop), RunSQL(''), RunSQL('SELECT 1; -- that is all'),", "eeu"),
    "RunSQL INSERT": Case("RunSQL([('INSERT INTO library_author (name) VALUES (%s)', ['x'])]),", "u"),
    "RunSQL UPDATE of a new column": Case(
        'AddField("Book", "sub", models.IntegerField(null=True)), RunSQL("UPDATE library_book SET sub = pages"),', "eu"
    ),
    # Whether old code understands the new values, nobody can see.
    "RunSQL UPDATE of an old column": Case("RunSQL('UPDATE library_book SET title = upper(title)'),", "u"),
    # Rows that old code wrote are gone; whether it needs them, nobody can see.
    "RunSQL DELETE": Case("RunSQL('DELETE FROM library_book'),", "u"),
    "RunSQL TRUNCATE": Case("RunSQL('TRUNCATE library_book'),", "u"),
    "RunSQL DELETE of a table of its own": Case(
        "RunSQL('CREATE TABLE shelf (id integer)'), RunSQL('DELETE FROM shelf'), RunSQL('DROP TABLE shelf'),", "eue"
    ),
    # --- What only PostgreSQL itself can read ---
    "RunSQL DO that drops a column": Case(
        "RunSQL('DO $$ BEGIN ALTER TABLE library_book DROP COLUMN note; END $$'),", "c"
    ),
    "RunSQL DO that does nothing": Case("RunSQL('DO $$ BEGIN PERFORM 1; END $$'),", "u"),
    "RunSQL EXECUTE of text put together": Case(
        "RunSQL(\"DO $$ BEGIN EXECUTE 'ALTER TABLE library_' || 'book RENAME TO books'; END $$\"),", "c"
    ),
    # --- Views, triggers, rules ---
    "RunSQL CREATE VIEW": Case("RunSQL('CREATE OR REPLACE VIEW short AS SELECT 1 AS n'),", "e"),
    "RunSQL CREATE VIEW, DROP VIEW": Case("RunSQL('CREATE VIEW short AS SELECT 1 AS n; DROP VIEW short'),", "e"),
    # Old code may read the view by SQL of its own, which no model tells.
    "RunSQL CREATE OR REPLACE VIEW that is there": Case(
        "RunSQL('CREATE OR REPLACE VIEW long AS SELECT 2 AS n'),", "u", base=LONG
    ),
    # As above.
    "RunSQL DROP VIEW": Case("RunSQL('DROP VIEW long'),", "u", base=LONG),
    # What it does to rare rows, nobody can see.
    "RunSQL trigger that changes nothing": Case("RunSQL('CREATE TRIGGER t " + TRIGGER, "u", base=QUIET),
    "RunSQL trigger that refuses": Case("RunSQL('CREATE TRIGGER t " + TRIGGER, "u", base=REFUSES),
    "RunSQL CREATE INDEX CONCURRENTLY": Case(
        "RunSQL('CREATE INDEX CONCURRENTLY often ON library_book (title)'),", "e", atomic=False
    ),
    # --- What base did to models alone ---
    # One migration made and took it, so that no release of the models ever had it.
    "RunSQL DROP COLUMN that base took out of the models": Case(
        "RunSQL('ALTER TABLE library_book DROP COLUMN note'),", "u", base=GONE
    ),
    "SeparateDatabaseAndState, a model moves and its table stays": Case(
        """
        SeparateDatabaseAndState(state_operations=[
            CreateModel("Tome", [("id", models.BigAutoField(primary_key=True))], options={"db_table": "library_book"}),
            DeleteModel("Book"),
        ]),
        """,
        "e",
    ),
    "SeparateDatabaseAndState, a table moves and its model stays": Case(
        'SeparateDatabaseAndState(database_operations=[AlterModelTable("Book", "books")], state_operations=[]),', "c"
    ),
    "Models that Django does not manage": Case(
        """
        AddField("Report", "n", models.IntegerField(default=0)),
        RenameField("Report", "n", "m"),
        AlterField("Report", "m", models.TextField()),
        RemoveField("Report", "m"),
        RenameModel("Report", "Other"),
        DeleteModel("Other"),
        """,
        "eeeeue",
        base='CreateModel("Report", [("id", models.BigAutoField(primary_key=True))], options={"managed": False}),',
    ),
}
