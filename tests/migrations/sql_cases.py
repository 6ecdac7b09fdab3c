"""SQL of one's own."""

from tests.migrations.cases import LONG, TWICE, Case, book
from tests.migrations.changes import BASE

CASES: dict[str, Case] = {
    "RunSQL ADD COLUMN": Case("RunSQL('ALTER TABLE library_book ADD COLUMN sub integer'),", "e"),
    "RunSQL ADD COLUMN NOT NULL DEFAULT": Case(
        "RunSQL('ALTER TABLE library_book ADD COLUMN sub integer NOT NULL DEFAULT 0'),", "e"
    ),
    "RunSQL ADD COLUMN NOT NULL DEFAULT, DROP DEFAULT": Case(
        "RunSQL(['ALTER TABLE library_book ADD COLUMN sub integer NOT NULL DEFAULT 0', 'ALTER TABLE library_book ALTER sub DROP DEFAULT']),",
        "c",
        breaks=True,
        only="postgresql",
    ),
    "RunSQL DROP COLUMN": Case("RunSQL('ALTER TABLE library_book DROP COLUMN note'),", "c", breaks=True),
    "RunSQL DROP COLUMN that only SQL made": Case(
        "RunSQL('ALTER TABLE library_book DROP COLUMN sub'),",
        "c",
        base=BASE + "RunSQL('ALTER TABLE library_book ADD COLUMN sub integer'),",
    ),
    "RunSQL RENAME COLUMN": Case(
        'RunSQL(\'ALTER TABLE "library_book" RENAME COLUMN "note" TO "notes"\'),', "c", breaks=True
    ),
    "RunSQL RENAME TO": Case("RunSQL('ALTER TABLE library_book RENAME TO books'),", "c", breaks=True),
    "RunSQL SET NOT NULL": Case(
        "RunSQL('ALTER TABLE library_book ALTER note SET NOT NULL'),",
        "c",
        rows=(book(note=None),),
        breaks=True,
        only="postgresql",
    ),
    "RunSQL DROP NOT NULL": Case(
        "RunSQL('ALTER TABLE library_book ALTER COLUMN title DROP NOT NULL;'),", "e", only="postgresql"
    ),
    "RunSQL TYPE wider": Case(
        "RunSQL('ALTER TABLE library_book ALTER COLUMN title TYPE varchar(60)'),", "e", rows=LONG, only="postgresql"
    ),
    "RunSQL TYPE narrower": Case(
        "RunSQL('ALTER TABLE library_book ALTER COLUMN title TYPE varchar(6)'),",
        "c",
        rows=LONG,
        breaks=True,
        only="postgresql",
    ),
    "RunSQL CREATE UNIQUE INDEX": Case(
        "RunSQL('CREATE UNIQUE INDEX once ON library_book (title)'),", "c", rows=TWICE, breaks=True
    ),
    "RunSQL CREATE INDEX": Case("RunSQL('CREATE INDEX often ON library_book (title)'),", "e"),
    "RunSQL DROP TABLE": Case("RunSQL('DROP TABLE library_book'),", "c", breaks=True),
    "RunSQL CREATE TABLE and more of it": Case(
        "RunSQL('CREATE TABLE shelf (id integer); ALTER TABLE shelf ADD COLUMN n integer NOT NULL; DROP TABLE shelf;'),",
        "e",
        only="postgresql",
    ),
    "RunSQL ADD CONSTRAINT CHECK": Case(
        "RunSQL('ALTER TABLE library_book ADD CONSTRAINT positive CHECK (pages >= 0) NOT VALID'),",
        "c",
        rows=(book(pages=-1),),
        breaks=True,
        only="postgresql",
    ),
    "RunSQL nothing": Case(
        "RunSQL(RunSQL.noop, RunSQL.noop), RunSQL(''), RunSQL('SELECT 1; -- that is all'),", "eee", only="postgresql"
    ),
    "RunSQL INSERT": Case("RunSQL([('INSERT INTO library_author (name) VALUES (%s)', ['x'])]),", "e"),
}
