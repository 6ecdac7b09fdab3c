"""Pages and what a run remembers of them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from divio_provider.api import Divio
from divio_provider.api.errors import NotFound, NotUnderstood, OutcomeUnknown
from divio_provider.api.transport.cache import Cache
from tests.api.conftest import Reply, Seen, Server, listed


def application(slug: str, **more: object) -> dict[str, object]:
    return {"uuid": f"uuid-{slug}", "slug": slug, "name": slug, "organisation": "o1", **more}


def test_pages_are_followed_as_divio_gives_them(divio: Divio, server: Server) -> None:
    def answer(seen: Seen) -> Reply:
        if "cursor" not in seen.query:
            return Reply(
                200, listed(application("a"), following=f"{server.url}{seen.path}?organisation=o1&cursor=%2Fx")
            )
        assert seen.query == {"organisation": ["o1"], "cursor": ["/x"]}
        return Reply(200, {"results": [application("b")]})

    server.answer = answer
    assert [one.slug for one in divio.applications.list("o1")] == ["a", "b"]


def test_a_next_page_on_another_host_gets_no_token(divio: Divio, server: Server, other_server: Server) -> None:
    server.script(Reply(200, listed(application("a"), following=f"{other_server.url}/apps/v3/applications/?page=2")))
    with pytest.raises(NotUnderstood, match="another host"):
        divio.applications.list()
    assert other_server.seen == []


def test_pages_in_circles_end(divio: Divio, server: Server) -> None:
    server.script(Reply(200, listed(following=f"{server.url}/apps/v3/applications/?page=2")))
    with pytest.raises(NotUnderstood, match="do not end"):
        divio.applications.list()
    assert len(server.seen) == 2


def test_endless_new_pages_end(divio: Divio, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("divio_provider.api.transport.pagination.MOST_PAGES", 5)
    server.answer = lambda _: Reply(
        200, listed(following=f"{server.url}/apps/v3/applications/?page={len(server.seen)}")
    )
    with pytest.raises(NotUnderstood, match="do not end"):
        divio.applications.list()


@pytest.mark.parametrize(
    "body", [{}, {"results": None}, {"results": [], "next": 2}, "text", 3, {"results": {"a": 1}}, None]
)
def test_what_is_no_list_is_not_an_empty_one(divio: Divio, server: Server, body: object) -> None:
    server.script(Reply(200, body))
    with pytest.raises(NotUnderstood):
        divio.applications.list()
    with pytest.raises(NotUnderstood):
        divio.applications.find("a")


def test_a_page_that_vanished_is_neither_the_end_nor_a_missing_object(divio: Divio, server: Server) -> None:
    first = listed(application("a"), following=f"{server.url}/apps/v3/applications/?page=2")
    server.script(Reply(200, first), Reply(404, {"detail": "Invalid page."}))
    with pytest.raises(NotUnderstood, match="changed while it was read"):
        divio.applications.list()


def test_a_list_without_an_envelope_is_a_list(divio: Divio, server: Server) -> None:
    server.script(Reply(200, [application("a")]))
    assert [one.slug for one in divio.applications.list()] == ["a"]


def test_an_ignored_filter_finds_nothing_wrong(divio: Divio, server: Server) -> None:
    server.script(Reply(200, listed(application("b"), application("c", organisation="o2"))))
    assert divio.applications.find("a") is None
    assert [one.slug for one in divio.applications.list("o1")] == ["b"]


def deployment(uuid: str, day: int, *, success: bool, environment: str | None = "e1") -> dict[str, object]:
    return {"uuid": uuid, "environment": environment, "started_at": f"2026-01-0{day}T00:00:00.5Z", "success": success,
            "ended_at": f"2026-01-0{day}T00:01:00Z"}  # fmt: skip


def test_newest_deployment_costs_one_page(divio: Divio, server: Server) -> None:
    rows = deployment("d3", 3, success=False), deployment("d2", 2, success=True)
    server.script(Reply(200, listed(*rows, following=f"{server.url}/apps/v3/deployments/?page=2")))
    last = divio.deployments.last_successful("e1")
    assert last is not None
    assert last.uuid == "d2"
    assert next(divio.deployments.list("e1")).uuid == "d3"
    assert len(server.seen) == 2


def test_deployments_in_another_order_are_read_to_the_end(divio: Divio, server: Server) -> None:
    first = listed(
        deployment("d1", 1, success=True),
        deployment("d2", 2, success=False),
        following=f"{server.url}/apps/v3/deployments/?page=2",
    )
    server.script(Reply(200, first), Reply(200, listed(deployment("d3", 3, success=True))))
    assert [one.uuid for one in divio.deployments.list("e1")] == ["d3", "d2", "d1"]


def test_one_list_settles_the_environments_whose_last_successful_deployment_it_shows(
    divio: Divio, server: Server
) -> None:
    rows = (
        deployment("d5", 5, success=False),
        deployment("d4", 4, success=True, environment="e2"),
        deployment("d3", 3, success=True),
        deployment("d2", 2, success=True),
    )
    server.script(Reply(200, listed(*rows)))
    found = divio.deployments.histories(["e1", "e2", "e3"])
    assert {environment: [one.uuid for one in listed_] for environment, listed_ in found.items()} == {
        "e1": ["d5", "d3"],
        "e2": ["d4"],
    }
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "rows",
    [
        [deployment("d2", 2, success=True), deployment("foreign", 1, success=True, environment="e9")],
        [deployment("d2", 2, success=True), deployment("whose", 1, success=True, environment=None)],
    ],
    ids=["others", "nobody's"],
)
def test_a_list_that_shows_others_settles_nothing(divio: Divio, server: Server, rows: list[dict[str, object]]) -> None:
    server.script(Reply(200, listed(*rows)))
    assert divio.deployments.histories(["e1", "e2"]) == {}


@pytest.mark.parametrize("answer", [Reply(400, {"environment": ["Not several."]}), Reply(200, {"results": "none"})])
def test_a_list_that_is_refused_or_not_understood_settles_nothing(divio: Divio, server: Server, answer: Reply) -> None:
    server.script(answer)
    assert divio.deployments.histories(["e1", "e2"]) == {}


def test_a_list_in_another_order_settles_nothing_before_its_end(divio: Divio, server: Server) -> None:
    pages = [
        listed(deployment(f"d{day}", day, success=True), following=f"{server.url}/apps/v3/deployments/?page={day + 1}")
        for day in (1, 2, 3)
    ]
    server.script(*(Reply(200, page) for page in pages))
    assert divio.deployments.histories(["e1", "e2"]) == {}
    assert len(server.seen) == 2, "it is given up early"


def test_an_environment_that_the_pages_read_do_not_reach_is_not_settled(divio: Divio, server: Server) -> None:
    pages = [
        listed(
            deployment(f"d{day}", day, success=day % 2 == 0, environment=environment),
            following=f"{server.url}/apps/v3/deployments/?page=next-{day}",
        )
        for day, environment in ((9, "e1"), (8, "e2"), (7, "e1"))
    ]
    server.script(*(Reply(200, page) for page in pages))
    assert list(divio.deployments.histories(["e1", "e2"])) == ["e2"]


def test_environments_are_read_one_by_one_where_a_list_of_all_is_refused(divio: Divio, server: Server) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.path.endswith("applications/"):
            return Reply(200, listed(application("a"), application("b")))
        if "application" not in seen.query:
            return Reply(400, {"application": ["This field is required."]})
        return Reply(200, listed({"uuid": f"e-{seen.query['application'][0]}", "slug": "test", "branch": None}))

    server.answer = answer
    assert [(one.uuid, one.application) for one in divio.environments.list()] == [
        ("e-uuid-a", "uuid-a"),
        ("e-uuid-b", "uuid-b"),
    ]


def test_concurrent_readers_share_one_request(divio: Divio, server: Server) -> None:
    held = threading.Event()
    server.script(Reply(200, listed(application("a")), hold=held))
    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(divio.applications.list) for _ in range(8)]
        held.set()
        assert {len(one.result()) for one in readers} == {1}
    divio.applications.list()
    assert len(server.seen) == 1
    divio.applications.list(fresh=True)
    assert len(server.seen) == 2


def test_our_own_write_is_seen_by_the_next_reader(divio: Divio, server: Server) -> None:
    names = ["old"]

    def answer(seen: Seen) -> Reply:
        if seen.method == "PATCH":
            names.append(seen.body["name"])
            return Reply(200, application("a", name=names[-1]))
        return Reply(200, listed(application("a", name=names[-1])))

    server.answer = answer
    assert divio.applications.list()[0].name == "old"
    divio.applications.update("uuid-a", name="new")
    assert divio.applications.list()[0].name == "new"


def test_a_failed_reading_is_not_remembered(divio: Divio, server: Server) -> None:
    server.script(Reply(404, {"detail": "Not found."}), Reply(200, listed(application("a"))))
    with pytest.raises(NotFound):
        divio.applications.list()
    assert len(divio.applications.list()) == 1


def test_a_reading_that_began_before_a_write_is_not_kept() -> None:
    collections = Cache()
    began, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        began.set()
        go_on.wait(5)
        return "before"

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(collections.read, "n", "k", slow)
        began.wait(5)
        collections.forget("n")
        go_on.set()
        assert reader.result() == "before"
    assert collections.read("n", "k", lambda: "after") == "after"


def test_keys_are_asked_for_together_and_only_once() -> None:
    collections = Cache()
    asked: list[list[str]] = []

    def load(keys: Sequence[str]) -> dict[str, str]:
        asked.append(list(keys))
        return {key: key.upper() for key in keys}

    assert collections.read_many("n", ["a", "b"], load) == {"a": "A", "b": "B"}
    assert collections.read_many("n", ["b", "c"], load) == {"b": "B", "c": "C"}
    collections.forget("n", "a")
    collections.read_many("n", ["a", "b", "c"], load)
    assert asked == [["a", "b"], ["c"], ["a"]]


def test_an_interrupted_reader_leaves_nobody_waiting() -> None:
    collections = Cache()
    began, go_on = threading.Event(), threading.Event()

    def interrupted() -> str:
        began.set()
        go_on.wait(5)
        raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(collections.read, "n", "k", interrupted)
        began.wait(5)
        second = pool.submit(collections.read, "n", "k", lambda: "mine")
        go_on.set()
        with pytest.raises(KeyboardInterrupt):
            first.result(5)
        # Whether it waited for the first or came too late for that, it is not left hanging.
        with contextlib.suppress(OutcomeUnknown):
            assert second.result(5) == "mine"
