"""What the README and the pages of docs/ say of commands, keys and files is what there is; every link leads somewhere."""

import ast
import importlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
import typer
import yaml

from divio_provider.api.transport.audit import Audit
from divio_provider.cli.app import VERBS, commands
from divio_provider.estate.declaration.parser import declare, parse
from divio_provider.estate.planning.unfinished import Code
from divio_provider.estate.planning.variables import secrets_of
from divio_provider.resources.host import configuration
from tests.docs.pages import DOCS, EXAMPLES, INDEX, README, TEXTS, Example, anchors, examples, links
from tests.local_divio import ROOT

CLI = "docs/reference/cli.md"
CONFIGURATION = "docs/reference/configuration.md"
ESTATE_YAML = "docs/reference/estate-yaml.md"
DJANGO = "docs/guides/django.md"
ALL = "\n".join(TEXTS.values())
SCHEMA = json.loads((ROOT / "stacks" / "estate.schema.json").read_text())


def is_workflow(example: Example) -> bool:
    """Steps of a workflow."""
    return example.text.startswith("- ")


def is_added_site(example: Example) -> bool:
    """A mirror that a reader is to add to the file that he has."""
    return example.text.startswith("  acme-")


def is_project(example: Example) -> bool:
    """A Pulumi.yaml; tests/engine/test_documents.py runs it."""
    return "runtime:" in example.text


def is_declaration(example: Example) -> bool:
    """A whole estate.yaml."""
    return "organisation:" in example.text


def is_part(example: Example) -> bool:
    """A part of an estate.yaml."""
    others = (is_workflow, is_added_site, is_project, is_declaration)
    return not any(is_other(example) for is_other in others)


def is_quoted(example: Example) -> bool:
    """A part of a Django project's file, whose name stands above it; django-divio-sites/tests/test_docs.py compares it."""
    return example.text.startswith("# ")


def yaml_that(kind: Callable[[Example], bool]) -> list[Example]:
    """The examples in YAML of one kind."""
    return [example for example in examples("yaml") if kind(example)]


PROGRAMS = [example for example in examples("python") if not is_quoted(example)]


def first_column(text: str) -> list[str]:
    """The first cell of a table's rows, headings left out."""
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows[2:] if row != "key" and not row.startswith("---")]


def table(mark: str) -> set[str]:
    """The keys in the table below a mark such as `<!-- keys: divio -->`."""
    text = TEXTS[CONFIGURATION].split(f"<!-- keys: {mark} -->\n")[1].split("\n\n")[0]
    return {cell.strip("`") for cell in first_column(text)}


def test_readme_is_read_in_minutes():
    assert len(TEXTS[README].encode()) <= 8192


@pytest.mark.parametrize("page", DOCS)
def test_a_page_begins_with_whom_it_serves(page: str):
    title, nothing, first = TEXTS[page].splitlines()[:3]
    assert title.startswith("# ")
    assert not nothing
    assert first.startswith("This page is for "), first


def test_the_index_leads_to_every_page():
    led_to = {f"docs/{link.partition('#')[0]}" for link in links(INDEX)}
    assert set(DOCS) - {INDEX} <= led_to


@pytest.mark.parametrize("page", TEXTS)
def test_every_link_leads_somewhere(page: str):
    for link in links(page):
        path, _, anchor = link.partition("#")
        aim = (ROOT / page).parent / path if path else ROOT / page
        assert aim.exists(), link
        assert not anchor or anchor in anchors(aim.resolve().relative_to(ROOT).as_posix()), link


