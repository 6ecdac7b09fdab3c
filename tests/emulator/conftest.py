"""The local Divio, judged over real HTTP and by nothing but its answers.

`divio` is one process for the whole folder, with a new world for every test; tests of flags start their own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from divio_provider.emulator.switches import choices
from tests.local_divio import ROOT, LocalDivio

DEFAULTS = {name: values[0] for name, values in choices().items()}


class Estate:
    """Short ways to what most of these tests begin with."""

    def __init__(self, divio: LocalDivio) -> None:
        self.divio = divio
        self.organisation = divio.get("/iam/v3/organisations/")["results"][0]["uuid"]
        self.regions = {row["name"]: row["uuid"] for row in divio.all("/apps/v3/regions/")}
        self.plans = {row["name"]: row["uuid"] for row in divio.all("/billing/v3/application-plan-groups/")}

    def body(self, slug: str, **fields: Any) -> dict[str, Any]:
        """A good body for a new application."""
        good = {
            "name": slug,
            "slug": slug,
            "organisation": self.organisation,
            "plan_group": self.plans["Standard"],
            "region": self.regions["Frankfurt"],
        }
        return good | fields

    def application(self, slug: str, **fields: Any) -> Any:
        return self.divio.post("/apps/v3/applications/", self.body(slug, **fields))

    def services(self, slug: str, environment: str) -> None:
        """A database and a storage, registered but not provisioned."""
        application = self.divio.application(slug)
        uuid = self.divio.environment(slug, environment)["uuid"]
        for service in self.divio.all(f"/apps/v3/services/?region={application['region']}"):
            body = {
                "environment": uuid,
                "region": application["region"],
                "service": service["uuid"],
                "prefix": "DEFAULT",
            }
            self.divio.post("/apps/v3/service-instances/", body)

    def original(self, slug: str = "acme-main") -> Any:
        """An application with services, deployed on Test and Live."""
        application = self.application(slug)
        for environment in ("test", "live"):
            self.services(slug, environment)
            self.divio.deploy(slug, environment)
        return application

    def mirror(self, slug: str, of: Any, **fields: Any) -> Any:
        return self.application(slug, mirror_of=of["uuid"], plan_group=self.plans["Small"], **fields)

    def instance(self, slug: str, environment: str, kind: str) -> Any:
        """An environment's service instance of a kind, `DATABASE` or `STORAGE`."""
        uuid = self.divio.environment(slug, environment)["uuid"]
        rows = self.divio.all(f"/apps/v3/service-instances/?environment={uuid}")
        return next(row for row in rows if row["type"] == kind)

    def backup(self, slug: str, environment: str, kind: str = "DATABASE") -> Any:
        """A complete backup of one service."""
        instance = self.instance(slug, environment, kind)
        body = {"environment": instance["environment"], "services": [instance["uuid"]], "trigger": "MANUAL"}
        return self.divio.post("/apps/v3/backups/", body)

    def full(self) -> None:
        """An estate with something in every table."""
        divio = self.divio
        original = self.original()
        self.mirror("acme-shop", original)
        divio.set_variable("acme-shop", "live", "SITE_ID", "2")
        divio.set_variable("acme-shop", "live", "PASSWORD", "s3cret", sensitive=True)
        divio.deploy("acme-shop", "live")
        divio.site("acme-shop", "test", status=500)
        divio.push("acme-main")
        divio.post("/apps/v3/domains/", {"application": original["uuid"], "domain": "www.acme.example"})
        repository = {"organisation": self.organisation, "url": "git@git.example:acme/main.git", "key_type": "ED25519"}
        divio.post("/apps/v3/repositories/", repository)
        backup = self.backup("acme-main", "live")
        parts = backup["service_instance_backups"]
        divio.post("/apps/v3/backup-downloads/", {"backup": backup["uuid"], "service_instance_backups": parts})
        restores = [{"service_instance_backup": part} for part in parts]
        divio.post("/apps/v3/backup-restores/", {"backup": backup["uuid"], "service_instance_restores": restores})

    def image(self, slug: str, environment: str) -> str:
        """The image that an environment's last successful deployment runs."""
        newest = next(row for row in self.divio.deployments(slug, environment) if row["success"])
        row = next(row for row in self.divio.world()["deployments"] if row["uuid"] == newest["uuid"])
        return str(row["image"])

    def log(self, slug: str, environment: str) -> str:
        newest = self.divio.deployments(slug, environment)[0]
        return str(self.divio.get(f"/apps/v3/deployments/{newest['uuid']}/logs")["logs"])


@pytest.fixture(scope="session")
def shared_divio() -> Iterator[tuple[LocalDivio, dict[str, Any]]]:
    with LocalDivio(deploy_seconds=0) as divio:
        yield divio, divio.world()


@pytest.fixture
def divio(shared_divio: tuple[LocalDivio, dict[str, Any]]) -> LocalDivio:
    divio, new_world = shared_divio
    divio.renew(new_world)
    divio.switch(**DEFAULTS)
    return divio


@pytest.fixture
def estate(divio: LocalDivio) -> Estate:
    return Estate(divio)


def refusal(*flags: str) -> str:
    """What the program says of flags that it cannot use."""
    command = [sys.executable, "-m", "divio_provider.cli.app", "emulator", "--port", "0", *flags]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=20, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr
