"""What fails each of a hundred resources alike is read once, with the real CLI and an estate of 1+40."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.engine.conftest import NewProject
from tests.engine.project import Project, Run, estate
from tests.engine.test_permissions import kept

# Of each resource that it refreshes Pulumi prints a row as it begins and one as it ends, whatever happens.
ROW = re.compile(r" ~  \S+ \S+ refresh(ing)? \([0-9.]+s\) ")


def large(theme: str) -> dict[str, Any]:
    spec = estate()
    spec["mirrors"] = {f"acme-{number:02d}": {"name": f"Acme {number}"} for number in range(40)}
    spec["rollout"] = {"waves": [{"name": "canary", "sites": ["acme-00"]}, {"name": "rest", "sites": "rest"}]}
    spec["variables"]["THEME"] = theme
    return spec


def lines(run: Run) -> list[str]:
    """What is printed besides Pulumi's rows and the stack's outputs, which a good run prints as well."""
    text = re.sub(r"\nOutputs:\n.*?\n\n", "\n", run.output, flags=re.DOTALL)
    return [line for line in text.splitlines() if not ROW.fullmatch(line)]


def sentences(run: Run) -> list[str]:
    """The errors under "Diagnostics", Pulumi's own left out."""
    return [line.strip() for line in run.output.splitlines() if line.startswith("    error: divio:")]


def refused(project: Project, sentence: str, **environ: str) -> None:
    """A refresh that reaches nothing: it fails, says why once, and the state is as it was."""
    before = kept(project)
    run = project.up("--refresh", check=False, environ=environ)
    assert run.code != 0
    assert len(sentences(run)) == 1, run.output
    assert sentence in sentences(run)[0]
    assert len(lines(run)) <= 40, run.output
    assert run.ops == {}
    assert kept(project) == before


@pytest.mark.slow
def test_a_wrong_token_is_told_once_and_loses_nothing(new_project: NewProject):
    project = new_project()
    project.declare(large("blue"))
    project.add_stack("demo", secrets=False)
    project.up()
    project.divio.clear_calls()
    refused(project, "Divio does not accept the token", DIVIO_TOKEN="wrong")

    before = kept(project)
    run = project.up("--refresh", check=False, environ={"DIVIO_TOKEN": "wrong", "PULUMI_RUN_PROGRAM": "true"})
    assert run.code != 0
    assert len(set(sentences(run))) == 1, run.output
    assert len(run.output.splitlines()) <= 40, "a refresh by the program stops at its first error"
    assert kept(project) == before

    project.declare(large("green"))
    run = project.up(check=False, environ={"DIVIO_TOKEN": "wrong"})
    assert run.code != 0
    assert len([text for text in sentences(run) if "Divio does not accept the token" in text]) == 1
    assert {text for text in sentences(run) if "does not accept" not in text} <= {
        "error: divio: as above: answered 401"
    }
    assert project.writes() == []

    project.up("--refresh")
    assert project.divio.deployed("acme-39", "live")["THEME"] == "green", "what failed was not taken for done"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_divio_that_is_away_is_told_once_and_loses_nothing(new_project: NewProject, start: Any):
    divio = start()
    project = new_project(divio)
    project.add_stack("demo")
    project.up()
    world, url = divio.world(), divio.url
    divio.stop()
    refused(project, "the host takes no connection")
    divio.flags["port"] = int(url.rsplit(":", 1)[1])
    divio.start()
    divio.replace_world(world)
    project.up("--refresh", "--expect-no-changes")
