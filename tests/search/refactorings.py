"""What the matrix of refactorings consists of: a program without `Estate`, cells, and how one is played."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from tests.engine.project import NAME, Project, Run

PROGRAM = """\
import pulumi
from divio_provider import Application, Deployment, Domain, EnvironmentVariables

PLACE = {"organisation": "Acme", "region": "Frankfurt", "plan": "Standard"}


class Group(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("acme:index:Group", name)


ours = None
wiki = Application("wiki", slug="acme-wiki", name="Wiki", **PLACE, opts=ours)
variables = EnvironmentVariables(
    "wiki/live", site="acme-wiki", environment="live", application=wiki.uuid, variables={"A": "1"}, opts=ours)
domain = Domain("wiki.example", host="wiki.example", site="acme-wiki", application=wiki.uuid, kind="primary", opts=ours)
domains = {"wiki.example": {"generation": domain.generation, "unfinished": domain.unfinished}}
Deployment.of_original("wiki-deployed", {**variables.target, "domains": domains}, opts=ours)
"""
"""One application with a variable and a domain, deployed, as a user declares it without an `Estate`."""

TABLES = ("applications", "environments", "environment_variables", "service_instances", "domains", "deployments")

Edit = tuple[str, str] | Callable[[Project], object]
"""A text of the program and what takes its place, or anything that a person does by hand."""

FORGET = {"DIVIO_FORGET": "all"}


PUT_BACK: tuple[Edit, ...] = (lambda _: None,)
"""The way out of taking the edits back."""


@dataclass(frozen=True)
class Cell:
    """One thing that a person may try, and what has to come of it."""

    name: str
    edits: tuple[Edit, ...]
    """What is edited, or run, before."""
    command: str
    """What is run then; `{wiki_live}` stands for the URN of `wiki/live`. Without --skip-preview its preview refuses."""
    said: str = ""
    """Words of the refusal; without any the command succeeds, and does nothing on Divio."""
    out: tuple[Edit, ...] | dict[str, str] = ()
    """The way out: edits, or the environment of one run, after which `up` leads to an empty preview."""

    def __str__(self) -> str:
        return f"{self.name}: {self.command}"


def edit(project: Project, edits: tuple[Edit, ...]) -> None:
    """Does one after the other."""
    program = project.folder / "__main__.py"
    for change in edits:
        if callable(change):
            change(project)
            continue
        text = program.read_text()
        assert change[0] in text, change[0]
        program.write_text(text.replace(*change))


def spec(**keys: Any) -> Callable[[Project], None]:
    """An edit of the estate's file."""
    return lambda project: project.declare({**project.declared(), **keys})


def pulumi(command: str, *, code: int = 0, **environ: str) -> Callable[[Project], Run]:
    """An edit that runs the CLI."""

    def run(project: Project) -> Run:
        ran = pulumi_run(project, command, environ)
        assert ran.code == code, ran.output
        return ran

    return run


def configured(key: str, value: object, stack: str = "demo") -> Callable[[Project], None]:
    """An edit of a stack's configuration."""

    def write(project: Project) -> None:
        path = project.folder / "stacks" / f"Pulumi.{stack}.yaml"
        settings = yaml.safe_load(path.read_text())
        settings["config"] |= {f"{NAME}:{key}": value}
        settings["config"] = {name: one for name, one in settings["config"].items() if one is not None}
        path.write_text(yaml.safe_dump(settings))

    return write


def pulumi_run(project: Project, command: str, environ: dict[str, str] | None = None) -> Run:
    """Runs a command as it stands in a cell, on the stack `demo` unless it names another."""
    urns = {name: item["urn"] for name, item in project.resources().items()} if "{" in command else {}
    words = shlex.split(command.format_map({re.sub(r"\W", "_", name): urn for name, urn in urns.items()}))
    if "--stack" not in words and words[0] != "stack" and "--source" not in words:
        words += ["--stack", "demo"]
    if words[0] in ("up", "destroy", "refresh", "state"):
        words.append("--yes")
    return project.pulumi(*words, check=False, environ=environ, events=words[0] in ("up", "destroy", "preview"))


def world(project: Project) -> dict[str, Any]:
    """What of Divio must not change."""
    everything = project.divio.world()
    return {table: everything[table] for table in TABLES}


def play(project: Project, cell: Cell) -> None:
    """Edit, run, take the way out; nothing of it may change anything on Divio."""
    kept = {path: path.read_text() for path in (project.folder / "__main__.py", project.estate_file)}
    before = world(project)
    project.divio.clear_calls()

    def ends(run: Run, *, well: bool) -> str:
        assert (run.code == 0) is well, run.output
        assert project.writes() == [], run.output
        assert world(project) == before, run.output
        return run.output

    edit(project, cell.edits)
    said = ends(pulumi_run(project, cell.command), well=not cell.said)
    if cell.said:
        assert cell.said in said, said
        assert "--skip-preview" in cell.command or "Updating" not in said, said
    if cell.out is PUT_BACK:
        for path, text in kept.items():
            path.write_text(text)
    elif isinstance(cell.out, tuple):
        edit(project, cell.out)
    # Put back after a refusal in the preview, nothing is to be made good.
    if cell.out and not (cell.out is PUT_BACK and cell.said and "--skip-preview" not in cell.command):
        ends(pulumi_run(project, "up --skip-preview", cell.out if isinstance(cell.out, dict) else None), well=True)
    ends(pulumi_run(project, "preview --diff --expect-no-changes"), well=True)
