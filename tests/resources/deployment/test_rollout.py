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
from divio_provider.resources.deployment.observer import Kind, Observer
from divio_provider.resources.deployment.outcome import Limits, Outcome
from divio_provider.resources.deployment.rollout import Rollout
from divio_provider.resources.deployment.targets import Change, Target
from divio_provider.resources.environment_variables.shared_values import shared_values
from tests.emulator.conftest import DEFAULTS, Estate
from tests.local_divio import LocalDivio

SHARED = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")
MIRRORS = tuple(f"acme-{number}" for number in range(1, 6))
KEYS = [f"{slug}/live" for slug in MIRRORS]
RATES = itertools.count(1001)
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

    def roll_out(
        released: datetime | None = None,
        observer: type[Observer] = Observer,
        names: tuple[str, ...] = ("SITE_ID",),
        **limits: Any,
    ) -> Outcome:
        client = Divio(Settings(token=divio.token, api_url=divio.url, requests_per_second=1000))
        at = released or datetime.now(UTC)
        looking = observer(client, "mirrors", None, at)
        wanted = [target.model_copy(update={"names": names}) for target in targets(divio)]
        return Rollout(client, looking, wanted, Limits(**limits), "").run()

    return roll_out


def roll_out_original(divio: LocalDivio, observer: type[Observer] = Observer, **declared: Any) -> Outcome:
    """The same for the original's Live, with what is declared of it."""
    client = Divio(Settings(token=divio.token, api_url=divio.url, requests_per_second=1000))
    uuid = divio.application("acme-main")["uuid"]
    target = Target(site="acme-main", environment="live", application=uuid, **declared)
    return Rollout(client, observer(client, "original", None, None), [target], Limits(), "").run()


def after_the_look(slug: str, meddle: Callable[[], object]) -> type[Observer]:
    """An observer behind whose back somebody changes something, once: after it looked at this site, before the start."""

    class Meddling(Observer):
        is_done = False

        def observe(self, target: Target) -> Any:
            seen = super().observe(target)
            if target.site == slug and not Meddling.is_done:
                Meddling.is_done = True
                meddle()
            return seen

    return Meddling


def delete_variable(divio: LocalDivio, slug: str, name: str) -> None:
    uuid = divio.environment(slug, "live")["uuid"]
    [row] = divio.get(f"/apps/v3/environment-variables/?environment={uuid}&name={name}")["results"]
    divio.delete(f"/apps/v3/environment-variables/{row['uuid']}/")


def add_anew(divio: LocalDivio, slug: str, name: str, value: str) -> None:
    """As somebody does it by hand, without marking it as sensitive: then Divio shows it."""
    delete_variable(divio, slug, name)
    divio.set_variable(slug, "live", name, value)


def new_client(divio: LocalDivio) -> Divio:
    """A client that knows nothing of what another has read: what was, is kept by the settings."""
    return Divio(Settings(token=divio.token, api_url=divio.url, requests_per_second=next(RATES)))


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
    monkeypatch.setattr(rollout, "LOOK_LASTS_S", 0.0)

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


def test_each_site_is_looked_at_just_before_its_own_start(divio: LocalDivio, go: Go, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rollout, "LOOK_LASTS_S", 0.0, raising=False)
    lives = {divio.environment(slug, "live")["uuid"] for slug in MIRRORS}
    divio.clear_calls()
    assert len(go().deployed) == len(MIRRORS)
    seen: dict[str, bool] = {}
    for call in divio.calls():
        named = [one for one in lives if one in call["query"]]
        if call["path"] == "/apps/v3/environment-variables/" and "name=" not in call["query"]:
            seen |= dict.fromkeys(named, True)
        elif call["method"] == "POST":
            assert any(seen.values()), "nobody was looked at since the last start"
            seen.clear()


