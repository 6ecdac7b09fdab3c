"""How much of Pulumi an estate takes up."""

from __future__ import annotations

import base64
from importlib import import_module

from divio_provider.resources.base.resource import blob
from tests.engine.project import Project, estate


def test_twenty_mirrors_need_at_most_80_resources(new_project):
    project: Project = new_project()
    spec = estate()
    spec["mirrors"] |= {f"acme-{number}": {"name": f"Acme {number}"} for number in range(17)}
    project.declare(spec)
    project.add_stack("demo")
    run = project.preview("--json", environ={"DIVIO_TOKEN": None})
    assert len(spec["mirrors"]) == 20
    created = [event for event in run.events if "resourcePreEvent" in event]
    assert len(created) <= 80
    assert "acme-16" in run.steps


def test_what_every_resource_carries_is_its_class_in_at_most_100_bytes(project: Project):
    modules = {
        "Application": "application",
        "Mirror": "mirror",
        "ServiceInstance": "service_instance",
        "SiteIds": "site_ids",
        "EnvironmentVariables": "environment_variables",
        "Domain": "domain",
        "Deployment": "deployment",
    }
    seen = set()
    for name, resource in project.resources().items():
        type_ = resource["type"].rsplit(":", 1)[-1]
        seen.add(type_)
        expected = blob(getattr(import_module(f"divio_provider.resources.{modules[type_]}"), f"{type_}Provider"))
        assert len(base64.b64decode(expected)) <= 100
        for kept in ("inputs", "outputs"):
            assert resource[kept]["__provider"] == expected, name
    assert seen == modules.keys()
