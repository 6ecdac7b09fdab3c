"""An estate that is up, made once for each size and copied for every run: a local Divio's world and a Pulumi project."""

from __future__ import annotations

import copy
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from tests.engine.project import Project
from tests.local_divio import LocalDivio

ORIGINAL = "acme-main"
CANARY = "acme-001"
STACK = "demo"

World = dict[str, list[dict[str, Any]]]


def declared(mirrors: int) -> dict[str, Any]:
    """An original and so many mirrors in two waves, as in the estate's file."""
    slugs = [f"acme-{number:03}" for number in range(1, mirrors + 1)]
    return {
        "organisation": "Acme",
        "region": "Frankfurt",
        "plan": {"original": "Standard", "mirror": "Small"},
        "original": {"slug": ORIGINAL, "name": "Acme", "services": {"DATABASE": "postgres", "STORAGE": "s3"}},
        "mirrors": {slug: {"name": slug.title(), "variables": {"THEME": slug}} for slug in slugs},
        "variables": {"LANGUAGE_CODE": "en"},
        "rollout": {"waves": [{"name": "canary", "sites": [CANARY]}, {"name": "rest", "sites": "rest"}]},
        "release": {"name": "before"},
    }


class Estate:
    """One that was brought up by our program on deployments that take no time; further runs start from there."""

    def __init__(self, mirrors: int, rate: int, folder: Path, stack: ExitStack) -> None:
        """Brings it up with as many requests as the machine allows, then once more at the `rate` that counts."""
        self.mirrors = mirrors
        self.divio = stack.enter_context(LocalDivio(deploy_seconds=0))
        self._folder = folder
        self._copies = 0
        self._project = Project.begin(folder / "project", self.divio, folder / "home")
        self._project.declare(declared(mirrors))
        self._project.add_stack(STACK, secrets=False)
        self._up(self._project)
        settings = yaml.safe_load(self._settings.read_text())
        settings["config"]["divio:requestsPerSecond"] = str(rate)
        self._settings.write_text(yaml.safe_dump(settings))
        # A refresh goes by the configuration of the last `up`.
        self._up(self._project, "--expect-no-changes")
        self._world: World = self.divio.world()

    @property
    def _settings(self) -> Path:
        return self._project.folder / "stacks" / f"Pulumi.{STACK}.yaml"

    @staticmethod
    def _up(project: Project, *flags: str) -> None:
        project.pulumi("up", "--stack", STACK, "--yes", "--skip-preview", *flags)

    def world(self, seconds: float) -> World:
        """A copy of its world, in which every deployment takes so long."""
        world = copy.deepcopy(self._world)
        for environment in world["environments"]:
            environment["site"] = {**environment["site"], "deploy_seconds": seconds}
        return world

    def fresh(self, seconds: float) -> Project:
        """A copy of the project, on its Divio put back to that world."""
        self.divio.replace_world(self.world(seconds))
        self.divio.clear_calls()
        self._copies += 1
        return self._project.copied_to(self._folder / f"copy-{self._copies}")


def addresses(world: World) -> dict[str, dict[str, str]]:
    """The ids of a world: slug -> `application`, `test`, `live`; the original first, then as the mirrors were made."""
    found: dict[str, dict[str, str]] = {}
    slugs = {}
    for application in world["applications"]:
        slugs[application["uuid"]] = application["slug"]
        found[application["slug"]] = {"application": application["uuid"]}
    for environment in world["environments"]:
        found[slugs[environment["application"]]][environment["slug"]] = environment["uuid"]
    return found


def since(world: World, before: World) -> list[dict[str, Any]]:
    """The deployments that came after an earlier state of the world."""
    return world["deployments"][len(before["deployments"]) :]