def test_a_site_whose_site_id_is_deleted_while_it_waits_is_not_deployed(divio: LocalDivio, go: Go):
    divio.site(MIRRORS[0], "live", deploy_seconds=2.5)

    class Meddling(Observer):
        def problem_of(self, target: Target, deployment: str) -> str:
            if target.site == MIRRORS[0]:
                delete_variable(divio, MIRRORS[1], "SITE_ID")
            return super().problem_of(target, deployment)

    outcome = go(observer=Meddling, max_parallel=1)
    assert outcome.failed == {
        KEYS[1]: "not deployed: it lacks SITE_ID and would act as site 1; pulumi up --refresh sets it"
    }
    assert started(divio) == len(MIRRORS) - 1


WHAT_IS_CHANGED = {
    "SITE_ID deleted": (
        lambda divio, slug: delete_variable(divio, slug, "SITE_ID"),
        "it carried no SITE_ID and acts as",
    ),
    "another SITE_ID": (
        lambda divio, slug: divio.set_variable(slug, "live", "SITE_ID", "99"),
        "SITE_ID 99, declared is 4",
    ),
    "DSN deleted": (lambda divio, slug: delete_variable(divio, slug, "DATABASE_URL"), "it carried no DATABASE_URL"),
    "another DSN": (
        lambda divio, slug: add_anew(divio, slug, "DATABASE_URL", "postgres://wrong"),
        "it carried another DATABASE_URL than the original does",
    ),
    "declared name deleted": (lambda divio, slug: delete_variable(divio, slug, "THEME"), "it carried no THEME"),
}


@pytest.mark.parametrize("what", WHAT_IS_CHANGED)
def test_a_site_that_was_deployed_with_something_else_than_declared_has_failed(divio: LocalDivio, go: Go, what: str):
    change, says = WHAT_IS_CHANGED[what]
    for slug in MIRRORS:
        divio.set_variable(slug, "live", "THEME", "acme")
    meddling = after_the_look(MIRRORS[2], lambda: change(divio, MIRRORS[2]))
    outcome = go(observer=meddling, names=("SITE_ID", "THEME"))
    assert list(outcome.failed) == [KEYS[2]]
    assert outcome.failed[KEYS[2]].startswith("deployed, but it carried")
    assert says in outcome.failed[KEYS[2]]
    assert "pulumi up --refresh" in outcome.failed[KEYS[2]], "the way on"
    assert "postgres://" not in outcome.failed[KEYS[2]], "no value of a secret"
    assert sorted(outcome.deployed) == [key for key in KEYS if key != KEYS[2]]
    assert KEYS[2] not in outcome.durations
    again = go(LONG_AGO, names=("SITE_ID", "THEME"))
    assert KEYS[2] not in again.deployed or KEYS[2] in again.durations, "it does not count as in sync afterwards"


def test_what_divio_hides_of_a_deployment_is_no_difference(divio: LocalDivio, go: Go):
    divio.switch(sensitive="omitted")
    outcome = go()
    assert sorted(outcome.deployed) == KEYS
    assert outcome.failed == {}


def test_a_deployment_with_something_else_than_declared_counts_as_a_failure_of_its_wave(divio: LocalDivio, go: Go):
    outcome = go(
        observer=after_the_look(MIRRORS[0], lambda: delete_variable(divio, MIRRORS[0], "SITE_ID")), max_parallel=1
    )
    assert sorted(outcome.failed) == KEYS
    assert outcome.failed[KEYS[4]] == "not started: 1 of its wave failed before it"
    assert started(divio) == 1


def test_a_followed_deployment_of_somebody_else_is_asked_what_it_carried(divio: LocalDivio, go: Go):
    released = datetime.now(UTC)
    divio.site(MIRRORS[0], "live", deploy_seconds=2)
    delete_variable(divio, MIRRORS[0], "SITE_ID")
    divio.start_deployment(MIRRORS[0], "live")
    divio.set_variable(MIRRORS[0], "live", "SITE_ID", "2")
    outcome = go(released)
    assert list(outcome.failed) == [KEYS[0]]
    assert "it carried no SITE_ID" in outcome.failed[KEYS[0]]


