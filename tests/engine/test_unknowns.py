"""What nobody outside Divio knows: an estate comes up and stays quiet whichever way it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import StartDivio
from tests.engine.conftest import NewProject
from tests.engine.project import SHARED, Project, estate
from tests.local_divio import LocalDivio


def small(**changes: Any) -> dict[str, Any]:
    """An original and one mirror."""
    spec = estate()
    spec["mirrors"] = {"acme-blog": spec["mirrors"]["acme-blog"]}
    del spec["rollout"]
    return spec | changes


def brought_up(new_project: NewProject, divio: LocalDivio, spec: dict[str, Any]) -> Project:
    project = new_project(on=divio)
    project.declare(spec)
    project.add_stack("demo", secrets=False)
    project.up()
    return project


def is_wired(divio: LocalDivio) -> bool:
    """Whether the mirror's Live runs on the original's data."""
    rows = divio.world()["deployments"]
    carried = [row["variables"] for row in rows if row["success"]]
    live = {"acme-main": {}, "acme-blog": {}} | {
        variables["SLUG"]: variables for variables in carried if variables["STAGE"] == "live"
    }
    return all(live["acme-main"][name] == live["acme-blog"][name] for name in SHARED)


def named(spec: dict[str, Any]) -> dict[str, Any]:
    """Each site says which one it is."""
    spec["original"]["variables"]["SLUG"] = "acme-main"
    for slug, mirror in spec["mirrors"].items():
        mirror.setdefault("variables", {})["SLUG"] = slug
    return spec


@pytest.mark.slow
def test_built_in_variables_in_the_list_are_nobodys_foreign_ones(new_project: NewProject, start: StartDivio):
    divio = start(switch=["built_ins=listed"])
    spec = named(small())
    spec["mirrors"]["acme-blog"]["ownership"] = "exclusive"
    project = brought_up(new_project, divio, spec)
    project.up("--refresh", "--expect-no-changes")
    divio.set_variable("acme-blog", "live", "FOREIGN", "somebody's")
    run = project.up("--refresh")
    assert set(run.of_type("EnvironmentVariables")) == {"acme-blog/live"}
    assert "refused" not in run.output
    listed = divio.variables("acme-blog", "live")
    assert "FOREIGN" not in listed
    assert {"STAGE", "DOMAIN", "SECRET_KEY"} <= set(listed)
    assert is_wired(divio)
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_trimmed_blanks_are_told_once_and_leave_the_estate_quiet(new_project: NewProject, start: StartDivio):
    divio = start(switch=["blanks=trimmed"])
    spec = named(small())
    spec["mirrors"]["acme-blog"]["variables"]["MOTTO"] = "  all news \n"
    project = brought_up(new_project, divio, spec)
    assert "cut the blanks off the ends of MOTTO" in project.runs[-1].output
    assert divio.deployed("acme-blog", "live")["MOTTO"] == "all news"
    project.up("--refresh", "--expect-no-changes")
    divio.set_variable("acme-blog", "live", "MOTTO", "no news")
    assert "MOTTO" in project.preview("--refresh").output
    project.up("--refresh")
    assert divio.deployed("acme-blog", "live")["MOTTO"] == "all news"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["null", pytest.param("omitted", marks=pytest.mark.slow)])
def test_withheld_values_end_in_one_sentence_with_the_way_out(new_project: NewProject, start: StartDivio, how: str):
    divio = start(switch=[f"sensitive={how}"])
    spec = named(small())
    project = new_project(on=divio)
    project.declare(spec)
    project.add_stack("demo", secrets=False)
    output = " ".join(project.up(check=False).output.split())
    assert "Divio withholds DATABASE_URL, DEFAULT_STORAGE_DSN of acme-main's Live" in output
    assert "live: {shared: {DATABASE_URL: {secret: KEY}, DEFAULT_STORAGE_DSN: {secret: KEY}}}" in output
    assert divio.deployments("acme-blog", "live") == []

    # A person reads the values on the original's own environments, and gives them as secrets.
    for environment in ("test", "live"):
        row = [row for row in divio.world()["deployments"] if row["variables"].get("STAGE") == environment][-1]
        spec.setdefault(environment, {})["shared"] = {
            name: {"secret": f"{environment}{name.replace('_', '').title()}"} for name in SHARED
        }
        for name in SHARED:
            project.set_secret(f"{environment}{name.replace('_', '').title()}", row["variables"][name])
    project.declare(spec)
    project.up()
    assert is_wired(divio)
    before = len(divio.world()["deployments"])
    project.up("--refresh", "--expect-no-changes")
    spec["mirrors"]["acme-blog"]["variables"]["THEME"] = "dark"
    project.declare(spec)
    project.up()
    assert len(divio.world()["deployments"]) == before + 2, "the two environments that changed, and no other"


@pytest.mark.slow
def test_an_up_waits_for_what_is_running_and_queued(new_project: NewProject, start: StartDivio):
    divio = start(switch=["second_deployment=queued"])
    spec = named(small())
    project = brought_up(new_project, divio, spec)
    before = len(divio.deployments("acme-blog", "live"))
    divio.site("acme-blog", "live", deploy_seconds=3)
    for _ in range(2):
        divio.start_deployment("acme-blog", "live", "ADOPT")
    spec["mirrors"]["acme-blog"]["variables"]["THEME"] = "dark"
    project.declare(spec)
    project.up()
    rows = divio.deployments("acme-blog", "live")
    assert all(row["success"] for row in rows), "nothing is left running"
    assert len(rows) <= before + 3, "somebody's two, and ours at most"
    assert divio.deployed("acme-blog", "live")["THEME"] == "dark"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_without_a_list_of_all_environments_and_calls_for_domains_all_else_comes_up(
    new_project: NewProject, start: StartDivio
):
    divio = start(switch=["environments_list=refused", "domains=missing"])
    project = brought_up(new_project, divio, named(small()))
    assert "blog.acme.example" in project.runs[-1].output, "a person is asked"
    assert is_wired(divio)
    assert not project.up("--refresh").of_type("EnvironmentVariables")


@pytest.mark.slow
def test_where_no_field_shows_a_mirrors_original_a_persons_word_is_taken(new_project: NewProject, start: StartDivio):
    divio = start(switch=["mirror_relation=hidden"], mirrors="none")
    project = brought_up(new_project, divio, named(small()))
    assert "has to be made by a person" in project.runs[-1].output
    divio.make_mirror("acme-main", "acme-blog", "Acme Blog", "Small")
    run = project.up()
    assert "does not show whose mirror it is" in run.output
    assert is_wired(divio)
    project.up("--refresh", "--expect-no-changes")
