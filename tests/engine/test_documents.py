"""The programs that the documents show, run as they stand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.docs.pages import examples
from tests.engine.conftest import NewProject
from tests.engine.project import CANARY, Project


def shown(page: str, language: str) -> list[str]:
    """A page's examples in one language."""
    return [example.text for example in examples(language) if example.page == page]


def program(new_project: NewProject, page: str) -> Project:
    """A project whose program is the one that a page shows."""
    project = new_project()
    (text,) = shown(page, "python")
    (project.folder / "__main__.py").write_text(text)
    project.add_stack("demo", secrets=False)
    return project


@pytest.mark.slow
def test_the_program_with_an_estate_of_its_own_gives_out_its_sites(new_project: NewProject):
    project = program(new_project, "docs/guides/program.md")
    project.up()
    shop = project.outputs()["shop"]
    assert shop["site_id"] == 2
    assert shop["url"].endswith("/_sites/acme-shop/live/")
    assert shop["application"] == project.divio.application("acme-shop")["uuid"]
    project.preview("--expect-no-changes")


@pytest.mark.slow
def test_the_program_without_an_estate_deploys_its_application_again_when_a_variable_changes(new_project: NewProject):
    project = program(new_project, "docs/reference/resources.md")
    project.set_secret("smtpPassword", CANARY)
    project.up()
    assert project.divio.deployed("acme-wiki", "test")["SMTP_PASSWORD"] == CANARY
    project.preview("--expect-no-changes")

    main = project.folder / "__main__.py"
    main.write_text(main.read_text().replace('"LANGUAGE_CODE": "en"', '"LANGUAGE_CODE": "de"'))
    project.up()
    assert project.divio.deployed("acme-wiki", "test")["LANGUAGE_CODE"] == "de"
    assert project.ledger() == ["acme-wiki/test"] * 2


@pytest.mark.slow
def test_the_three_files_of_a_new_repository_bring_up_their_estate(new_project: NewProject):
    page = "docs/start/new-estate.md"
    description, declaration = shown(page, "yaml")
    (main,) = shown(page, "python")
    project = new_project()
    (project.folder / "Pulumi.yaml").write_text(description)
    (project.folder / "__main__.py").write_text(main)
    (project.folder / ".venv").symlink_to(Path(sys.prefix))
    project.declare(declaration)
    project.add_stack("all", secrets=False)
    project.up(stack="all")
    assert project.sites(stack="all")["acme-shop"]["site_id"] == "2"
    assert project.ledger() == ["acme-main/test", "acme-main/live", "acme-shop/test", "acme-shop/live"]
    project.preview("--expect-no-changes", stack="all")
