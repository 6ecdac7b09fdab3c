"""What holds a release back: a wave to stop at, a hold, a contraction while somebody is behind, the rehearsal."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.engine.project import Project, until
from tests.engine.test_status import status

MIRRORS = ("acme-blog", "acme-shop", "acme-news")


def declare(project: Project, **more: Any) -> None:
    project.declare({**project.declared(), **more})


def since(project: Project, before: int) -> list[str]:
    """What was deployed since then."""
    return sorted(project.ledger()[before:])


@pytest.mark.slow
def test_a_release_stops_after_the_wave_of_until_and_a_contraction_waits_for_the_others(project: Project):
    project.pulumi("config", "set", "--stack", "demo", "until", "canary")
    declare(project, release={"name": "2026-11"})
    before = len(project.ledger())
    assert "4. canary (acme-blog), and stop (until); to go on: pulumi config rm until" in project.preview().output
    project.up()
    tests = [f"{slug}/test" for slug in MIRRORS]
    assert since(project, before) == sorted(["acme-main/test", "acme-main/live", *tests, "acme-blog/live"])
    unfinished = project.outputs()["unfinished"]
    assert unfinished.keys() == {"acme-shop", "acme-news"}
    assert 'until is "canary"; to go on: pulumi config rm until' in unfinished["acme-shop"][0]["text"]

    before = len(project.ledger())
    declare(project, release={"name": "2026-12", "phase": "contract"})
    refused = project.up(check=False)
    assert refused.code != 0
    assert "release 2026-12 is a contraction and is refused while a mirror is behind" in refused.output
    assert "acme-shop live was last deployed" in refused.output
    assert "acme-news live was last deployed" in refused.output
    assert "acme-blog live was" not in refused.output
    assert since(project, before) == []

    project.pulumi("config", "rm", "--stack", "demo", "until")
    declare(project, release={"name": "2026-11"})
    project.up()
    assert since(project, before) == ["acme-news/live", "acme-shop/live"]
    assert project.outputs()["unfinished"] == {}

    before = len(project.ledger())
    declare(project, release={"name": "2026-12", "phase": "contract"})
    preview = project.preview()
    assert (
        "release 2026-12 (contract): 1. acme-main Test, 2. acme-main Live, 3. the mirrors' Tests (3)" in preview.output
    )
    project.up()
    assert len(since(project, before)) == 2 * (1 + len(MIRRORS))
    project.up("--refresh", "--expect-no-changes")


def test_an_unknown_wave_to_stop_at_is_one_sentence(project: Project):
    project.pulumi("config", "set", "--stack", "demo", "until", "canari")
    refused = project.preview(check=False)
    assert refused.code != 0
    assert 'until names the wave "canari", which does not exist; did you mean canary?' in refused.output


@pytest.mark.slow
def test_a_site_on_hold_is_wired_and_not_deployed_and_counts_as_behind(project: Project):
    spec = project.declared()
    spec["mirrors"]["acme-news"] |= {"hold": {"reason": "broken theme", "until": "2031-12-01"}}
    spec["mirrors"]["acme-news"]["variables"] = {"THEME": "news"}
    project.declare({**spec, "variables": {"LANGUAGE_CODE": "de"}})
    before = len(project.ledger())
    assert "acme-news: is on hold: broken theme, until 2031-12-01" in project.preview().output
    project.up()
    assert not [key for key in since(project, before) if key.startswith("acme-news/")]
    assert len(since(project, before)) == 2 * len(MIRRORS)
    assert project.divio.variables("acme-news", "live")["THEME"] == "news"
    held = {(item["code"], item["text"]) for item in project.outputs()["unfinished"]["acme-news"]}
    assert held == {("hold", "is on hold: broken theme, until 2031-12-01")}
    shown = status(project)
    assert (shown.returncode, shown.stdout.count("on hold")) == (0, 4), "in two cells, a line, and the last sentence"

    before = len(project.ledger())
    declare(project, release={"name": "2026-12", "phase": "contract"})
    refused = project.up(check=False)
    assert refused.code != 0
    assert "acme-news is on hold: broken theme, until 2031-12-01" in refused.output
    assert since(project, before) == []

    lifted = project.declared()
    del lifted["mirrors"]["acme-news"]["hold"], lifted["release"]
    project.declare(lifted)
    project.up()
    assert since(project, before) == ["acme-news/live", "acme-news/test"]
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_one_site_is_redeployed_on_request_and_once(project: Project):
    before = len(project.ledger())
    declare(project, redeploy={"acme-shop": "after the incident"})
    project.up()
    assert since(project, before) == ["acme-shop/live", "acme-shop/test"]
    spec = project.declared()
    spec["rollout"]["waves"] = [{"name": "canary", "sites": ["acme-shop"]}, {"name": "rest", "sites": "rest"}]
    project.declare(spec)
    project.up()
    project.up("--refresh", "--expect-no-changes")
    declare(project, redeploy={})
    project.up()
    assert len(since(project, before)) == 2


def test_a_release_that_breaks_old_code_on_the_new_schema_stops_before_live(project: Project):
    divio = project.divio
    declare(project, release={"name": "2026-11"}, rollout={"verify": {"timeout": "1s"}})
    divio.site("acme-main", "test", deploy_seconds=2)
    before = len(project.ledger())

    def break_old_code() -> None:
        until(lambda: project.ledger()[before:], within=60, what="the original's Test")
        divio.site("acme-shop", "test", status=500)

    migration = threading.Thread(target=break_old_code)
    migration.start()
    stopped = project.up(check=False)
    migration.join()
    assert stopped.code != 0
    assert "release 2026-11 stops here, before Live" in stopped.output
    assert "acme-shop's Test answered before and now answers 500 at / instead of 200" in stopped.output
    again = project.up(check=False)
    assert again.code != 0
    assert "acme-shop's Test answered before and now answers 500" in again.output
    assert since(project, before) == ["acme-main/test"]

    divio.site("acme-shop", "test", status=200)
    divio.site("acme-main", "test", deploy_seconds=None)
    project.up()
    assert len(since(project, before)) == 2 * (1 + len(MIRRORS))
    assert project.outputs()["unfinished"] == {}
    project.up("--refresh", "--expect-no-changes")

    divio.site("acme-news", "test", status=503)
    declare(project, release={"name": "2026-12"})
    before = len(project.ledger())
    run = project.up(check=False)
    assert (
        "acme-news does not count in this release's rehearsal: its Test answers 503 at / instead of 200" in run.output
    )
    assert "acme-main/live" in since(project, before), "one that was broken before stops nothing"
    assert "acme-news test: deployed, but answers 503" in run.output
