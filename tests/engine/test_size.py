"""How much of Pulumi an estate takes up."""

from __future__ import annotations

import pytest

from divio_provider import resources
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


def test_what_every_resource_carries_is_its_class_in_at_most_100_characters(project: Project):
    seen = set()
    for name, resource in project.resources().items():
        type_ = resource["type"].rsplit(":", 1)[-1]
        seen.add(type_)
        expected = blob(getattr(resources, f"{type_}Provider"))
        assert len(expected) <= 100
        for kept in ("inputs", "outputs"):
            assert resource[kept]["__provider"] == expected, name
    assert seen == resources._MODULES.keys()


@pytest.mark.slow
def test_one_site_more_on_forty_is_a_screen_of_preview_and_of_up_that_says_what_happens(new_project):
    project: Project = new_project()
    spec = estate()
    spec["mirrors"] |= {f"acme-{number:02}": {"name": f"Acme {number}"} for number in range(37)}
    project.declare(spec)
    project.add_stack("demo")
    project.up()
    assert len(spec["mirrors"]) == 40
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs"}
    project.declare(spec)

    preview = project.pulumi("preview", "--stack", "demo")
    up = project.pulumi("up", "--stack", "demo", "--yes", "--skip-preview")
    for run in (preview, up):
        assert len(run.output.splitlines()) <= 60, run.output
        for said in ("new SITE_IDs: acme-docs 42", "mirrors-test: acme-docs (is new)", "live-rest: acme-docs (is new)"):
            assert run.output.count(f"    {said}\n") == 1, run.output
        assert "acme-05" not in run.output, "what stays as it is fills no screen"
    assert "Outputs:" not in preview.output, "nothing looks emptied that is only not known yet"
    assert up.output.count('"acme-docs live deployed in ') == 1, "a step's duration stands once"
    assert "+ acme-docs,42," in up.output, "of the table of sites only the new row"
    assert "0 of " not in up.output, "what had nothing to deploy reads like no failure"