def test_a_deployment_that_cannot_be_asked_what_it_carried_has_failed(divio: LocalDivio, go: Go):
    class Meddling(Observer):
        def problem_of(self, target: Target, deployment: str) -> str:
            divio.faults([{"method": "GET", "path": f"/deployments/{deployment}/environment-variables", "status": 403}])
            return super().problem_of(target, deployment)

    outcome = go(observer=Meddling, max_parallel=1)
    assert outcome.failed[KEYS[0]].startswith("deployed, but what it carried cannot be read")
    assert outcome.deployed == {}


@pytest.mark.slow
def test_no_answer_on_what_was_carried_is_no_verdict(divio: LocalDivio, go: Go):
    faults = iter([[{"method": "GET", "path": "/environment-variables", "drop": "before", "times": 8}]])

    class Meddling(Observer):
        def problem_of(self, target: Target, deployment: str) -> str:
            for rules in faults:
                divio.faults(rules)
            return super().problem_of(target, deployment)

    outcome = go(observer=Meddling, max_parallel=1)
    assert sorted(outcome.deployed) == KEYS
    assert outcome.failed == {}


def test_an_original_that_was_deployed_with_something_else_than_declared_has_failed(divio: LocalDivio):
    for name, value in (("THEME", "acme"), ("SITE_ID", "1")):
        divio.set_variable("acme-main", "live", name, value)
    declared = {"names": ("SITE_ID", "THEME"), "site_id": "1"}
    meddling = after_the_look("acme-main", lambda: divio.set_variable("acme-main", "live", "SITE_ID", "7"))
    outcome = roll_out_original(divio, meddling, **declared)
    assert "deployed, but it carried SITE_ID 7, declared is 1" in outcome.failed["acme-main/live"]
    divio.set_variable("acme-main", "live", "SITE_ID", "1")
    meddling = after_the_look("acme-main", lambda: delete_variable(divio, "acme-main", "THEME"))
    outcome = roll_out_original(divio, meddling, **declared)
    assert "deployed, but it carried no THEME" in outcome.failed["acme-main/live"]
    assert outcome.deployed == {}


@pytest.mark.parametrize("released", [LONG_AGO, None], ids=["in sync otherwise", "behind"])
def test_a_site_whose_declared_variables_are_not_all_set_is_not_deployed(
    divio: LocalDivio, go: Go, released: datetime | None
):
    for slug in MIRRORS:
        divio.set_variable(slug, "live", "THEME", "acme")
        divio.deploy(slug, "live")
    delete_variable(divio, MIRRORS[1], "THEME")
    divio.clear_calls()
    outcome = go(released, names=("SITE_ID", "THEME"))
    assert outcome.failed == {KEYS[1]: "not deployed: it lacks THEME, which is declared; pulumi up --refresh sets it"}
    assert KEYS[1] not in outcome.deployed
    assert started(divio) == (0 if released else len(MIRRORS) - 1)


def test_an_original_whose_declared_variables_are_not_all_set_is_not_deployed(divio: LocalDivio):
    divio.set_variable("acme-main", "live", "THEME", "acme")
    divio.clear_calls()
    outcome = roll_out_original(divio, names=("LANGUAGE_CODE", "THEME", "DATABASE_URL"))
    assert list(outcome.failed.values()) == [
        "not deployed: it lacks LANGUAGE_CODE, which is declared; pulumi up --refresh sets it"
    ], "Divio itself may set DATABASE_URL"
    assert started(divio) == 0


