"""New code travels from the original's Test to its Live, to the mirrors' Tests, to their Lives."""

from __future__ import annotations

from tests.engine.project import Project

MIRRORS = {"acme-blog", "acme-shop", "acme-news"}


def declare_release(project: Project, name: str) -> None:
    project.declare({**project.declared(), "release": {"name": name}})


def test_a_release_travels_original_test_live_mirrors_tests_lives_in_waves(project: Project):
    declare_release(project, "2026-11")
    before = len(project.ledger())
    project.up()
    steps = project.ledger()[before:]
    assert steps[:2] == ["acme-main/test", "acme-main/live"]
    assert set(steps[2:5]) == {f"{slug}/test" for slug in MIRRORS}
    assert steps[5] == "acme-blog/live"
    assert set(steps[6:]) == {"acme-shop/live", "acme-news/live"}
    assert project.divio.deployed("acme-main", "live")["ESTATE_RELEASE"] == "2026-11"
    assert "ESTATE_RELEASE" not in project.divio.deployed("acme-blog", "live")
    project.up("--refresh", "--expect-no-changes")


def test_a_release_named_by_the_configuration_is_the_stacks(project: Project):
    project.declare({**project.declared(), "release": {"name": {"config": "release"}}})
    refused = project.preview(check=False)
    assert refused.code != 0
    assert (
        "the stack's configuration has no release; name the release: pulumi config set release NAME" in refused.output
    )
    project.pulumi("config", "set", "--stack", "demo", "release", "2026-12")
    project.up()
    assert project.divio.deployed("acme-main", "test")["ESTATE_RELEASE"] == "2026-12"


def test_a_variable_of_the_original_after_a_release_puts_no_mirror_behind(project: Project):
    declare_release(project, "2026-11")
    project.up()
    spec = project.declared()
    spec["original"]["variables"]["THEME"] = "new"
    project.declare(spec)
    before = len(project.ledger())
    project.up()
    assert project.ledger()[before:] == ["acme-main/test", "acme-main/live"]
    spec["rollout"]["waves"] = [{"name": "all", "sites": "rest"}]
    project.declare(spec)
    project.up()
    assert project.ledger()[before + 2 :] == []


def test_somebody_elses_deployment_of_the_originals_live_puts_its_mirrors_behind(project: Project):
    project.divio.push("acme-main")
    project.divio.deploy("acme-main", "test")
    project.divio.deploy("acme-main", "live")
    before = len(project.ledger())
    project.up("--refresh")
    assert sorted(project.ledger()[before:]) == sorted(f"{slug}/{env}" for slug in MIRRORS for env in ("test", "live"))
    project.up("--refresh", "--expect-no-changes")
