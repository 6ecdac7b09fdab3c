"""`manage.py trymigrations`, `checkmigrations` and `appliedmigrations` as a person or a CI types them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cases.case import BASE, source
from tests.postgres import Postgres

SETTINGS = """
import os
SECRET_KEY = "of the tests"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sites", "divio_sites", "library"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
if "PGHOST" in os.environ:
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.postgresql", "NAME": os.environ.get("NAME", "live"), "USER": "postgres",
        "HOST": os.environ["PGHOST"], "PASSWORD": "s3cret-canary",
    }
    DATABASES["other"] = {**DATABASES["default"], "NAME": "another"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1
"""
MANAGE = """
import os, sys
from django.core.management import execute_from_command_line

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
execute_from_command_line(sys.argv)
"""
AFTER = '[("library", "0001_initial")]'


@dataclass(frozen=True)
class Project:
    """A project in a git repository whose only commit has the library's first migration."""

    folder: Path
    host: str

    def change(self, operations: str, **options: Any) -> "Project":
        """Add a migration, uncommitted."""
        text = source(operations, dependencies=AFTER, **options)
        (self.folder / "library/migrations/0002_change.py").write_text(text, encoding="utf-8")
        return self

    def start(self, *argv: str, **environment: str) -> "subprocess.Popen[str]":
        """Start `manage.py`."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        given = {"PGHOST": self.host, "PYTHONPATH": str(Path(__file__).parent.parent), **environment}
        return subprocess.Popen(
            [sys.executable, "manage.py", *argv],
            cwd=self.folder,
            env={**kept, **{name: value for name, value in given.items() if value}},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def manage(self, *argv: str, **environment: str) -> tuple[int, str, str]:
        """Run it to its end: exit code, output, complaints."""
        process = self.start(*argv, **environment)
        out, err = process.communicate(timeout=100)
        assert "Traceback" not in err, err
        return process.returncode, out, err


@pytest.fixture
def project(postgres: Postgres, tmp_path: Path) -> Project:
    migrations = tmp_path / "library/migrations"
    migrations.mkdir(parents=True)
    for path in (tmp_path / "library/__init__.py", migrations / "__init__.py"):
        path.touch()
    (tmp_path / "manage.py").write_text(MANAGE)
    (tmp_path / "settings.py").write_text(SETTINGS)
    (migrations / "0001_initial.py").write_text(source(BASE))
    for words in (
        ("init", "-q"),
        ("add", "-A"),
        ("-c", "user.email=a@b.example", "-c", "user.name=x", "commit", "-qm", "base"),
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return Project(tmp_path, postgres.host)


def _scratch(postgres: Postgres) -> list[Any]:
    with postgres.connect() as connection:
        return connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'divio_trial_%'").fetchall()


def _await(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_exit_code_says_whether_the_declared_phase_is_enough(project: Project) -> None:
    project.change('RemoveField("Book", "note"),')
    code, out, _ = project.manage("trymigrations", "--base", "HEAD")
    assert code == 1
    assert "library.Book at base reads and writes library_book.note: the column is gone" in out
    assert "library/migrations/0002_change.py:" in out
    assert project.manage("trymigrations", "--base", "HEAD", "--phase", "contract")[0] == 0
    assert (
        project.change('AddField("Book", "sub", models.IntegerField(null=True)),').manage(
            "trymigrations", "--base", "HEAD"
        )[0]
        == 0
    )


def test_what_cannot_be_judged_needs_contract_until_a_comment_settles_it(project: Project) -> None:
    runs = "RunPython(lambda apps, editor: print('printed')),"
    code, out, _ = project.change(runs).manage("trymigrations", "--base", "HEAD", "--json")
    assert (code, json.loads(out)["needs"]) == (1, "contract")
    code, out, _ = project.change(f"# estate: expand, nobody reads it\n{runs}").manage(
        "trymigrations", "--base", "HEAD", "--json"
    )
    found = json.loads(out)
    assert (code, found["needs"], found["operations"][0]["comment"]) == (0, "expand", "expand: nobody reads it")
    assert found["operations"][0]["verdict"] == "cannot judge"
    code, out, _ = project.change('# estate: expand, I say so\nRemoveField("Book", "note"),').manage(
        "trymigrations", "--base", "HEAD"
    )
    assert code == 1
    assert "a proven contract stays one" in out


def test_findings_are_annotations_on_github_and_never_in_json(project: Project) -> None:
    project.change('RemoveField("Book", "note"),')
    out = project.manage("trymigrations", "--base", "HEAD", GITHUB_ACTIONS="true")[1]
    assert "\n::error file=library/migrations/0002_change.py,line=" in out
    assert "title=contract%3A RemoveField library.Book.note::library.Book at base" in out
    json.loads(project.manage("trymigrations", "--base", "HEAD", "--json", GITHUB_ACTIONS="true")[1])


@pytest.mark.parametrize(
    "way", [signal.SIGKILL, *(pytest.param(way, marks=pytest.mark.slow) for way in (signal.SIGTERM, signal.SIGINT))]
)
def test_a_scratch_database_goes_with_the_run_or_with_the_next(
    project: Project, postgres: Postgres, way: signal.Signals
) -> None:
    project.change("RunSQL('SELECT pg_sleep(60)'),")
    process = project.start("trymigrations", "--base", "HEAD")
    with postgres.connect() as connection:
        _await(
            lambda: connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
            ).fetchall()
        )
        process.send_signal(way)
        process.communicate()
        if way is signal.SIGKILL:
            assert _scratch(postgres)
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'divio_trial_%'"
            )
            assert project.change("RunSQL('SELECT 1'),").manage("trymigrations", "--base", "HEAD")[0] == 1
    assert not _scratch(postgres)


def test_scratch_databases_that_stay_are_named_and_go_with_the_next_run(project: Project, postgres: Postgres) -> None:
    project.change("RunSQL('SELECT pg_sleep(60)'),")
    process = project.start("trymigrations", "--base", "HEAD")
    with postgres.connect() as connection:
        asleep = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
        _await(lambda: connection.execute(asleep).fetchall())
        (name,) = _scratch(postgres)[0]
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'postgres'"
        )
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert f"The scratch databases {name.rpartition('_')[0]}_1 to _2 stay until the next run" in err
    assert "Traceback" not in err
    assert project.change("RunSQL('SELECT 1'),").manage("trymigrations", "--base", "HEAD")[0] == 1
    assert not _scratch(postgres)


@pytest.mark.slow
def test_a_run_leaves_another_run_its_scratch_databases(project: Project, postgres: Postgres) -> None:
    project.change("RunSQL('SELECT pg_sleep(8)'),")
    first = project.start("trymigrations", "--base", "HEAD", "--json")
    _await(lambda: len(_scratch(postgres)) > 1)
    assert project.manage("trymigrations", "--base", "HEAD", "--json")[0] == 1
    assert first.wait(timeout=60) == 1, first.communicate()
    first.communicate()


def test_the_configured_database_is_never_opened(project: Project, postgres: Postgres) -> None:
    """There is none, so that opening it would fail; nor is another alias."""
    project.change("RunPython(lambda apps, editor: apps.get_model('library', 'Book').objects.all().delete()),")
    assert project.manage("trymigrations", "--base", "HEAD")[0] == 1
    project.change("RunPython(lambda apps, editor: apps.get_model('library', 'Book').objects.using('other').count()),")
    code, _, err = project.manage("trymigrations", "--base", "HEAD")
    assert code == 2
    assert "a migration uses the database «other»; only «default» is tried" in err


def test_rows_of_a_database_and_its_schema_are_a_base(project: Project, postgres: Postgres) -> None:
    with postgres.database("lively"):
        assert project.manage("migrate", "-v0", NAME="lively")[0] == 0
        with postgres.connect("lively") as connection:
            connection.execute("ALTER TABLE library_book ADD CONSTRAINT by_hand CHECK (pages > 0)")
        rows = project.manage("appliedmigrations", NAME="lively")[1]
        assert "library 0001_initial\n" in rows
        (project.folder / "rows").write_text(rows)
        dump = subprocess.run(
            ["pg_dump", "--schema-only", "-h", postgres.host, "-U", "postgres", "lively"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        (project.folder / "live.sql").write_text(dump)
        before = subprocess.run(
            ["pg_dump", "-h", postgres.host, "-U", "postgres", "lively"], capture_output=True, check=True
        ).stdout
        project.change('AddConstraint("Book", check(Q(pages__gt=0), "again")),')
        assert project.manage("trymigrations", "--applied", "rows", NAME="lively")[0] == 1
        code, out, err = project.manage("trymigrations", "--applied", "rows", "--schema", "live.sql", NAME="lively")
        assert code == 0, out + err
        after = subprocess.run(
            ["pg_dump", "-h", postgres.host, "-U", "postgres", "lively"], capture_output=True, check=True
        ).stdout
        strip = [b"\\restrict", b"\\unrestrict"]
        assert [x for x in before.splitlines() if x.split(b" ")[0] not in strip] == [
            x for x in after.splitlines() if x.split(b" ")[0] not in strip
        ]


@pytest.mark.parametrize(
    ("argv", "environment", "sentence"),
    [
        (["--base", "HEAD"], {"PGHOST": ""}, "needs PostgreSQL, and the database «default» of the settings is sqlite"),
        (["--base", "HEAD"], {"PGHOST": "/nowhere"}, "The PostgreSQL server at /nowhere:5432 cannot be used"),
        (["--base", "nothing"], {}, "--base nothing: git knows no such revision"),
        (["--applied", "nothing"], {}, "--applied nothing: No such file"),
        (["--applied", "settings.py"], {}, 'settings.py, line 3: «SECRET_KEY = "of the tests"» is no row'),
        (["--base", "HEAD", "--database", "wrong"], {}, "invalid choice: 'wrong' (choose from"),
        (["--base", "HEAD", "--schema", "nothing.sql"], {}, "--schema nothing.sql: No such file"),
        (["--base", "HEAD", "--schema", "settings.py"], {}, "--schema: the dump cannot be loaded"),
    ],
)
def test_what_keeps_it_from_running_is_one_sentence(
    project: Project, argv: list[str], environment: dict[str, str], sentence: str
) -> None:
    project.change("RunSQL('SELECT 1'),")
    code, out, err = project.manage("trymigrations", *argv, **environment)
    assert (code, out) == (2, "")
    assert sentence in err
    assert "canary" not in err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("RunSQL('SELEKT 1'),", "RunSQL  cannot be run: ProgrammingError: syntax error"),
        ('RemoveField("Book", "nothing"),', "RemoveField library.Book.nothing cannot be run"),
        ("RunSQL(", "0002_change cannot be"),
        ("RunPython(lambda apps, editor: exit(0)),", "cannot be run: SystemExit: 0"),
        ("*nothing,", ": NameError"),
        ("], apply = print, _ = [", "cannot be loaded"),
    ],
)
def test_migrations_that_cannot_run_are_told_with_their_place(project: Project, text: str, sentence: str) -> None:
    code, _, err = project.change(text).manage("trymigrations", "--base", "HEAD")
    assert code == 2
    assert sentence in err or "cannot be loaded: SyntaxError" in err
    assert "0002_change" in err


def test_a_migration_with_an_apply_of_its_own_is_refused(project: Project) -> None:
    path = project.change("").folder / "library/migrations/0002_change.py"
    path.write_text(path.read_text() + "    def apply(self, state, editor, collect_sql=False):\n        return state\n")
    for command in ("trymigrations", "checkmigrations"):
        code, _, err = project.manage(command, "--base", "HEAD")
        assert code == 2
        assert "an apply of its own" in err


def test_an_applied_migration_under_another_name_cannot_run_again(project: Project) -> None:
    first = project.folder / "library/migrations/0001_initial.py"
    first.rename(first.with_name("0001_start.py"))
    code, _, err = project.manage("trymigrations", "--base", "HEAD")
    assert code == 2
    assert 'relation "library_author" already exists' in err


def test_an_edited_migration_is_told_and_changes_no_base(project: Project) -> None:
    path = project.folder / "library/migrations/0001_initial.py"
    path.write_text(path.read_text().replace('("note"', '# ("note"'))
    out = project.change('AddField("Book", "note", models.TextField(null=True)),').manage(
        "trymigrations", "--base", "HEAD"
    )
    assert out[0] == 2
    assert 'column "note" of relation "library_book" already exists' in out[2]


def test_rows_that_match_no_migration_are_noted(project: Project) -> None:
    project.change('AddField("Book", "sub", models.IntegerField(null=True)),')
    (project.folder / "rows").write_text("library 0001_initial\nlibrary 0009_gone\n")
    out = project.manage("checkmigrations", "--applied", "rows")[1]
    assert "note: 1 applied rows match no migration here and count for nothing: library.0009_gone" in out


@pytest.mark.parametrize("command", ["trymigrations", "checkmigrations"])
def test_a_migration_that_does_nothing_is_expand(project: Project, command: str) -> None:
    code, out, _ = project.change("").manage(command, "--base", "HEAD")
    assert (code, out.splitlines()[-1]) == (0, "The change adds no operation.")


def test_a_comment_that_doubts_settles_nothing(project: Project) -> None:
    change = project.change("# estate: expand? not sure\nRunPython(lambda apps, editor: None),")
    code, out, _ = change.manage("trymigrations", "--base", "HEAD")
    assert code == 1
    assert "gives no reason, so it does not count" in out


def test_a_triage_needs_no_database(project: Project) -> None:
    project.change(
        'AddField("Book", "sub", models.IntegerField(null=True)), RunSQL("SELECT 1"), RemoveField("Book", "note"),'
    )
    code, out, _ = project.manage("checkmigrations", "--base", "HEAD", "--json", PGHOST="/nowhere")
    found = json.loads(out)
    assert [one["verdict"] for one in found["operations"]] == ["expand", "try it", "contract"]
    assert (code, found["needs"]) == (1, "contract")
    project.change('AddField("Book", "sub", models.IntegerField(null=True)),')
    assert project.manage("checkmigrations", "--base", "HEAD")[0] == 0
    project.change('RunSQL("SELECT 1"),')
    assert project.manage("checkmigrations", "--base", "HEAD")[0] == 1


def test_a_triage_finds_fields_by_their_names_as_written_and_tells_of_one_that_is_not_there(project: Project) -> None:
    in_state = "SeparateDatabaseAndState(state_operations=[{}])"
    add = in_state.format('AddField("Book", "netPrice", models.IntegerField(null=True))')
    alter = in_state.format('AlterField("Book", "netPrice", models.IntegerField(null=True))')
    code, out, _ = project.change(f"{add}, {alter},").manage("checkmigrations", "--base", "HEAD", "--json", PGHOST="")
    assert code == 1, out
    for operation in ('AlterField("Book", "nothing", models.TextField())', alter):
        code, _, err = project.change(f"{operation},").manage("checkmigrations", "--base", "HEAD", PGHOST="")
        assert code == 2
        assert "0002_change.py, line" in err


def test_rows_are_printed_from_files_without_a_database(project: Project) -> None:
    code, out, _ = project.manage("appliedmigrations", "--files", PGHOST="/nowhere")
    assert code == 0
    assert "auth 0001_initial" in out.splitlines()
    assert "library 0001_initial" in out.splitlines()
    code, _, err = project.manage("appliedmigrations", PGHOST="/nowhere")
    assert code == 2
    assert "The database cannot be read" in err
    code, _, err = project.manage("appliedmigrations", "--database", "nonsense")
    assert code == 2
    assert "invalid choice: 'nonsense'" in err
