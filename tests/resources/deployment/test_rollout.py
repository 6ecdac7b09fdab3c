"""A wave: its sites looked at together, started, followed by their own deployments, whatever Divio's lists are like."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from divio_provider.api.client import Divio
from divio_provider.api.settings import Settings
from divio_provider.resources.deployment import poller, rollout
from divio_provider.resources.deployment.observer import Observer
from divio_provider.resources.deployment.outcome import Limits, Outcome
from divio_provider.resources.deployment.rollout import Rollout
from divio_provider.resources.deployment.targets import Change, Target
from tests.emulator.conftest import DEFAULTS, Estate
from tests.local_divio import LocalDivio

SHARED = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")
MIRRORS = tuple(f"acme-{number}" for number in range(1, 6))
KEYS = [f"{slug}/live" for slug in MIRRORS]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
DEPLOY_SECONDS = 0.3
ONE = r"/apps/v3/deployments/[a-z0-9]{26}/$"
LIST = r"/apps/v3/deployments/$"


@pytest.fixture(scope="module")
def level() -> Iterator[tuple[LocalDivio, dict[str, Any]]]:
    """A local Divio with an original and mirrors that are wired and deployed. Its pages are short: all lists have several."""
    with LocalDivio(deploy_seconds=0, page_size=4) as divio:
        estate = Estate(divio)
        original = estate.original()
        shared = {name: divio.deployed("acme-main", "live")[name] for name in SHARED}
        for number, slug in enumerate(MIRRORS, start=2):
            uuid = estate.mirror(slug, original)["uuid"]
            live = divio.get(f"/apps/v3/environments/?application={uuid}&slug=live")["results"][0]["uuid"]
            for name, value in {**shared, "SITE_ID": str(number)}.items():
                body = {"environment": live, "name": name, "value": value, "is_sensitive": name in SHARED}
                divio.post("/apps/v3/environment-variables/", body)
            for _ in range(2):
                divio.finished(divio.post("/apps/v3/deployments/", {"environment": live})["uuid"])
        world = divio.world()
        for environment in world["environments"]:
            environment["site"] = {**environment["site"], "deploy_seconds": DEPLOY_SECONDS}
        yield divio, world


@pytest.fixture
def divio(level: tuple[LocalDivio, dict[str, Any]]) -> LocalDivio:
    divio, world = level
    divio.renew(world)
    divio.switch(**DEFAULTS)
    return divio


Go = Callable[..., Outcome]


@pytest.fixture
def go(divio: LocalDivio) -> Go:
    """Rolls out to all mirrors' Lives; `released` is when the original's Live got its release, by default just now."""

    def roll_out(released: datetime | None = None, observer: type[Observer] = Observer, **limits: Any) -> Outcome:
        client = Divio(Settings(token=divio.token, api_url=divio.url, requests_per_second=1000))
        at = released or datetime.now(UTC)
        looking = observer(client, "mirrors", None, at)
        return Rollout(client, looking, targets(divio), Limits(**limits), "").run()

    return roll_out


def targets(divio: LocalDivio) -> list[Target]:
    uuids = {row["slug"]: row["uuid"] for row in divio.all("/apps/v3/applications/")}
    return [
        Target(
            site=slug,
            environment="live",
            application=uuids[slug],
            original="acme-main",
            original_uuid=uuids["acme-main"],
            names=("SITE_ID",),
            site_id=str(number),
            shared=SHARED,
        )
        for number, slug in enumerate(MIRRORS, start=2)
    ]


def started(divio: LocalDivio) -> int:
    return sum(call["method"] == "POST" and call["path"].rstrip("/").endswith("/deployments") for call in divio.calls())


def reads_before_the_first_start(divio: LocalDivio) -> list[dict[str, Any]]:
    return list(itertools.takewhile(lambda call: call["method"] == "GET", divio.calls()))


def test_a_wave_that_is_behind_is_looked_at_with_fewer_requests_than_sites(divio: LocalDivio, go: Go):
    divio.clear_calls()
    outcome = go()
    assert sorted(outcome.deployed) == KEYS
    assert started(divio) == len(MIRRORS)
    reads = [call["path"] for call in reads_before_the_first_start(divio)]
    carried = [path for path in reads if path.startswith("/apps/v3/deployments/") and "environment-variables" in path]
    assert len(carried) == 1, "the original's; what a mirror carried makes no difference here"
    assert sum(path == "/apps/v3/deployments/" for path in reads) < len(MIRRORS)


def test_what_was_deployed_is_in_sync_for_the_next_run(divio: LocalDivio, go: Go):
    released = datetime.now(UTC)
    first = go(released)
    second = go(released)
    assert started(divio) == len(MIRRORS)
    assert second.deployed == first.deployed
    assert second.durations == {}


def test_it_says_how_long_each_deployment_took(go: Go):
    outcome = go()
    assert sorted(outcome.durations) == KEYS
    assert all(seconds >= DEPLOY_SECONDS for seconds in outcome.durations.values())
    assert outcome.seconds >= max(outcome.durations.values())


@pytest.mark.parametrize(
    "switches",
    [
        {"several_environments": "last"},
        {"several_environments": "ignored"},
        {"deployments_order": "oldest"},
        {"deployments_order": "oldest", "several_environments": "ignored"},
    ],
    ids=lambda switches: " ".join(switches.values()),
)
def test_whatever_the_lists_are_like_each_site_is_deployed_once_and_then_in_sync(
    divio: LocalDivio, go: Go, switches: dict[str, str]
):
    divio.switch(**switches)
    assert go(LONG_AGO).durations == {}, "they were in sync"
    released = datetime.now(UTC)
    # The first two are being deployed by somebody else, one before and one after the release.
    divio.site(MIRRORS[1], "live", deploy_seconds=2)
    running = divio.start_deployment(MIRRORS[1], "live")["uuid"]
    outcome = go(released)
    assert sorted(outcome.deployed) == KEYS
    assert outcome.deployed[KEYS[1]] == running, "it began after the release: it is followed"
    assert started(divio) == len(MIRRORS)
    assert go(released).durations == {}
    assert started(divio) == len(MIRRORS)


def test_a_deployment_that_began_before_the_release_is_awaited_and_followed_by_our_own(divio: LocalDivio, go: Go):
    running = divio.start_deployment(MIRRORS[0], "live")["uuid"]
    outcome = go(datetime.now(UTC) + timedelta(milliseconds=1))
    assert outcome.deployed[KEYS[0]] != running
    assert started(divio) == len(MIRRORS) + 1


def test_no_answer_is_no_verdict(divio: LocalDivio, go: Go):
    divio.faults(
        [
            {"method": "GET", "path": ONE, "probability": 0.3, "seed": 4711, "drop": "before"},
            {"method": "GET", "path": LIST, "nth": [4, 5], "status": 502},
        ]
    )
    outcome = go()
    assert sorted(outcome.deployed) == KEYS
    assert outcome.failed == {}
    assert started(divio) == len(MIRRORS)


def test_an_end_without_success_or_failure_is_an_error_and_said(
    divio: LocalDivio, go: Go, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(poller, "_DOUBT_S", 0.2)
    unknown = {"uuid": "x", "started_at": "2026-01-01T00:00:00Z", "ended_at": "2026-01-01T00:01:00Z", "success": None}
    # Lists that ignore what they are asked for are of no use here, so each deployment is asked for alone.
    divio.faults([{"method": "GET", "path": ONE, "status": 200, "body": unknown}])
    divio.switch(several_environments="last")
    outcome = go()
    assert set(outcome.failed) | set(outcome.deployed) == set(KEYS)
    assert outcome.failed
    assert all("a state that is not known" in reason for reason in outcome.failed.values())


def test_a_deployment_that_divio_no_longer_knows_fails_its_site_alone(
    divio: LocalDivio, go: Go, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(poller, "_DOUBT_S", 0.2)
    divio.site(MIRRORS[2], "live", deploy_seconds=30)
    divio.faults([{"method": "GET", "path": ONE, "status": 404}])
    outcome = go()
    assert "cannot be followed" in outcome.failed[KEYS[2]]
    assert started(divio) == len(MIRRORS)


def test_a_site_that_takes_too_long_is_left_to_go_on_and_named(divio: LocalDivio, go: Go):
    divio.site(MIRRORS[3], "live", deploy_seconds=60)
    outcome = go(timeout=2.5)
    assert list(outcome.failed) == [KEYS[3]]
    assert "after 2.5 s; it goes on at Divio" in outcome.failed[KEYS[3]]
    assert "/app/" in outcome.failed[KEYS[3]], "with the place to look"


def test_no_more_run_at_a_time_than_allowed(divio: LocalDivio, go: Go):
    before = len(divio.world()["deployments"])
    go(max_parallel=2)
    spans = [(row["started_at"], row["ended_at"]) for row in divio.world()["deployments"][before:]]
    assert len(spans) == len(MIRRORS)
    for start, _ in spans:
        assert sum(begin <= start < end for begin, end in spans) <= 2


def test_a_site_whose_turn_comes_late_is_looked_at_again(divio: LocalDivio, go: Go, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rollout, "_OBSERVATION_LASTS_S", 0.0)

    class Meddling(Observer):
        observations = 0

        def observe(self, target: Target) -> Any:
            Meddling.observations += 1
            if Meddling.observations == len(MIRRORS) + 1:  # the first look at all is over
                divio.set_variable(MIRRORS[-1], "live", "SITE_ID", "99")
            return super().observe(target)

    outcome = go(observer=Meddling, max_parallel=1)
    assert list(outcome.failed) == [KEYS[-1]]
    assert "99" in outcome.failed[KEYS[-1]]
    assert started(divio) == len(MIRRORS) - 1


def test_no_further_site_is_started_once_too_many_have_failed(divio: LocalDivio, go: Go):
    divio.failing([{"site": "acme-1"}])
    outcome = go(max_parallel=1)
    assert sorted(outcome.failed) == KEYS
    assert "not started: 1 of its wave failed before it" in outcome.failed["acme-5/live"]
    assert started(divio) == 1
    divio.clear_calls()
    assert len(go(max_parallel=1, max_failures=1).deployed) == len(MIRRORS) - 1


def test_no_deployment_starts_in_the_second_of_our_last_write(divio: LocalDivio):
    client = Divio(Settings(token=divio.token, api_url=divio.url, requests_per_second=1000))
    [target, *_] = targets(divio)
    divio.set_variable(target.site, "live", "SITE_ID", target.site_id)
    client.applications.list(fresh=True)
    written = client.server_date
    assert written is not None
    target = target.model_copy(update={"change": Change(at=written.isoformat())})
    roll = Rollout(client, Observer(client, "mirrors", None, datetime.now(UTC)), [target], Limits(), "")
    assert list(roll.run().deployed) == [target.key]
    began = datetime.fromisoformat(divio.world()["deployments"][-1]["started_at"])
    assert timedelta(seconds=1) <= began - written < timedelta(seconds=30)
