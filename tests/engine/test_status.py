"""`divio-estate status --stack`: what a stack's configuration and state add to what Divio shows."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.cli.command import divio_estate
from tests.engine.conftest import NewProject, secrets_of
from tests.engine.project import NAME, Project
from tests.engine.test_wiring import MIRRORS


def status(project: Project, *arguments: str, stack: str = "demo") -> subprocess.CompletedProcess[str]:
    ran = divio_estate("status", "--stack", stack, *arguments, cwd=project.folder, **project.environ)
    assert "Traceback" not in ran.stderr, ran.stderr
    assert not any(secret in ran.stdout + ran.stderr for secret in secrets_of(project.divio))
    return ran


def findings(project: Project, stack: str = "demo") -> dict[str, Any]:
    ran = status(project, "--json", stack=stack)
    found = json.loads(ran.stdout)["findings"]
    assert ran.returncode == bool(found)
    return {f"{finding['site']} {finding['environment']}".strip(): finding["kind"] for finding in found}


def test_after_an_up_every_site_is_current_and_in_sync(project: Project):
    ran = status(project)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.endswith("All 4 sites are deployed, current and in sync.\n")
    assert all(slug in ran.stdout for slug in MIRRORS)


@pytest.mark.slow
def test_deploying_the_original_for_its_variables_alone_puts_nobody_behind(project: Project):
    declared = project.declared()
    declared["original"]["variables"]["THEME"] = "new"
    project.declare(declared)
    project.up()
    assert findings(project) == {}
    project.divio.deploy("acme-main", "live")
    assert set(findings(project).values()) == {"behind"}


@pytest.mark.slow
def test_what_was_changed_by_hand_and_deployed_is_named_although_it_is_not_read_what_was_deployed(project: Project):
    project.divio.set_variable("acme-shop", "live", "THEME", "mine")
    host = next(one for one in project.divio.all("/apps/v3/domains/") if one["domain"] == "blog.acme.example")
    news = project.divio.application("acme-news")["uuid"]
    project.divio.patch(f"/apps/v3/domains/{host['uuid']}/", {"application": news})
    for slug in ("acme-blog", "acme-shop", "acme-news"):
        project.divio.deploy(slug, "live")
    project.divio.rotate("acme-main", "test")
    project.divio.deploy("acme-main", "test")
    found = {"acme-shop live": "variables", "acme-blog live": "domains"}
    assert findings(project) == found | {f"{slug} test": "other-dsn" for slug in MIRRORS}
    said = status(project).stdout
    assert "acme-shop live: differs from the file: THEME has another value; pulumi up --refresh" in said
    assert "acme-blog live: differs from the file: blog.acme.example is attached to acme-news; pulumi up" in said
    project.up("--refresh")
    assert findings(project) == {}


@pytest.mark.slow
def test_what_a_stack_left_unfinished_is_found_and_its_own_file_is_read(new_project: NewProject):
    project = new_project(mirrors="manual")
    project.estate_file.rename(project.folder / "mine.yaml")
    project.add_stack("demo", estate="mine.yaml")
    project.up()
    assert findings(project) == dict.fromkeys(MIRRORS, "unfinished")
    assert status(project).stdout.count("pending") >= 2 * len(MIRRORS)


@pytest.mark.slow
def test_a_stack_of_one_environment_takes_the_ids_from_the_stack_that_has_the_sites(project: Project):
    project.add_stack("test", manage="test", sitesStack="demo")
    ran = status(project, "--json", stack="test")
    found = json.loads(ran.stdout)
    assert [site["site_id"] for site in found["sites"]] == [1, 2, 3, 4]
    assert all("test" in site and "live" not in site for site in found["sites"])


def test_a_configuration_that_cannot_be_is_said_in_a_sentence(project: Project):
    project.add_stack("odd", manage="tests", secrets=False)
    ran = status(project, stack="odd")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"{NAME}:manage has tests; it is a list of sites, test, live\n"
