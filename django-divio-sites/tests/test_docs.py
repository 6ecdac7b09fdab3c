"""The pages on Django and on migrations and the README hold what they say: their blocks are run on a copy of the sample."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from divio_sites.checks.traps import TRAPS
from tests.sample import PACKAGE, SAMPLE, Sample, copy_sample, database_url, python_with, wheel

DJANGO = (PACKAGE.parent / "docs" / "guides" / "django.md").read_text()
MIGRATIONS = (PACKAGE.parent / "docs" / "guides" / "migrations.md").read_text()
README = (PACKAGE / "README.md").read_text()
# Environments are made, and what is downloaded for them may take its time.
pytestmark = pytest.mark.timeout(600)
WORKFLOW = SAMPLE / ".github" / "workflows" / "migrations.yml"


def headings(page: str) -> dict[str, tuple[int, int]]:
    """The line and the level of each heading; a comment in a block is none."""
    found, fenced = {}, False
    for number, line in enumerate(page.splitlines()):
        fenced ^= line.startswith("```")
        if not fenced and (heading := re.fullmatch("(#+) (.*)", line)):
            found[heading[2]] = (number, len(heading[1]))
    return found


def section(page: str, title: str) -> str:
    """From a heading to the next of its level or above."""
    begin, level = headings(page)[title]
    ends = (number for number, other in headings(page).values() if number > begin and other <= level)
    return "\n".join(page.splitlines()[begin + 1 : next(ends, None)]) + "\n"


def blocks(text: str) -> list[tuple[str, str]]:
    """The language and the text of each fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(console: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what it prints."""
    return re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", console, re.MULTILINE)


def bash(sample: Sample, command: str, code: int | None = None, **variables: str) -> str:
    """What a command prints on stdout; without `code` its exit code is left to what it prints."""
    path = f"{Path(sample.python).parent}:{os.environ.get('PATH', '')}"
    done = subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=sample.folder,
        env=sample.environment(PATH=path, HOME=str(sample.folder.parent), **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert code in {None, done.returncode}, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def apply(sample: Sample, language: str, text: str) -> None:
    """Do what a block shows: a file, a difference, or commands with their output."""
    if language == "diff":
        subprocess.run(["git", "apply", "-"], cwd=sample.folder, input=text, text=True, check=True)
    elif language == "python":
        place, _, rest = text.partition("\n")
        (sample.folder / place.removeprefix("# ")).write_text(rest)
    elif language == "console":
        for command, printed in commands(text):
            assert bash(sample, command) == printed, command


@pytest.mark.slow
def test_removing_a_field_goes_as_the_page_says(tmp_path, postgres):
    sample = copy_sample(tmp_path, python_with("requirements.txt"))
    sample.commit("Before")
    with postgres.database("sample"):
        sample.variables["DATABASE_URL"] = database_url(postgres, "sample")
        sample.git("update-ref", "refs/remotes/origin/main", "HEAD")
        for language, text in blocks(section(MIGRATIONS, "Removing a field, in two releases")):
            apply(sample, language, text)
            if language == "yaml":  # a release: it is merged, and runs everywhere
                sample.commit(text)
                sample.git("update-ref", "refs/remotes/origin/main", "HEAD")
        sample.manage("makemigrations", "--check", "--dry-run")
        sample.manage("migrate")
        with postgres.connect("sample") as connection:
            columns = connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'news_article'"
            ).fetchall()
        assert ("title",) in columns
        assert ("author",) not in columns


@pytest.mark.slow
def test_code_of_before_lives_with_the_first_release_and_not_with_the_second(tmp_path, postgres):
    """What the page says of sites, with Django itself: old and new code write and read on one database."""
    before = copy_sample(tmp_path / "before", python_with("requirements.txt"))
    after = copy_sample(tmp_path / "after", before.python)
    first, second = (
        text
        for language, text in blocks(section(MIGRATIONS, "Removing a field, in two releases"))
        if language == "python"
    )
    diff, sed = (
        next(
            text
            for language, text in blocks(section(MIGRATIONS, "Removing a field, in two releases"))
            if language == wanted
        )
        for wanted in ("diff", "console")
    )
    after.commit("Before")
    apply(after, "diff", diff)
    bash(after, commands(sed)[0][0], code=0)
    write = """
from news.models import Article
Article.objects.create(site_id=1, title=SLUG, slug=SLUG, body="")
assert list(Article.objects.all())
"""

    def works(sample: Sample, slug: str) -> bool:
        done = sample.manage("shell", "--command", f"SLUG = {slug!r}\n{write}", code=None)
        return done.returncode == 0

    with postgres.database("sample"):
        for sample in (before, after):
            sample.variables["DATABASE_URL"] = database_url(postgres, "sample")
        before.manage("migrate")
        apply(after, "python", first)
        after.manage("migrate")
        assert works(before, "old-on-first")
        assert works(after, "new-on-first")
        apply(after, "python", second)
        after.manage("migrate")
        assert works(after, "new-on-second")
        assert not works(before, "old-on-second")


def test_a_trial_of_the_sample_says_what_the_page_quotes(tmp_path, postgres):
    sample = copy_sample(tmp_path, python_with("requirements.txt"))
    with postgres.database("sample"):
        sample.variables["DATABASE_URL"] = database_url(postgres, "sample")
        quoted = [block for block in blocks(section(MIGRATIONS, "What trymigrations tells")) if block[0] == "console"]
        for block in quoted:
            apply(sample, *block)
    assert quoted


def test_what_the_page_quotes_stands_in_the_sample():
    quoted = [
        text
        for page, title in ((DJANGO, "Settings"), (MIGRATIONS, "A comment settles what cannot be judged"))
        for language, text in blocks(section(page, title))
        if language == "python"
    ]
    assert len(quoted) == 2
    for text in quoted:
        place, _, rest = text.partition("\n")
        lines = (SAMPLE / place.removeprefix("# ")).read_text().splitlines()
        missing = [line for line in rest.splitlines() if line and line not in lines]
        assert not missing, place
    quoted_steps = yaml.safe_load(next(text for language, text in blocks(section(MIGRATIONS, "In the pull request"))))
    steps = yaml.safe_load(WORKFLOW.read_text())["jobs"]["try"]["steps"]
    assert quoted_steps == [step for step in steps if "run" in step]
    estate = (SAMPLE / "estate.yaml").read_text()
    assert next(text for _, text in blocks(section(DJANGO, TRAPS["W004"][0]))).split("\n", 1)[1] in estate


def test_every_trap_has_its_place_on_the_page():
    titles = list(headings(section(DJANGO, "The traps")))
    assert titles == [title for title, _ in TRAPS.values()]
    for trap, (title, _) in TRAPS.items():
        assert section(DJANGO, title).lstrip().startswith(f"`{trap}`. ")


@pytest.mark.slow
def test_the_workflow_tries_a_pull_request(tmp_path, postgres):
    """Its steps, run as a runner does, on a pull request that removes a field."""
    workflow = yaml.safe_load(WORKFLOW.read_text())
    job = workflow["jobs"]["try"]
    sample = Sample(copy_sample(tmp_path).folder, python_with("", "pip"), package=False)
    (sample.folder / "wheels").mkdir()
    (sample.folder / "wheels" / wheel().name).write_bytes(wheel().read_bytes())
    # In a repository of one's own the wheel is committed.
    ignored = sample.folder / ".gitignore"
    ignored.write_text(ignored.read_text().replace("/wheels/\n", ""))
    base = sample.commit("Before")
    for language, text in blocks(section(MIGRATIONS, "Removing a field, in two releases"))[:1]:
        apply(sample, language, text)
    expressions = {name: value for name, value in job["env"].items() if "${{" in value}
    assert set(expressions) == {"BASE", "PHASE"}
    with postgres.database("sample"):
        variables = {"DATABASE_URL": database_url(postgres, "sample"), "BASE": base, "PHASE": "expand"}
        steps = [step["run"] for step in job["steps"] if "run" in step]
        for step in steps[:-1]:
            bash(sample, step, code=0, **variables)
        assert "adds no operation" in bash(sample, steps[-1], code=0, **variables)
        bash(sample, "python manage.py makemigrations news", code=0, **variables)
        refused = bash(sample, steps[-1], code=1, **variables, GITHUB_ACTIONS="true")
        assert "::error file=news/migrations/0006_remove_article_author.py,line=" in refused
        bash(sample, steps[-1], code=0, **{**variables, "PHASE": "contract"})


def test_readme_names_every_key_of_the_json(tmp_path, postgres):
    sample = copy_sample(tmp_path, python_with("requirements.txt"))
    with postgres.database("sample"):
        sample.variables["DATABASE_URL"] = database_url(postgres, "sample")
        printed = sample.manage("trymigrations", "--applied", "applied.txt", "--json").stdout
    found = json.loads(printed)
    keys = [*found, *found["operations"][0], "file", "line", "text"]
    named = section(README, "The JSON").split("`needs` is")[0]
    assert sorted(re.findall(r"`(\w+)`", named)) == sorted(keys)


def test_readme_is_short():
    assert len(README.encode()) <= 6000


def test_readmes_commands_work_with_django_and_the_wheel_alone(tmp_path):
    sample = Sample(copy_sample(tmp_path).folder, python_with("", "Django", str(wheel())), package=False)
    tried = commands(next(text for language, text in blocks(section(README, "Try it")) if language == "console"))
    check, trial = (command for command, _ in tried if command.startswith("python manage.py"))
    said = sample.manage(*check.split()[2:])
    assert re.findall(r"divio_sites\.\w+", said.stderr) == ["divio_sites.W001"], (
        "the packages of the settings are missing"
    )
    said = sample.manage(*trial.split()[2:], code=2)
    assert said.stderr.startswith("TrialError: trymigrations needs PostgreSQL")
    assert len(said.stderr.splitlines()) == 1
    triage = re.search(r"`python manage.py (checkmigrations [^`]+)`", section(README, "Try it"))
    said = sample.manage(*triage[1].split(), code=1)
    assert re.findall(r"^  (\w+(?: it)?)  ", said.stdout, re.MULTILINE) == ["expand", "expand", "try it", "expand"]


def test_readmes_commands_say_what_it_quotes(tmp_path, postgres):
    sample = copy_sample(tmp_path, python_with("requirements.txt"))
    with postgres.database("sample"):
        for command, printed in commands(next(text for _, text in blocks(section(README, "Try it")))):
            if command.startswith("python manage.py"):
                said = bash(sample, command, code=0, DATABASE_URL=database_url(postgres, "sample"))
                assert said == printed, command
