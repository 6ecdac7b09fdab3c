"""`divio:audit` with the real CLI: a line of JSON for each call that changes something."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import NewProject
from tests.engine.project import Project, estate

CI = {
    "GITHUB_ACTOR": "ada",
    "GITHUB_SHA": "c0ffee",
    "GITHUB_RUN_ID": "7",
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "acme/estate",
}


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def small(project: Project, original: str) -> None:
    """An original and one mirror, so that two stacks have something to do at the same time, and not for long."""
    spec = estate()
    spec["original"]["slug"] = original
    spec["mirrors"] = {f"{original}-blog": {"name": "Blog", "variables": {"THEME": "blog"}}}
    spec.pop("rollout")
    project.declare(spec)


@pytest.mark.slow
def test_each_call_that_changes_something_is_a_line(new_project: NewProject):
    project = new_project(audit="audit.jsonl")
    small(project, "acme-main")
    project.add_stack("demo", secrets=False)
    project.divio.clear_calls()
    project.up(environ=CI)
    lines = lines_of(project.folder / "audit.jsonl")
    assert sorted(f"{line['method']} {line['path']}" for line in lines) == sorted(project.writes())
    assert {(line["stack"], line["actor"], line["commit"], line["run"], line["outcome"]) for line in lines} == {
        ("demo", "ada", "c0ffee", "https://github.example/acme/estate/actions/runs/7", "done")
    }
    told = [(line["site"], line["about"]) for line in lines]
    assert ("acme-main-blog/live", "SITE_ID") in told
    assert ("acme-main-blog/live", "") in told, "its deployment"
    assert ("acme-main", "Acme") in told
    assert all(site for site, _ in told)

    # Another process, which finds where the last one stopped, and a removal of everything.
    spec = project.declared()
    spec["mirrors"]["acme-main-blog"]["variables"] = {"THEME": "dark"}
    project.declare(spec)
    project.divio.clear_calls()
    project.up("--refresh", environ=CI)
    project.destroy("--run-program", environ={**CI, "DIVIO_ALLOW_DELETE": "all"})
    later = lines_of(project.folder / "audit.jsonl")[len(lines) :]
    assert sorted(f"{line['method']} {line['path']}" for line in later) == sorted(project.writes())
    assert {line["stack"] for line in later} == {"demo"}
    assert ("PATCH", "acme-main-blog/test", "THEME") in {
        (line["method"], line["site"], line["about"]) for line in later
    }
    assert "DELETE" in {line["method"] for line in later}


@pytest.mark.slow
def test_two_stacks_at_once_share_a_file(new_project: NewProject, tmp_path: Path):
    file = tmp_path / "shared" / "audit.jsonl"
    file.parent.mkdir()
    projects = [new_project(audit=file), new_project(audit=file)]
    for project, stack in zip(projects, ("one", "two"), strict=True):
        small(project, f"acme-{stack}")
        project.add_stack(stack, secrets=False)
    project.divio.clear_calls()
    running = [
        project.start("up", "--stack", stack, "--yes", "--skip-preview")
        for project, stack in zip(projects, ("one", "two"), strict=True)
    ]
    assert [process.wait() for process in running] == [0, 0]
    lines = lines_of(file)
    assert sorted(f"{line['method']} {line['path']}" for line in lines) == sorted(projects[0].writes())
    assert {(line["stack"], line["site"].partition("/")[0].removesuffix("-blog")) for line in lines} == {
        ("one", "acme-one"),
        ("two", "acme-two"),
    }
    stacks = [line["stack"] for line in lines]
    changes = sum(before != after for before, after in pairwise(stacks))
    assert changes > 1, "they did write at the same time"