def test_a_copy_that_divio_shows_with_another_value_than_the_originals_is_not_deployed(divio: LocalDivio, go: Go):
    add_anew(divio, MIRRORS[3], "DATABASE_URL", "postgres://wrong")
    add_anew(divio, MIRRORS[4], "DATABASE_URL", divio.deployed("acme-main", "live")["DATABASE_URL"])
    outcome = go()
    assert list(outcome.failed) == [KEYS[3]]
    assert outcome.failed[KEYS[3]].startswith("not deployed: its DATABASE_URL differs from the original's")
    assert KEYS[4] in outcome.deployed, "it is shown, and the original's"


@pytest.mark.parametrize(
    ("at_the_copy", "given", "at_the_look"),
    [("shown", False, "shown"), ("null", True, "null"), ("null", True, "shown"), ("shown", False, "null")],
)
@pytest.mark.parametrize("shown", ["right", "wrong", "nothing"])
def test_a_copy_is_compared_with_what_was_copied_wherever_that_came_from(
    divio: LocalDivio, at_the_copy: str, given: bool, at_the_look: str, shown: str
):
    original = divio.application("acme-main")["uuid"]
    theirs = {name: divio.deployed("acme-main", "live")[name] for name in SHARED}
    divio.switch(sensitive=at_the_copy)
    props = {"site": MIRRORS[0], "environment": "live", "original": "acme-main", "original_uuid": original}
    props |= {"shared": dict.fromkeys(SHARED, ""), "shared_values": theirs if given else {}}
    copies, _ = shared_values(new_client(divio), props)
    divio.switch(sensitive=at_the_look)
    if shown != "nothing":
        value = theirs["DATABASE_URL"] if shown == "right" else "postgres://wrong"
        add_anew(divio, MIRRORS[0], "DATABASE_URL", value)
    kept = Change(fingerprints={name: print_ for name, (_, print_) in copies.items()})
    target = targets(divio)[0].model_copy(update={"shared_change": kept})
    client = new_client(divio)
    outcome = Rollout(client, Observer(client, "mirrors", None, datetime.now(UTC)), [target], Limits(), "").run()
    if shown == "wrong":
        assert "its DATABASE_URL differs from the original's" in outcome.failed[target.key]
    else:
        assert list(outcome.deployed) == [target.key]


def test_a_site_that_a_new_state_finds_deployed_with_another_site_id_is_refused(divio: LocalDivio, go: Go):
    class AtFirstContact(Observer):
        def __init__(self, divio: Divio, kind: Kind, release: str | None, released: datetime | None) -> None:
            super().__init__(divio, kind, release, released, lambda _: False)

    for site_id in ("99", "3"):
        divio.set_variable(MIRRORS[1], "live", "SITE_ID", site_id, sensitive=True)
        if site_id == "99":
            divio.deploy(MIRRORS[1], "live")
    before = started(divio)
    outcome = go(LONG_AGO, AtFirstContact)
    assert list(outcome.failed) == [KEYS[1]]
    assert "it was deployed with another SITE_ID than it must have" in outcome.failed[KEYS[1]]
    assert f"DIVIO_TAKE_OVER={MIRRORS[1]}" in outcome.failed[KEYS[1]]
    assert started(divio) == before


@pytest.mark.parametrize(("name", "wrong"), [("SITE_ID", "99"), ("DATABASE_URL", "postgres://wrong")])
def test_a_site_that_runs_with_something_else_than_declared_is_not_in_sync(
    divio: LocalDivio, go: Go, name: str, wrong: str
):
    right = divio.deployed(MIRRORS[1], "live")[name]
    add_anew(divio, MIRRORS[1], name, wrong)
    divio.deploy(MIRRORS[1], "live")
    delete_variable(divio, MIRRORS[1], name)
    # Sensitive, so that what is set and what was deployed cannot be compared with each other.
    divio.set_variable(MIRRORS[1], "live", name, right, sensitive=True)
    before = started(divio)
    outcome = go(LONG_AGO)
    assert list(outcome.durations) == [KEYS[1]]
    assert started(divio) == before + 1
    assert divio.deployed(MIRRORS[1], "live")[name] == right


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
