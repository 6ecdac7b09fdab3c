"""The funnel, over real HTTP on a scripted server; time is fake, connections are not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from divio_provider.api import Divio, Settings, contract
from divio_provider.api.contract.types import Call
from divio_provider.api.errors import (
    Busy,
    EmptyId,
    Forbidden,
    Misconfigured,
    NotFound,
    NoToken,
    NotUnderstood,
    OutcomeUnknown,
    ReadOnly,
    Refused,
    Unauthorized,
    Unreachable,
)
from divio_provider.api.models import ApplicationCreate
from divio_provider.api.transport.retry import Policy
from divio_provider.api.transport.transport import READING, Transport
from tests.api.conftest import TOKEN, FakeClock, Reply, Server, listed

APPLICATION = {"uuid": "a1", "slug": "acme-main", "name": "Acme", "organisation": "o1", "repository": None}
NEW = ApplicationCreate(name="Acme", slug="acme-main", organisation="o1", plan_group="p1", region="r1")


def test_a_request_carries_token_and_name_and_no_more(divio: Divio, server: Server) -> None:
    server.script(Reply(200, APPLICATION))
    assert divio.applications.get("a1").slug == "acme-main"
    (seen,) = server.seen
    assert seen.path == "/apps/v3/applications/a1/"
    assert seen.headers["authorization"] == f"Token {TOKEN}"
    assert seen.headers["user-agent"].startswith("divio-provider/")
    assert seen.body is None


@pytest.mark.parametrize("where", ["home", "NETRC"])
def test_a_netrc_entry_for_the_host_does_not_replace_the_token(
    divio: Divio, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    netrc = tmp_path / (".netrc" if where == "home" else "other")
    netrc.write_text("machine 127.0.0.1 login x password from-netrc\ndefault login y password from-default\n")
    netrc.chmod(0o600)
    if where != "home":
        monkeypatch.setenv("NETRC", str(netrc))
    # A redirect, too: there requests would look again.
    server.script(Reply(302, headers={"Location": "/apps/v3/applications/a2/"}), Reply(200, APPLICATION))
    divio.applications.get("a1")
    assert [one.headers["authorization"] for one in server.seen] == [f"Token {TOKEN}"] * 2


def test_a_proxy_of_the_environment_is_used(
    server: Server, other_server: Server, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", other_server.url)
    monkeypatch.setenv("no_proxy", "")
    other_server.script(Reply(200, APPLICATION))
    divio = Divio(Settings(token=TOKEN, api_url="http://api.divio.example"), clock=clock)
    assert divio.applications.get("a1").uuid == "a1"
    assert len(other_server.seen) == 1


def test_a_missing_ca_bundle_is_said(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    divio = Divio(Settings(token=TOKEN, api_url="https://127.0.0.1:1"), clock=clock)
    with pytest.raises(Misconfigured, match="REQUESTS_CA_BUNDLE"):
        divio.me.get()


def test_no_redirect_carries_the_token_to_another_host(divio: Divio, server: Server, other_server: Server) -> None:
    server.script(Reply(302, headers={"Location": f"{other_server.url}/apps/v3/applications/a1/"}))
    with pytest.raises(NotUnderstood, match=r"redirect.*API's address"):
        divio.applications.get("a1")
    assert other_server.seen == []


def test_a_write_follows_no_redirect(divio: Divio, server: Server) -> None:
    server.script(Reply(307, headers={"Location": "/elsewhere/"}))
    with pytest.raises(NotUnderstood, match="redirect"):
        divio.applications.update("a1", name="x")
    assert len(server.seen) == 1


def test_redirects_in_circles_end(divio: Divio, server: Server) -> None:
    server.script(Reply(302, headers={"Location": "/apps/v3/applications/a1/"}))
    with pytest.raises(NotUnderstood, match="do not end"):
        divio.applications.get("a1")


def test_writes_end_in_a_slash() -> None:
    assert all(one.path.endswith("/") for one in contract.CALLS if one.method != "GET")


def test_without_a_token_only_the_first_call_complains(server: Server) -> None:
    divio = Divio(Settings(token=None, api_url=server.url))
    with pytest.raises(NoToken) as error:
        divio.me.get()
    assert all(way in str(error.value) for way in ("DIVIO_TOKEN", "netrc"))
    assert error.value.setting == "token"
    assert server.seen == []


def test_read_only_lets_no_write_leave(server: Server) -> None:
    divio = Divio(Settings(token=TOKEN, api_url=server.url, read_only=True))
    server.script(Reply(200, listed()))
    assert divio.applications.list() == ()
    writes = [
        lambda: divio.applications.create(NEW),
        lambda: divio.applications.update("a1", name="x"),
        lambda: divio.applications.delete("a1"),
        lambda: divio.environments.set_branch("e1", "main"),
        lambda: divio.deployments.start("e1"),
        lambda: divio.environment_variables.create("e1", "A", "1", is_sensitive=False),
        lambda: divio.environment_variables.update("v1", value="1"),
        lambda: divio.environment_variables.delete("v1"),
        lambda: divio.service_instances.create("e1", "r1", "s1", "DEFAULT"),
        lambda: divio.domains.create("a1", "www.acme.example"),
        lambda: divio.domains.update("d1", is_primary=True),
        lambda: divio.domains.delete("d1"),
    ]
    for write in writes:
        with pytest.raises(ReadOnly, match="only reads"):
            write()
    assert {one.method for one in server.seen} == {"GET"}


@pytest.mark.parametrize("call", [one for one in contract.CALLS if one.method not in READING], ids=lambda one: one.name)
def test_read_only_lets_none_of_the_contracts_writes_leave(server: Server, call: Call) -> None:
    transport = Transport(Settings(token=TOKEN, api_url=server.url, read_only=True))
    ids = ["x"] * call.path.count("{")
    with pytest.raises(ReadOnly, match="only reads"):
        transport.send(call, *ids, body={})
    assert server.seen == []


@pytest.mark.parametrize("nothing", ["", "  ", ".", ".."])
def test_an_empty_id_never_reaches_the_wire(divio: Divio, server: Server, nothing: str) -> None:
    server.script(Reply(204))
    for call in (divio.applications.delete, divio.environment_variables.delete, divio.applications.get):
        with pytest.raises(EmptyId):
            call(nothing)
    if not nothing.strip():
        with pytest.raises(EmptyId):
            divio.environments.list(nothing)
        with pytest.raises(EmptyId):
            list(divio.deployments.list(nothing))
        with pytest.raises(EmptyId):
            divio.environment_variables.list([nothing])
    assert server.seen == []


def test_an_id_stays_one_segment(divio: Divio, server: Server) -> None:
    server.script(Reply(200, APPLICATION))
    divio.applications.get("a/../b?c#d")
    assert server.seen[0].path == "/apps/v3/applications/a%2F..%2Fb%3Fc%23d/"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_trouble_of_the_server_is_outlived_where_that_is_safe(
    divio: Divio, server: Server, clock: FakeClock, status: int
) -> None:
    server.script(Reply(status, "<html>Bad Gateway</html>"), Reply(status), Reply(200, APPLICATION))
    assert divio.applications.get("a1").uuid == "a1"
    assert len(server.seen) == 3
    assert len([one for one in clock.sleeps if one > 0.1]) == 2


def test_it_ends_after_its_attempts_and_says_how_many(divio: Divio, server: Server) -> None:
    server.script(Reply(500, {"detail": "A server error occurred."}))
    with pytest.raises(OutcomeUnknown, match=r"answered 500: A server error occurred\. \(after 4 attempts\)"):
        divio.applications.get("a1")
    assert len(server.seen) == 4


@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(200, APPLICATION, cut=True)])
def test_a_broken_connection_is_tried_again(divio: Divio, server: Server, reply: Reply) -> None:
    server.script(reply, Reply(200, APPLICATION))
    assert divio.applications.get("a1").uuid == "a1"


def test_no_answer_in_time_is_an_unknown_outcome(server: Server, clock: FakeClock) -> None:
    held = threading.Event()
    server.script(Reply(200, APPLICATION, hold=held))
    divio = Divio(Settings(token=TOKEN, api_url=server.url), clock=clock, policy=Policy(attempts=1), timeout_s=(1, 0.1))
    with pytest.raises(OutcomeUnknown, match="in time"):
        divio.applications.get("a1")
    held.set()


def test_an_answer_that_stops_halfway_is_an_unknown_outcome_too(server: Server, clock: FakeClock) -> None:
    held = threading.Event()
    server.script(Reply(200, APPLICATION, hold=held, half=True))
    divio = Divio(Settings(token=TOKEN, api_url=server.url), clock=clock, policy=Policy(attempts=2), timeout_s=(1, 0.1))
    with pytest.raises(OutcomeUnknown, match=r"\(after 2 attempts\)"):
        divio.applications.get("a1")
    held.set()
    assert len(server.seen) == 2


@pytest.mark.parametrize("reply", [Reply(201, APPLICATION, cut=True), Reply(201, "{")], ids=["cut", "half a text"])
def test_a_creation_whose_answer_is_half_there_is_looked_for_or_said(
    divio: Divio, server: Server, reply: Reply
) -> None:
    server.answer = lambda seen: reply if seen.method == "POST" else Reply(200, listed(APPLICATION))
    if reply.cut:
        assert divio.applications.create(NEW).uuid == "a1"
    else:  # whole, and nonsense: nothing can be concluded from it
        with pytest.raises(NotUnderstood, match="no JSON"):
            divio.applications.create(NEW)
    assert [one.method for one in server.seen].count("POST") == 1


def test_a_slow_answer_is_awaited_piece_by_piece(server: Server, clock: FakeClock) -> None:
    held = threading.Event()
    server.script(Reply(200, APPLICATION, hold=held, half=True))
    divio = Divio(Settings(token=TOKEN, api_url=server.url), clock=clock, policy=Policy(attempts=1), timeout_s=(1, 5))
    threading.Timer(0.1, held.set).start()
    assert divio.applications.get("a1").uuid == "a1"


def test_the_deadline_ends_it_before_its_attempts_do(server: Server, clock: FakeClock) -> None:
    server.script(Reply(429, {"detail": "Throttled."}, {"Retry-After": "20"}))
    settings = Settings(token=TOKEN, api_url=server.url, requests_per_second=10_000)
    divio = Divio(settings, clock=clock, policy=Policy(attempts=100, deadline_s=60))
    before = clock.monotonic()
    with pytest.raises(Busy, match="after 3 attempts"):
        divio.applications.get("a1")
    assert clock.monotonic() - before < 60


def test_each_thread_has_a_connection_of_its_own_and_keeps_it(divio: Divio, server: Server) -> None:
    server.script(Reply(200, APPLICATION))
    together = threading.Barrier(4, timeout=10)

    def go() -> None:
        for _ in range(3):
            together.wait()
            divio.applications.get("a1")

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(go) for _ in range(4)]:
            future.result()
    connections = [one.connection for one in server.seen]
    assert sorted(connections.count(one) for one in set(connections)) == [3, 3, 3, 3]


def test_nobody_there_is_said_plainly(clock: FakeClock, server: Server) -> None:
    server.stop()
    divio = Divio(Settings(token=TOKEN, api_url=server.url), clock=clock, policy=Policy(attempts=2))
    with pytest.raises(Unreachable, match=r"takes no connection.*API's address"):
        divio.applications.get("a1")
    with pytest.raises(Unreachable):
        divio.applications.create(NEW)


@pytest.mark.parametrize(
    ("header", "waited"), [("3", 3.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.25), ("inf", 0.25), ("86400", 30.0)]
)
def test_too_many_requests_waits_as_asked_within_reason(
    divio: Divio, server: Server, clock: FakeClock, header: str, waited: float
) -> None:
    server.script(Reply(429, {"detail": "Throttled."}, {"Retry-After": header}), Reply(200, APPLICATION))
    before = clock.monotonic()
    divio.applications.get("a1")
    assert waited <= clock.monotonic() - before <= waited + 0.5


def test_a_post_that_was_held_back_is_sent_again(divio: Divio, server: Server) -> None:
    server.script(
        Reply(429, headers={"Retry-After": "1"}), Reply(503, headers={"Retry-After": "1"}), Reply(201, APPLICATION)
    )
    assert divio.applications.create(NEW).uuid == "a1"
    assert [one.method for one in server.seen] == ["POST"] * 3


def test_a_deadline_ends_what_attempts_would_not(server: Server, clock: FakeClock) -> None:
    server.script(Reply(429, headers={"Retry-After": "20"}))
    divio = Divio(Settings(token=TOKEN, api_url=server.url), clock=clock, policy=Policy(attempts=1000, deadline_s=60))
    began = clock.monotonic()
    with pytest.raises(Busy):
        divio.applications.get("a1")
    assert clock.monotonic() - began <= 60
    assert len(server.seen) <= 4


@pytest.mark.parametrize("status", [404, 204, 202, 200])
def test_gone_and_done_are_both_deleted(divio: Divio, server: Server, status: int) -> None:
    server.script(Reply(status, {"detail": "Not found."} if status == 404 else None))
    divio.applications.delete("a1")


def test_a_deletion_whose_answer_was_lost_is_repeated_until_it_is_gone(divio: Divio, server: Server) -> None:
    server.script(Reply(drop=True), Reply(404, {"detail": "Not found."}))
    divio.applications.delete("a1")
    assert len(server.seen) == 2


def test_a_page_that_says_404_is_no_proof_that_something_is_gone(divio: Divio, server: Server) -> None:
    server.script(Reply(404, "<html><h1>Not Found</h1></html>", {"Content-Type": "text/html"}))
    with pytest.raises(NotUnderstood, match="HTML"):
        divio.applications.delete("a1")
    with pytest.raises(NotUnderstood, match="API's address"):
        divio.applications.get("a1")


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(401, {"detail": "Invalid token."}), Unauthorized, "does not accept the token"),
        (Reply(403, {"detail": "Invalid token."}), Unauthorized, "does not accept the token"),
        (Reply(403, {"detail": "You do not have permission."}), Forbidden, "let an admin"),
        (Reply(404, {"detail": "Not found."}), NotFound, "missing or not permitted"),
        (Reply(400, {"name": ["Too long."], "non_field_errors": ["No."]}), Refused, "name: Too long.; No."),
        (Reply(400, {"services": [{"prefix": ["Bad."]}]}), Refused, "services: prefix: Bad."),
        (Reply(400, ["No."]), Refused, "answered 400: No."),
        (Reply(400, "no"), Refused, "answered 400 with something that is no JSON"),
        (Reply(200, "<!doctype html>"), NotUnderstood, "HTML. Is the API's address right"),
        (Reply(200, "{"), NotUnderstood, "no JSON"),
        (Reply(200, "[" * 100_000), NotUnderstood, "no JSON"),
        (Reply(200, {"slug": "x"}), NotUnderstood, "uuid: missing"),
        (Reply(200, [1]), NotUnderstood, "no Application"),
    ],
)
def test_every_answer_has_one_meaning(
    divio: Divio, server: Server, reply: Reply, kind: type[Exception], words: str
) -> None:
    server.script(reply)
    with pytest.raises(kind) as error:
        divio.applications.get("a1")
    assert type(error.value) is kind
    assert words in str(error.value)
    assert "GET /apps/v3/applications/" in str(error.value)


def test_empty_answers_to_writes_are_fine(divio: Divio, server: Server) -> None:
    def answer(seen: object) -> Reply:
        method, path = seen.method, seen.path  # type: ignore[attr-defined]
        if method != "GET":
            return Reply(204)
        return Reply(200, listed(APPLICATION) if path.endswith("applications/") else APPLICATION)

    server.answer = answer
    assert divio.applications.create(NEW).uuid == "a1"
    assert divio.applications.update("a1", name="x").uuid == "a1"


def test_an_answer_with_nothing_but_the_id_is_completed(divio: Divio, server: Server) -> None:
    server.script(Reply(201, {"uuid": "a1"}), Reply(200, APPLICATION))
    assert divio.applications.create(NEW).slug == "acme-main"


def test_no_cookie_is_kept(divio: Divio, server: Server) -> None:
    server.script(Reply(200, APPLICATION, {"Set-Cookie": "sessionid=1; Path=/"}))
    divio.applications.get("a1")
    divio.applications.get("a1")
    assert all("cookie" not in one.headers for one in server.seen)


def test_the_server_date_is_each_threads_own(divio: Divio, server: Server) -> None:
    server.script(Reply(200, APPLICATION))
    before = divio.server_date
    divio.applications.get("a1")
    date = divio.server_date
    assert before is None
    assert date is not None
    assert date.utcoffset() is not None
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: divio.server_date).result() is None


def test_one_process_has_one_client_for_the_same_settings() -> None:
    settings = Settings(token=TOKEN, api_url="https://one.example")
    with ThreadPoolExecutor(4) as pool:
        clients = set(pool.map(lambda _: id(Divio.for_settings(settings)), range(40)))
    assert len(clients) == 1
    assert Divio.for_settings(Settings(token="other", api_url="https://one.example")) is not Divio.for_settings(
        settings
    )
