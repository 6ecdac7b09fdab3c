"""What is deployed is what is declared: looked at just before the start, and read after the end, whatever people do meanwhile."""

from __future__ import annotations

import pytest

from tests.engine.project import Project, until
from tests.engine.test_wiring import deleted


def redeployed(project: Project, *slugs: str) -> None:
    """Asks for a deployment of these sites, of which nothing else changes."""
    project.declare({**project.declared(), "redeploy": dict.fromkeys(slugs, "once more")})


@pytest.mark.slow
def test_a_site_id_deleted_while_its_site_waits_for_its_turn_is_missed_before_the_start(project: Project):
    divio, spec, before = project.divio, project.declared(), len(project.ledger())
    spec["rollout"]["waves"][1]["max_parallel"] = 1
    spec["live"]["variables"]["SENTRY_ENVIRONMENT"] = "new"
    project.declare(spec)
    sites = {"acme-shop": "3", "acme-news": "4"}
    for slug in sites:
        divio.site(slug, "live", deploy_seconds=4)

    def started() -> list[str]:
        return [slug for slug in sites if f"{slug}/live" in project.ledger()[before:]]

    with project.start("up", "--stack", "demo", "--yes", "--skip-preview") as run:
        [first] = until(started, within=120, what="the first of the wave is deployed")
        [waits] = sites.keys() - {first}
        deleted(divio, waits, "live", "SITE_ID")
        assert run.wait() != 0
    assert f"{waits} live: not deployed: it lacks SITE_ID" in project.said
    assert started() == [first]

    project.up("--refresh")
    assert divio.deployed(waits, "live")["SITE_ID"] == sites[waits]
    assert divio.deployed(waits, "live")["SENTRY_ENVIRONMENT"] == "new"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_site_that_was_deployed_without_a_declared_variable_has_failed(project: Project):
    divio, before = project.divio, len(project.ledger())
    redeployed(project, "acme-shop")
    live = divio.environment("acme-shop", "live")["uuid"]
    divio.clear_calls()
    divio.faults([{"method": "POST", "path": "/deployments/$", "latency_ms": 2000}])
    with project.start("up", "--stack", "demo", "--yes", "--skip-preview") as run:
        # Its variables are read last before it is started, and the start takes its time to get there.
        until(
            lambda: [one for one in divio.calls() if live in one["query"] and "/environment-variables/" in one["path"]],
            within=120,
            what="acme-shop's Live is looked at",
        )
        deleted(divio, "acme-shop", "live", "THEME")
        assert run.wait() != 0
    divio.faults([])
    assert project.ledger()[before:] == ["acme-shop/test", "acme-shop/live"]
    assert "acme-shop live: deployed, but it carried no THEME; pulumi up --refresh puts that right" in project.said
    assert "THEME" not in divio.deployed("acme-shop", "live")

    project.up("--refresh")
    assert divio.deployed("acme-shop", "live")["THEME"] == "shop"
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.parametrize("slug", ["acme-shop", pytest.param("acme-main", marks=pytest.mark.slow)])
def test_a_site_whose_declared_variable_somebody_deleted_is_not_deployed_without_it(project: Project, slug: str):
    divio, before = project.divio, len(project.ledger())
    deleted(divio, slug, "live", "THEME")
    redeployed(project, slug)
    run = project.up(check=False)
    assert run.code != 0
    assert f"{slug} live: not deployed: it lacks THEME, which is declared; pulumi up --refresh sets it" in run.output
    assert project.ledger()[before:] == [f"{slug}/test"]

    project.up("--refresh")
    assert divio.deployed(slug, "live")["THEME"] == {"acme-shop": "shop", "acme-main": "acme"}[slug]
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_wrong_dsn_that_divio_shows_is_not_deployed(project: Project):
    divio, before = project.divio, len(project.ledger())
    deleted(divio, "acme-shop", "live", "DATABASE_URL")
    divio.set_variable("acme-shop", "live", "DATABASE_URL", "postgres://user:wrong@elsewhere/another")
    redeployed(project, "acme-shop")
    run = project.up(check=False)
    assert run.code != 0
    assert "acme-shop live: not deployed: its DATABASE_URL differs from the original's" in run.output
    assert "elsewhere" not in run.output
    assert project.ledger()[before:] == ["acme-shop/test"]

    project.up("--refresh")
    assert divio.deployed("acme-shop", "live")["DATABASE_URL"] == divio.deployed("acme-main", "live")["DATABASE_URL"]
    project.up("--refresh", "--expect-no-changes")
