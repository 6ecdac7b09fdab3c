"""Answers that are lost, late or strange after a POST: never two things, never none, never somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from divio_provider.api import Divio
from divio_provider.api.errors import AlreadyExists, AlreadyRunning, OutcomeUnknown, Refused
from divio_provider.api.models import ApplicationCreate
from tests.api.conftest import FakeClock, Reply, Seen, Server, listed

NEW = ApplicationCreate(name="Acme", slug="acme-main", organisation="o1", plan_group="p1", region="r1")
APPLICATION = {"uuid": "a1", "slug": "acme-main"}
NOON = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)


def posts(server: Server) -> int:
    return sum(one.method == "POST" for one in server.seen)


def test_a_lost_creation_that_happened_is_found(divio: Divio, server: Server) -> None:
    server.answer = lambda seen: Reply(drop=True) if seen.method == "POST" else Reply(200, listed(APPLICATION))
    assert divio.applications.create(NEW).uuid == "a1"
    assert posts(server) == 1


def test_a_slow_creation_is_found_at_the_second_refusal(divio: Divio, server: Server) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.method == "GET":
            return Reply(200, listed(APPLICATION) if posts(server) > 1 else listed())
        return Reply(504) if posts(server) == 1 else Reply(400, {"slug": ["Taken."]})

    server.answer = answer
    assert divio.applications.create(NEW).uuid == "a1"


def test_a_creation_that_stays_lost_is_given_up_with_what_is_known(divio: Divio, server: Server) -> None:
    server.answer = lambda seen: Reply(500) if seen.method == "POST" else Reply(200, listed())
    with pytest.raises(OutcomeUnknown, match=r"after 3 attempts.*application acme-main, and it is not there"):
        divio.applications.create(NEW)
    assert posts(server) == 3


def test_could_not_look_is_not_taken_for_not_there(divio: Divio, server: Server) -> None:
    server.answer = lambda seen: Reply(500) if seen.method == "POST" else Reply(403, {"detail": "No."})
    with pytest.raises(OutcomeUnknown, match="so it may exist"):
        divio.applications.create(NEW)
    assert posts(server) == 1


def test_what_is_in_the_way_is_named(divio: Divio, server: Server) -> None:
    def answer(seen: Seen) -> Reply:
        return Reply(400, {"slug": ["Taken."]}) if seen.method == "POST" else Reply(200, listed(APPLICATION))

    server.answer = answer
    with pytest.raises(AlreadyExists, match="application acme-main exists already: slug: Taken") as error:
        divio.applications.create(NEW)
    assert error.value.uuid == "a1"


def test_a_slug_taken_where_we_cannot_see_is_a_refusal(divio: Divio, server: Server) -> None:
    server.answer = lambda seen: Reply(400, {"slug": ["Taken."]}) if seen.method == "POST" else Reply(200, listed())
    with pytest.raises(Refused, match=r"slug: Taken.*account sees no application acme-main.*may not see") as error:
        divio.applications.create(NEW)
    assert not isinstance(error.value, AlreadyExists)


def test_a_variable_found_after_a_lost_answer_is_written_once_more(divio: Divio, server: Server) -> None:
    shown = {"uuid": "v1", "name": "A", "environment": "e1", "is_sensitive": True}
    server.answer = lambda seen: {
        "POST": Reply(drop=True),
        "GET": Reply(200, listed(shown)),
        "PATCH": Reply(200, shown),
    }[seen.method]
    divio.environment_variables.create("e1", "A", "s3cret", is_sensitive=True)
    assert [one.method for one in server.seen] == ["POST", "GET", "PATCH"]
    assert server.seen[-1].body == {"value": "s3cret", "is_sensitive": True}


# -- deployments -------------------------------------------------------------------------------------------------------


def deployment(uuid: str, started: datetime, ended: datetime | None = None) -> dict[str, object]:
    return {
        "uuid": uuid,
        "environment": "e1",
        "started_at": started.isoformat().replace("+00:00", "Z"),
        "ended_at": ended and ended.isoformat().replace("+00:00", "Z"),
        "success": None if ended is None else True,
    }


class Deploying:
    """A server whose clock is hours off ours, and follows the fake one."""

    def __init__(self, server: Server, clock: FakeClock) -> None:
        self.server, self.clock, self.began = server, clock, clock.monotonic()
        self.found: list[dict[str, object]] = []
        self.posts: list[Reply] = []
        server.answer = self.answer

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.clock.monotonic() - self.began + 0.7)

    def answer(self, seen: Seen) -> Reply:
        date = {"Date": format_datetime(self.now().replace(microsecond=0), usegmt=True)}
        if seen.method == "GET":
            return Reply(200, listed(*self.found), date)
        reply = self.posts.pop(0)
        if reply.drop and reply.status == 201:  # it happened all the same
            self.found.insert(0, deployment("ours", self.now()))
        return reply


@pytest.fixture
def deploying(server: Server, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Deploying:
    # One Date a response: the scripted one, not also http.server's own.
    monkeypatch.setattr("http.server.BaseHTTPRequestHandler.send_response", send_response_without_date)
    return Deploying(server, clock)


def send_response_without_date(self: object, code: int, message: str | None = None) -> None:
    self.send_response_only(code, message)  # type: ignore[attr-defined]


def test_a_lost_deployment_is_found_by_divios_own_clock(divio: Divio, deploying: Deploying) -> None:
    deploying.posts = [Reply(201, drop=True)]
    assert divio.deployments.start("e1").uuid == "ours"


def test_an_older_deployment_is_not_taken_for_ours(divio: Divio, deploying: Deploying) -> None:
    deploying.found = [deployment("older", NOON - timedelta(seconds=30), NOON - timedelta(seconds=2))]
    deploying.posts = [Reply(500), Reply(201, deployment("second", NOON))]
    assert divio.deployments.start("e1").uuid == "second"


def test_the_deployment_that_the_caller_has_seen_is_not_taken_for_ours(divio: Divio, deploying: Deploying) -> None:
    deploying.found = [deployment("seen", NOON + timedelta(seconds=0.5), NOON + timedelta(seconds=0.6))]
    deploying.posts = [Reply(500), Reply(201, deployment("second", NOON))]
    assert divio.deployments.start("e1", after="seen").uuid == "second"


def test_one_that_runs_already_is_said_so(divio: Divio, deploying: Deploying) -> None:
    deploying.found = [deployment("older", NOON - timedelta(seconds=30))]
    deploying.posts = [Reply(400, {"non_field_errors": ["Whatever Divio says."]})]
    with pytest.raises(AlreadyRunning, match="running already"):
        divio.deployments.start("e1")


def test_one_that_ended_while_we_looked_stood_in_the_way_all_the_same(divio: Divio, deploying: Deploying) -> None:
    deploying.found = [deployment("older", NOON - timedelta(seconds=30), NOON + timedelta(seconds=0.9))]
    deploying.posts = [Reply(400, {"non_field_errors": ["Whatever Divio says."]})]
    with pytest.raises(AlreadyRunning):
        divio.deployments.start("e1")


def test_a_lost_deployment_that_was_slower_than_our_look_is_ours(divio: Divio, deploying: Deploying) -> None:
    looked: list[None] = []
    original = deploying.answer

    def answer(seen: Seen) -> Reply:
        if seen.method == "GET":
            looked.append(None)
            if len(looked) == 2:
                deploying.found = [deployment("ours", NOON + timedelta(seconds=0.9))]
        return original(seen)

    deploying.server.answer = answer
    deploying.posts = [Reply(504), Reply(400, {"non_field_errors": ["One runs."]})]
    assert divio.deployments.start("e1").uuid == "ours"


def test_without_a_date_nothing_is_guessed(divio: Divio, deploying: Deploying) -> None:
    deploying.posts = [Reply(500)]
    deploying.server.answer = lambda seen: (
        Reply(500) if seen.method == "POST" else Reply(200, listed(deployment("x", NOON)))
    )
    with pytest.raises(OutcomeUnknown, match="no Date"):
        divio.deployments.start("e1")


def test_a_refusal_with_nothing_running_stays_a_refusal(divio: Divio, deploying: Deploying) -> None:
    deploying.found = [deployment("older", NOON - timedelta(seconds=90), NOON - timedelta(seconds=60))]
    deploying.posts = [Reply(400, {"build_mode": ["No such choice."]})]
    with pytest.raises(Refused, match="build_mode: No such choice") as error:
        divio.deployments.start("e1")
    assert not isinstance(error.value, AlreadyRunning)
