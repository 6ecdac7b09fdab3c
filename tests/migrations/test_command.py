"""`divio-estate migrations check` as one types it, on real repositories whose migrations the real Django wrote."""

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from divio_provider.commands.annotations import annotation
from divio_provider.commands.app import commands
from divio_provider.commands.migrations_table import conclusion
from divio_provider.commands.outcome import CouldNotRunError
from tests.commands.command import divio_estate
from tests.estate.declarations import FINE
from tests.migrations.changes import BASE, between, source

MANAGE = """
import sys
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "shop"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True,
)
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
MODELS = """
from django.db import models

class Maker(models.Model):
    name = models.CharField(max_length=50)

class Product(models.Model):
    name = models.CharField(max_length=50)
    note = models.TextField(null=True)
    price = models.IntegerField()
    code = models.CharField(max_length=9)
    maker = models.ForeignKey(Maker, models.CASCADE)
"""
MORE = """
    sold = models.BooleanField(default=False)
    tags = models.ManyToManyField(Maker, related_name="+")

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["name"], name="by_name")]
        constraints = [models.CheckConstraint(condition=models.Q(net__gte=0), name="some")]

class Shelf(models.Model):
    product = models.OneToOneField(Product, models.CASCADE)
"""
QUIET = {"GITHUB_ACTIONS": "", "GITHUB_BASE_REF": ""}


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Project:
    """A git repository with a Django project in a folder of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = folder / "site/shop"
        (self.app / "migrations").mkdir(parents=True)
        for path in ("__init__.py", "migrations/__init__.py"):
            (self.app / path).touch()
        (folder / "site/manage.py").write_text(MANAGE)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        about = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        ran = subprocess.run(["git", *about, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return ran.stdout.strip()

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def makemigrations(self, models: str) -> None:
        """What Django itself writes for these models."""
        (self.app / "models.py").write_text(models)
        command = [sys.executable, "manage.py", "makemigrations", "--noinput", "shop"]
        subprocess.run(command, cwd=self.folder / "site", check=True, capture_output=True, text=True)

    def write(self, name: str, operations: str) -> None:
        text = source(operations, dependencies='[("shop", "0001_initial")]')
        (self.app / f"migrations/{name}.py").write_text(text)

    def check(self, *arguments: str, **environment: str) -> Ran:
        """The command, in this process: there are many, and each would take a second to start."""
        runner = CliRunner()
        with contextlib.chdir(self.folder):
            ran = runner.invoke(commands(), ["migrations", "check", *arguments], env={**QUIET, **environment})
        if isinstance(ran.exception, CouldNotRunError):
            return Ran(2, ran.stdout, f"{ran.exception}\n")
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return Ran(ran.exit_code, ran.stdout, ran.stderr)


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    (made.app / "migrations/0001_initial.py").write_text(source(BASE))
    made.commit()
    return made


def test_what_django_writes_for_changed_models_is_read(tmp_path):
    project = Project(tmp_path)
    project.makemigrations(MODELS)
    base = project.commit()
    changed = MODELS.replace(
        "name = models.CharField(max_length=50)\n    note", "name = models.CharField(max_length=80)\n    note"
    )
    changed = changed.replace("price = models.IntegerField()", "net = models.IntegerField(null=True)")
    changed = changed.replace("max_length=9)", "max_length=9, unique=True)") + MORE
    project.makemigrations(changed)
    project.commit()
    ran = project.check("--project", "site", "--base", base, "--json")
    assert ran.stderr == ""
    assert ran.returncode == 1
    found = json.loads(ran.stdout)
    read = {(item["operation"], item["about"].lower()): item["phase"] for item in found["operations"]}
    assert read == {
        ("AlterModelOptions", "shop.product"): "expand",
        ("RemoveField", "shop.product.price"): "contract",
        ("AddField", "shop.product.net"): "expand",
        ("AddField", "shop.product.sold"): "contract",
        ("AddField", "shop.product.tags"): "expand",
        ("AlterField", "shop.product.code"): "contract",
        ("AlterField", "shop.product.name"): "expand",
        ("AddIndex", "shop.product.by_name"): "expand",
        ("AddConstraint", "shop.product.some"): "expand",
        ("CreateModel", "shop.shelf"): "expand",
        ("AddField", "shop.shelf.product"): "expand",
    }
    lines = (project.folder / found["operations"][0]["file"]).read_text().splitlines()
    assert all(f"migrations.{item['operation']}(" in lines[item["line"] - 1] for item in found["operations"])
    assert (found["project"], found["needs"], found["fine"], found["migrations"]) == ("site", "contract", False, 1)
    assert found["declared"] == {"phase": "expand", "source": "the default"}
    assert (found["base"]["commit"], found["head"]["revision"]) == (base, "HEAD")


def test_the_declared_phase_decides_the_exit_code(project):
    project.git("checkout", "-q", "-b", "change")
    project.write("0002_x", 'RemoveField("Book", "note"),')
    project.commit()
    ran = project.check()
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[0] == "site/shop/migrations/0002_x.py"
    assert "Declared is expand (the default). This needs release.phase: contract" in ran.stdout
    assert project.check("--phase", "contract").returncode == 0
    stacks = project.folder / "stacks"
    stacks.mkdir()
    (stacks / "estate.yaml").write_text(FINE + 'release: {name: "1", phase: contract}\n')
    ran = project.check()
    assert ran.returncode == 0
    assert "Declared is contract (stacks/estate.yaml): enough." in ran.stdout
    (project.folder / "other.yaml").write_text(FINE)
    assert project.check("--estate", "other.yaml").returncode == 1


def test_files_on_disk_count_where_that_is_asked_for(project):
    project.write("0002_x", 'RemoveField("Book", "note"),')
    before = project.git("status", "--porcelain")
    assert "no migration is added" in project.check("--base", "main").stdout
    ran = project.check("--base", "main", "--work-tree", "--json")
    assert (ran.returncode, json.loads(ran.stdout)["head"]) == (1, {"revision": "the work tree", "commit": None})
    assert project.git("status", "--porcelain") == before


def test_what_base_alone_went_on_to_do_is_not_the_changes(project):
    project.git("checkout", "-q", "-b", "change")
    project.write("0002_mine", 'AddField("Book", "a", models.TextField(null=True)),')
    project.commit()
    project.git("checkout", "-q", "main")
    project.write("0002_theirs", 'RemoveField("Book", "note"),')
    project.commit()
    ran = project.check("--base", "main", "--head", "change", "--json")
    found = json.loads(ran.stdout)
    assert (ran.returncode, [item["migration"] for item in found["operations"]]) == (0, ["0002_mine"])
    assert found["notices"] == []


def test_findings_become_annotations_of_a_pull_request(project):
    project.git("checkout", "-q", "-b", "change")
    project.write("0002_x", 'RemoveField("Book", "note"),')
    (project.folder / "requirements.txt").write_text("django-cms==5\n")
    project.commit()
    ran = project.check("--base", "main", GITHUB_ACTIONS="true")
    lines = [line for line in ran.stdout.splitlines() if line.startswith("::")]
    assert lines[0].startswith("::error file=site/shop/migrations/0002_x.py,line=")
    assert "title=contract%3A RemoveField shop.Book.note::drops shop_book.note" in lines[0]
    assert lines[1].startswith("::warning file=requirements.txt::packages may bring")
    assert "::" not in project.check("--base", "main", "--annotations", "none", GITHUB_ACTIONS="true").stdout
    assert "::notice " in project.check("--base", "main", "--annotations", "github", "--phase", "contract").stdout
    as_json = project.check("--base", "main", "--json", GITHUB_ACTIONS="true")
    assert json.loads(as_json.stdout)
    project.git("update-ref", "refs/remotes/origin/live", "main")
    assert project.check(GITHUB_BASE_REF="live").stdout.splitlines()[-2].startswith("From origin/live (")


def test_annotations_cannot_be_broken_by_what_is_in_them():
    assert annotation("error", "a\n::b 100%", "a,b:c.py", 3, "x: y") == (
        "::error file=a%2Cb%3Ac.py,line=3,title=x%3A y::a%0A::b 100%25"
    )
    assert annotation("warning", "x") == "::warning::x"


NOWHERE = "there is no such folder; --project names the one with the Django project"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--project", "nowhere"], f"nowhere: {NOWHERE}"),
        (["--base", "nowhere"], "--base nowhere: there is no such revision here; git fetch it first; a shallow clone"),
        (["--base", "main", "--head", "-x"], "--head -x: there is no such revision here"),
        (["--base", "main", "--estate", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
    ],
)
def test_what_cannot_run_is_told_in_one_sentence(project, arguments, sentence):
    ran = project.check(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(sentence)
    assert len(ran.stderr.splitlines()) == 1


def test_a_folder_that_is_in_no_repository_is_told(tmp_path):
    ran = divio_estate("migrations", "check", cwd=tmp_path, **QUIET, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "is in no git repository" in ran.stderr


def test_a_missing_extra_is_told_with_the_command_that_installs_it(project):
    program = (
        "import sys; sys.modules['sqlglot'] = None; sys.argv[1:] = ['migrations', 'check']\n"
        "from divio_provider.commands.app import main; main()"
    )
    root = str(Path(__file__).parents[2])
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project.folder,
        env={**os.environ, **QUIET, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr == "migrations check needs sqlglot: pip install 'divio-provider[cli,migrations]'\n"


def test_the_conclusion_says_what_follows():
    one = {"a/migrations/0001_initial.py": source(BASE)}
    fine = between(
        one, {**one, "a/migrations/0002_x.py": source('AddIndex("Book", models.Index(fields=["title"], name="x")),')}
    )
    assert conclusion(fine, "contract", "--phase", "a to b") == [
        "From a to b: 1 operation in 1 new migration, all of them expand.",
        "Declared is contract (--phase); expand would be enough, and waits for no mirror.",
    ]
