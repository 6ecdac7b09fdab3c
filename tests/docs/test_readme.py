"""What the README says of commands, keys and files is what there is."""

import ast
import importlib
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
import yaml

from divio_provider.api.transport.audit import Audit
from divio_provider.cli.app import VERBS
from divio_provider.estate.declaration.parser import declare, parse
from divio_provider.estate.health.findings import Kind
from divio_provider.estate.planning.variables import secrets_of
from divio_provider.resources.host import configuration
from tests.local_divio import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
YAML = [text for language, text in BLOCKS if language == "yaml"]


def section(title: str) -> str:
    """A section's text, up to the next heading of the same level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def first_column(text: str) -> list[str]:
    """The first cell of a table's rows, headings left out."""
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows[2:] if row != "key" and not row.startswith("---")]


def table(mark: str) -> set[str]:
    """The keys in the table below a mark such as `<!-- keys: divio -->`."""
    text = README.split(f"<!-- keys: {mark} -->\n")[1].split("\n\n")[0]
    return {cell.strip("`") for cell in first_column(text)}


def test_every_command_it_names_exists_and_every_command_is_named():
    named = set(re.findall(r"divio-estate ([a-z]+)", README))
    assert named == set(VERBS)
    for verb in named:
        assert callable(getattr(importlib.import_module(f"divio_provider.cli.{verb}"), verb))


def test_every_command_of_the_application_that_it_names_exists_and_every_one_is_named():
    commands = ROOT / "django-divio-sites" / "divio_sites" / "management" / "commands"
    there = {path.stem for path in commands.glob("*.py")} - {"__init__"}
    named = set(re.findall(r"^\| `manage\.py ([a-z]+)", section("In the application's repository"), re.MULTILINE))
    assert named == there | {"check"}


def test_every_make_target_it_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)`", README)) <= targets


def test_every_key_of_divio_that_it_names_is_read_and_every_one_read_is_named():
    asked: list[str] = []

    def get(key: str) -> None:
        asked.append(key)

    configuration.Configuration.read(get, {"HOME": "/nowhere"})
    assert table("divio") == set(asked)


def test_every_key_of_the_project_that_it_names_is_read_and_every_one_read_is_named():
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
    schema = json.loads((ROOT / "stacks" / "estate.schema.json").read_text())
    text = section("The file").split("\n\nPrecedence")[0]
    models = {"Spec": schema, **schema["$defs"]}
    keys = {name for model in models.values() for name in model.get("properties", {})}
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", text))))
    assert keys <= words, keys - words
    named = {word for cell in first_column(text) for key in re.findall(r"`([^`]+)`", cell) for word in key.split(".")}
    assert named - {"", "<slug>"} <= keys, named - keys


@pytest.mark.parametrize("text", [text for text in YAML if "organisation:" in text])
def test_every_declaration_it_shows_is_one(text: str):
    parse(text, "README.md")


PARTS = re.findall(r"^```yaml\n(.*?)^```", section("Releases"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", PARTS)
def test_every_part_of_a_declaration_that_it_shows_fits_into_one(text: str):
    mirrors = {"acme-blog": {"name": "Acme Blog"}, "acme-shop": {"name": "Acme Shop"}}
    others = {**_smallest(), "mirrors": mirrors}
    for key in yaml.safe_load(text):
        others.pop(key, None)
    parse(yaml.safe_dump(others) + text, "README.md")


def test_the_site_it_adds_can_be_added_to_the_demo():
    added = next(text for text in YAML if text.startswith("  acme-jobs:"))
    demo = (ROOT / "stacks" / "estate.yaml").read_text()
    before = "  acme-news:\n    name: Acme News\n"
    assert before in demo
    assert parse(demo.replace(before, before + added), "README.md").slugs[-1] == "acme-jobs"


def test_the_rest_of_its_yaml_is_yaml():
    for text in YAML:
        yaml.safe_load(text)


@pytest.mark.parametrize("text", PYTHON)
def test_its_programs_import_what_there_is(text: str):
    for statement in ast.walk(ast.parse(text)):
        if isinstance(statement, ast.ImportFrom):
            module = importlib.import_module(str(statement.module))
            assert all(hasattr(module, name.name) for name in statement.names)


def test_the_kinds_of_findings_are_those_that_there_are():
    listed = re.search(r"`kind` \((.*?)\)", README, re.DOTALL)
    assert listed
    assert set(re.findall(r"`([a-z-]+)`", listed[1])) == set(get_args(Kind))


def anchors(page: str) -> set[str]:
    """What links to a page may end in, as GitHub makes it of headings."""
    titles = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_its_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)]+)\)", README):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        assert not path or (ROOT / path).exists(), link
        assert not anchor or anchor in anchors((ROOT / (path or "README.md")).read_text(encoding="utf-8")), link


def test_its_line_for_the_audit_shows_what_was_done_to_a_site(tmp_path: Path):
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    line = re.search(r"^jq -r .* audit\.jsonl$", README, re.MULTILINE)
    assert line
    audit = Audit(str(tmp_path / "audit.jsonl"), {"USER": "ada"}, "live")
    audit.subjects.learn([{"uuid": "a1", "slug": "acme-blog"}, {"uuid": "a2", "slug": "acme-shop"}])
    for uuid in ("a1", "a2"):
        audit.record(datetime.now(UTC), "PATCH", f"/apps/v3/applications/{uuid}/", {"name": "Acme"}, "", "done")
    shown = subprocess.run(line[0], shell=True, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert [row.split("\t")[1:] for row in shown.splitlines()] == [
        ["live", "ada", "PATCH", "/apps/v3/applications/a1/", "Acme", "done"]
    ]
