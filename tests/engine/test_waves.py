"""Waves of Lives: what fails in one keeps the ones behind it from starting, and nobody is deployed in vain."""

from __future__ import annotations

import pytest

from tests.engine.project import Project, Run
from tests.engine.test_releases import declare_release

LOG = "\n".join(
    ["Collecting static files", *(f"copied {number} files" for number in range(200)), "ImportError: no theme"]
)


def three_waves(project: Project, **rollout: object) -> None:
    """A release for one site, for two, and for a new one, which is the rest."""
    spec = project.declared()
    spec["mirrors"]["acme-docs"] = {"name": "Acme Docs"}
    waves = {"first": ["acme-blog"], "second": ["acme-shop", "acme-news"], "third": "rest"}
    spec["rollout"] = {"waves": [{"name": name, "sites": sites} for name, sites in waves.items()], **rollout}
    project.declare(spec)
    declare_release(project, "2026-11")


def fails(project: Project, *slugs: str) -> None:
    for slug in slugs:
        project.divio.site(slug, "live", deployment="fail", log=LOG)


def mended(project: Project, *slugs: str) -> None:
    for slug in slugs:
        project.divio.site(slug, "live", deployment=None, log=None)


def lives(project: Project, before: int) -> list[str]:
    """The mirrors' Lives that were started since, in this order."""
    return [key for key in project.ledger()[before:] if key.endswith("/live") and key != "acme-main/live"]


def said_of(run: Run, site: str) -> str:
    """What a person reads of one site: its line and what stands below it, up to the next site's."""
    lines = [line.strip() for line in run.output.splitlines()]
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{site}: deployment failed"))
    return "\n".join(lines[start : start + 30])


@pytest.mark.slow
def test_a_site_failing_in_the_second_of_three_waves_leaves_the_third_untouched(project: Project):
    three_waves(project)
    fails(project, "acme-shop")
    before = len(project.ledger())
    run = project.up(check=False)
    assert run.code != 0
    assert lives(project, before)[0] == "acme-blog/live"
    assert set(lives(project, before)[1:]) == {"acme-shop/live", "acme-news/live"}

    said = said_of(run, "acme-shop live")
    assert "ImportError: no theme" in said, "the tail of its log"
    assert "Collecting static files" not in said, "its tail alone"
    assert project.divio.application("acme-shop")["uuid"] in said, "the address of the Control Panel"
    assert "the next pulumi up" in said, "what to do"
    assert "acme-news live:" not in run.output

    mended(project, "acme-shop")
    before = len(project.ledger())
    project.up()
    assert project.ledger()[before:] == ["acme-shop/live", "acme-docs/live"]
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_each_wave_may_have_as_many_failures_as_max_failures_says(project: Project):
    three_waves(project, max_failures=1)
    fails(project, "acme-blog", "acme-shop", "acme-news")
    before = len(project.ledger())
    run = project.up(check=False)
    assert run.code != 0, "two in the second wave are too many"
    assert set(lives(project, before)) == {"acme-blog/live", "acme-shop/live", "acme-news/live"}
    assert said_of(run, "acme-shop live")
    assert said_of(run, "acme-news live")

    mended(project, "acme-news")
    before = len(project.ledger())
    project.up()
    assert set(lives(project, before)) == {"acme-blog/live", "acme-shop/live", "acme-news/live", "acme-docs/live"}
    assert lives(project, before)[-1] == "acme-docs/live"
    unfinished = project.outputs()["unfinished"]
    assert unfinished.keys() == {"acme-blog", "acme-shop"}
    assert "ImportError: no theme" in unfinished["acme-blog"][0]["text"]
    assert project.preview().of_type("Deployment") == {"live-first": "update", "live-second": "update"}

    mended(project, "acme-blog", "acme-shop")
    before = len(project.ledger())
    project.divio.site("acme-blog", "live", deploy_seconds=5)
    project.divio.start_deployment("acme-blog", "live")  # a person was faster: it is adopted while it runs
    project.up()
    assert project.ledger()[before:] == ["acme-blog/live", "acme-shop/live"]
    assert project.outputs()["unfinished"] == {}
    project.preview("--expect-no-changes")
