"""The README's own programs, run as they stand."""

from __future__ import annotations

import re

from tests.engine.conftest import NewProject
from tests.engine.project import CANARY, Project
from tests.local_divio import ROOT

PROGRAMS = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


def program(new_project: NewProject, word: str) -> Project:
    """A project whose program is the one of the README's that has this word."""
    project = new_project()
    text = next(text for text in PROGRAMS if word in text)
    (project.folder / "__main__.py").write_text(text)
    project.add_stack("demo", secrets=False)
    return project


def test_the_program_with_an_estate_of_its_own_gives_out_its_sites(new_project: NewProject):
    project = program(new_project, "estate.sites")
    project.up()
    shop = project.outputs()["shop"]
    assert shop["site_id"] == 2
    assert shop["url"].endswith("/_sites/acme-shop/live/")
    assert shop["application"] == project.divio.application("acme-shop")["uuid"]
    project.preview("--expect-no-changes")


def test_the_program_without_an_estate_deploys_its_application_again_when_a_variable_changes(new_project: NewProject):
    project = program(new_project, "acme-wiki")
    project.set_secret("smtpPassword", CANARY)
    project.up()
    assert project.divio.deployed("acme-wiki", "test")["SMTP_PASSWORD"] == CANARY
    project.preview("--expect-no-changes")

    main = project.folder / "__main__.py"
    main.write_text(main.read_text().replace('"LANGUAGE_CODE": "en"', '"LANGUAGE_CODE": "de"'))
    project.up()
    assert project.divio.deployed("acme-wiki", "test")["LANGUAGE_CODE"] == "de"
    assert project.ledger() == ["acme-wiki/test"] * 2
