"""`manage.py migrateoriginal`: the original migrates, mirrors wait for it; real processes on real databases."""

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.processes import Database, Ran, Site, finish

NewDatabase = Callable[..., Database]
APPLIED = "SELECT name FROM django_migrations WHERE app = 'shop' ORDER BY name"
BEFORE = {"SHOP_MIGRATIONS": "shop.migrations_before"}

GONE = "CommandError: The database 'default' cannot be reached, or DATABASE_URL is not set."


@pytest.fixture
def main(new_database: NewDatabase) -> Site:
    """The original, on an empty database."""
    return Site(new_database(migrated=False))


@pytest.fixture
def mirror(main: Site) -> Site:
    return replace(main, site_id=2, slug="acme-blog", role="mirror")


def one_sentence(ran: Ran) -> str:
    assert ran.code == 1, ran
    assert "Traceback" not in ran.err
    last = ran.err.strip().splitlines()[-1]
    assert last.startswith("CommandError: "), ran
    assert last.endswith("."), ran
    return last


def test_the_original_migrates_and_a_second_run_finds_nothing_to_do(main: Site) -> None:
    assert main.manage("migrateoriginal").code == 0
    assert main.database.rows(APPLIED) == [("0001_initial",), ("0002_price",)]
    again = main.manage("migrateoriginal")
    assert again.code == 0
    assert "No migrations to apply" in again.out


def test_a_mirror_never_migrates_and_names_what_is_missing(main: Site, mirror: Site) -> None:
    replace(main, more=BEFORE).manage("migrateoriginal")
    ran = mirror.manage("migrateoriginal", "--wait", "1")
    said = one_sentence(ran)
    assert "lacks shop.0002_price after 1 s" in said
    assert "deploy the original" in said
    assert main.database.rows(APPLIED) == [("0001_initial",)]


def test_a_mirror_on_an_empty_database_creates_nothing_there(main: Site, mirror: Site) -> None:
    assert " … after 0 s" in one_sentence(mirror.manage("migrateoriginal", "--wait", "0"))
    where = "pg_tables WHERE schemaname = 'public'" if main.database.postgres else "sqlite_master"
    assert main.database.rows(f"SELECT count(*) FROM {where}") == [(0,)]


def test_a_mirror_waits_for_the_original_and_says_for_what(main: Site, mirror: Site) -> None:
    replace(main, more=BEFORE).manage("migrateoriginal")
    waiting = mirror.start("migrateoriginal", "--wait", "60")
    assert waiting.stderr
    assert "lacks shop.0002_price; waiting 60 s more at most." in waiting.stderr.readline()
    assert main.manage("migrateoriginal").code == 0
    ended = finish(waiting)
    assert (ended.code, ended.out) == (0, "The database has all migrations of this code.\n")


def test_old_code_on_a_newer_schema_is_fine(main: Site, mirror: Site) -> None:
    main.manage("migrateoriginal")
    before = main.database.rows(APPLIED)
    for site in (mirror, main):
        assert replace(site, more=BEFORE).manage("migrateoriginal", "--wait", "0").code == 0
    assert main.database.rows(APPLIED) == before


@pytest.mark.parametrize(("role", "words"), [("", "identity_variables: true"), ("Original", "original or mirror")])
def test_without_a_role_nobody_migrates(main: Site, role: str, words: str) -> None:
    assert words in one_sentence(replace(main, role=role).manage("migrateoriginal"))
    refused = replace(main, role="mirror").manage("migrateoriginal", "--wait", "0")
    assert "contenttypes.0001_initial" in one_sentence(refused)


def test_the_database_that_is_named_is_migrated(new_database: NewDatabase, main: Site) -> None:
    other = new_database(migrated=False)
    ran = replace(main, more={"OTHER_DATABASE_URL": other.url}).manage("migrateoriginal", "--database", "other")
    assert ran.code == 0
    assert len(other.rows(APPLIED)) == 2
    assert "contenttypes.0001" in one_sentence(replace(main, role="mirror").manage("migrateoriginal", "--wait", "0"))


def test_a_database_that_is_gone_is_said_in_one_sentence(main: Site, mirror: Site) -> None:
    for site in (main, mirror):
        gone = replace(site, more={"DATABASE_URL": "postgres://joe:hunter2@127.0.0.1:1/x"})
        assert one_sentence(gone.manage("migrateoriginal")) == GONE


# --- Two of the original at once, on PostgreSQL ---------------------------------------------------------------------


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """As long as this file is there, shop.0002 stays in the middle."""
    path = tmp_path / "hold"
    path.touch()
    return path


@pytest.fixture
def original(postgres: Postgres, hold: Path) -> Iterator[Site]:
    """The original on an empty database of PostgreSQL."""
    with postgres.database("two_originals") as name:
        yield Site(Database(name, postgres), more={"HOLD_MIGRATION": str(hold)})


def begun(process: "subprocess.Popen[str]", site: Site) -> None:
    """Await that the process has done shop.0001; the file holds it in shop.0002."""
    until = time.monotonic() + 60
    while site.database.rows("SELECT to_regclass('shop_product')") == [(None,)]:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)


def test_two_processes_of_the_original_migrate_one_after_the_other(original: Site, hold: Path) -> None:
    first = original.start("migrateoriginal")
    begun(first, original)
    second = original.start("migrateoriginal")
    assert second.stderr
    assert "Another process migrates" in second.stderr.readline()
    # A third has no patience.
    assert "Another process migrates" in one_sentence(original.manage("migrateoriginal", "--wait", "1"))
    hold.unlink()
    assert finish(first).code == 0
    ran = finish(second)
    assert ran.code == 0
    assert "No migrations to apply" in ran.out


def test_a_killed_original_leaves_no_lock(original: Site, hold: Path) -> None:
    first = original.start("migrateoriginal")
    begun(first, original)
    first.kill()
    first.communicate()
    hold.unlink()
    assert original.manage("migrateoriginal", "--wait", "20").code == 0
    assert original.database.rows(APPLIED) == [("0001_initial",), ("0002_price",)]


def test_who_waits_for_the_lock_holds_up_no_concurrent_index(original: Site) -> None:
    """A waiting `SELECT pg_advisory_lock()` would be a transaction that CREATE INDEX CONCURRENTLY waits for."""
    with original.database.connect() as connection:
        connection.execute("CREATE TABLE big (id int)")
        connection.execute("SELECT pg_advisory_lock(519774411)")
        waiting = original.start("migrateoriginal", "--wait", "60")
        assert waiting.stderr
        assert "Another process migrates" in waiting.stderr.readline()
        connection.execute("SET statement_timeout = '20s'")
        connection.execute("CREATE INDEX CONCURRENTLY big_id ON big (id)")
    waiting.kill()
    waiting.communicate()
