"""The promises that hold whatever a test does: no leak, no traceback, no mirror ever deployed unwired."""

from __future__ import annotations

from tests.engine.project import CANARY, SHARED, Project
from tests.local_divio import LocalDivio


def keeps_its_promises(project: Project) -> None:
    """What must hold after any commands whatever: no leak, no traceback, no mirror ever deployed unwired."""
    for run in project.runs:
        assert "Traceback" not in run.output, run.output
    leaks = leaks_of(project)
    assert not leaks, leaks
    assert not unwired_deployments(project.divio)


def secrets_of(divio: LocalDivio) -> set[str]:
    """Everything that must stay on Divio: DSNs, whole and their passwords, keys of Django, the tests' own secret."""
    found = {CANARY, divio.token}
    for deployment in divio.world()["deployments"]:
        for name, value in deployment["variables"].items():
            if name in (*SHARED, "DEFAULT_DATABASE_DSN", "SECRET_KEY") and value:
                found.add(value)
                password = value.partition("://")[2].partition("@")[0].rpartition(":")[2]
                found |= {password} if password else set()
    return found


def leaks_of(project: Project) -> list[str]:
    """Where Pulumi's files or a command's output hold a secret in plain text."""
    secrets = secrets_of(project.divio)
    places = [(str(path), text) for path, text in project.files()]
    places += [(f"output of pulumi {run.command}", run.output) for run in project.runs]
    return [place for place, text in places if any(secret in text for secret in secrets)]


def unwired_deployments(divio: LocalDivio) -> list[str]:
    """Deployments of mirrors that did not carry a `SITE_ID` of their own and the original's shared variables."""
    world = divio.world()
    applications = {item["uuid"]: item for item in world["applications"]}
    environments = {item["uuid"]: item for item in world["environments"]}
    originals: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    wrong = []
    for deployment in world["deployments"]:
        application = applications[deployment["application"]]
        environment = environments[deployment["environment"]]["slug"]
        carried = tuple(deployment["variables"].get(name, "") for name in SHARED)
        if application["mirror_of"] is None:
            originals.setdefault((application["uuid"], environment), set()).add(carried)
        elif deployment["variables"].get("SITE_ID", "1") == "1" or carried not in originals.get(
            (application["mirror_of"], environment), set()
        ):
            wrong.append(f"{application['slug']} {environment}")
    return wrong