def test_every_page_that_a_file_names_exists():
    listed = subprocess.run(
        ["git", "grep", "-hoE", r"\bdocs/[a-z/-]+\.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    named = set(listed.stdout.split())
    assert "docs/guides/django.md" in named
    assert named <= set(DOCS), named - set(DOCS)


def test_every_word_of_the_glossary_is_one_that_others_use():
    glossary = TEXTS["docs/concepts/glossary.md"]
    rows = re.findall(r"^\| (\*\*.*?) \|", glossary, re.MULTILINE)
    words = [word.strip("`") for row in rows for word in re.findall(r"\*\*(.+?)\*\*", row)]
    assert len(words) == len(set(words)) >= 12
    others = ALL.replace(glossary, "").lower()
    unused = [word for word in words if not re.search(rf"\b{re.escape(word.lower())}", others)]
    assert not unused


def test_every_command_that_is_named_exists_and_every_command_has_its_line():
    assert set(re.findall(r"(?:`|\$ )divio-estate ([a-z]+)", ALL)) == set(VERBS)
    named = set(re.findall(r"^\| `divio-estate ([a-z]+)", TEXTS[CLI], re.MULTILINE))
    assert named == set(VERBS)
    for verb in named:
        assert callable(getattr(importlib.import_module(f"divio_provider.cli.{verb}"), verb))


def test_every_option_of_a_command_that_is_shown_exists():
    verbs = typer.main.get_group(commands(VERBS)).commands
    shown = re.findall(r"(?:`|\$ )divio-estate ([a-z]+)([^`\n#]*)", ALL)
    options = {(verb, option) for verb, rest in shown for option in re.findall(r"--[a-z-]+", rest)}
    there = {(verb, name) for verb, command in verbs.items() for option in command.params for name in option.opts}
    assert ("emulator", "--mirrors") in options
    assert options <= there, options - there


def test_every_command_of_the_application_that_is_named_exists_and_every_one_has_its_line():
    commands = ROOT / "django-divio-sites" / "divio_sites" / "management" / "commands"
    there = {path.stem for path in commands.glob("*.py")} - {"__init__"}
    named = set(re.findall(r"^\| `manage\.py ([a-z]+)", TEXTS[DJANGO], re.MULTILINE))
    assert named == there | {"check"}


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for words in re.findall(r"(?:`|\$ )make ([a-z -]+)", ALL) for target in words.split()}
    assert named
    assert named <= targets, named - targets


def test_every_key_of_divio_that_is_named_is_read_and_every_one_read_is_named():
    asked: list[str] = []

    def get(key: str) -> None:
        asked.append(key)

    configuration.Configuration.read(get, {"HOME": "/nowhere"})
    assert table("divio") == set(asked)


def test_every_key_of_the_project_that_is_named_is_read_and_every_one_read_is_named():
    source = (ROOT / "divio_provider" / "program" / "stack_config.py").read_text()
    read = set(re.findall(r'config\.get(?:_object)?\("(\w+)"\)', source))
    by_default = declare({**_smallest(), "variables": {"TOKEN": {"secret": True}}})
    read |= {needed.key.partition(".")[0] for needed in secrets_of(by_default)}
    assert table("project") == read


def _smallest() -> dict[str, object]:
    plan = {"original": "Standard", "mirror": "Small"}
    original = {"slug": "acme-main", "name": "Acme"}
    return {"organisation": "Acme", "region": "Frankfurt", "plan": plan, "original": original}


def test_every_key_of_the_file_is_in_its_table_and_no_other():
    text = TEXTS[ESTATE_YAML].split("\n\nPrecedence")[0]
    models = {"Spec": SCHEMA, **SCHEMA["$defs"]}
    keys = {name for model in models.values() for name in model.get("properties", {})}
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", text))))
    assert keys <= words, keys - words
    named = {word for cell in first_column(text) for key in re.findall(r"`([^`]+)`", cell) for word in key.split(".")}
    assert named - {"", "<slug>"} <= keys, named - keys


@pytest.mark.parametrize("example", yaml_that(is_declaration), ids=str)
def test_every_declaration_that_is_shown_is_one(example: Example):
    parse(example.text, example.page)


@pytest.mark.parametrize("example", yaml_that(is_part), ids=str)
def test_every_part_of_a_declaration_that_is_shown_fits_into_one(example: Example):
    mirrors = {"acme-blog": {"name": "Acme Blog"}, "acme-shop": {"name": "Acme Shop"}}
    others = {**_smallest(), "mirrors": mirrors}
    for key in yaml.safe_load(example.text):
        others.pop(key, None)
    parse(yaml.safe_dump(others) + example.text, example.page)


@pytest.mark.parametrize("example", yaml_that(is_added_site), ids=str)
def test_every_site_that_is_added_can_be_added_to_the_demo(example: Example):
    demo = (ROOT / "stacks" / "estate.yaml").read_text()
    before = "  acme-news:\n    name: Acme News\n"
    assert before in demo
    assert parse(demo.replace(before, before + example.text), example.page).slugs[-1] == "acme-jobs"


@pytest.mark.parametrize("example", yaml_that(is_workflow), ids=str)
def test_every_step_that_is_shown_is_one_of_the_samples_workflow(example: Example):
    workflow = ROOT / "examples" / "django-estate" / ".github" / "workflows" / "migrations.yml"
    steps = yaml.safe_load(workflow.read_text())["jobs"]["try"]["steps"]
    assert all(step in steps for step in yaml.safe_load(example.text))


def test_no_kind_of_example_was_forgotten():
    """An example in a language, or of a kind, that no test here or in the tests named above looks at."""
    assert {example.language for example in EXAMPLES} == {
        *("yaml", "python", "sh"),
        *("console", "diff"),  # django-divio-sites/tests/test_docs.py runs those for Django
        *("json", "mermaid"),  # for the eye
    }
    for kind in (is_declaration, is_part, is_added_site, is_workflow, is_project):
        assert yaml_that(kind), kind.__doc__
    assert {example.page for example in PROGRAMS} == {
        "docs/start/new-estate.md",  # and those that tests/engine/test_documents.py runs
        "docs/guides/program.md",
        "docs/reference/resources.md",
    }


@pytest.mark.parametrize("example", PROGRAMS, ids=str)
def test_every_program_imports_what_there_is(example: Example):
    for statement in ast.walk(ast.parse(example.text)):
        if isinstance(statement, ast.ImportFrom):
            module = importlib.import_module(str(statement.module))
            assert all(hasattr(module, name.name) for name in statement.names)


def test_the_codes_of_what_is_unfinished_are_those_that_there_are():
    listed = re.findall(r"^\| `([a-z]+)` \| ", TEXTS[CONFIGURATION].partition("| `code` |")[2], re.MULTILINE)
    assert set(listed) == set(get_args(Code))


def test_the_line_for_the_audit_shows_what_was_done_to_a_site(tmp_path: Path):
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    line = re.search(r"^jq -r .* audit\.jsonl$", TEXTS[CONFIGURATION], re.MULTILINE)
    assert line
    audit = Audit(str(tmp_path / "audit.jsonl"), {"USER": "ada"}, "live")
    audit.subjects.learn([{"uuid": "a1", "slug": "acme-blog"}, {"uuid": "a2", "slug": "acme-shop"}])
    for uuid in ("a1", "a2"):
        audit.record(datetime.now(UTC), "PATCH", f"/apps/v3/applications/{uuid}/", {"name": "Acme"}, "", "done")
    shown = subprocess.run(line[0], shell=True, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert [row.split("\t")[1:] for row in shown.splitlines()] == [
        ["live", "ada", "PATCH", "/apps/v3/applications/a1/", "Acme", "done"]
    ]
