"""The health view, asked over HTTP from a real server, as `rollout.verify` asks it."""

import contextlib
import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.postgres import Postgres
from tests.processes import Database, Site, serve

NewDatabase = Callable[..., Database]


@pytest.fixture
def blog(new_database: NewDatabase) -> Site:
    release = {"ESTATE_RELEASE": "2026-11"}
    return Site(new_database(), site_id=2, slug="acme-blog", role="mirror", domain="blog.example", more=release)


def ask(port: int, host: str = "blog.example", method: str = "GET") -> tuple[http.client.HTTPResponse, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, "/health/", headers={"Host": host})
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    return response, json.loads(body) if response.getheader("Content-Type") == "application/json" and body else body


def test_it_says_who_the_site_is(blog: Site) -> None:
    with serve(blog) as port:
        response, found = ask(port)
    assert response.status == 200
    assert found == {"slug": "acme-blog", "site_id": 2, "release": "2026-11", "database": True}
    assert "no-store" in str(response.getheader("Cache-Control"))
    assert response.getheader("Set-Cookie") is None


def test_it_names_slug_and_site_id_as_the_estates_verification_looks_for_them(blog: Site) -> None:
    with serve(blog) as port:
        text = json.dumps(ask(port)[1])
    # As `identity` of rollout.verify reads a page: each a word of its own.
    for word in ("acme-blog", "2"):
        assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)
    for word in ("acme", "1", "26", "20"):
        assert not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)


def test_it_needs_no_session_or_any_table_and_no_estate(new_database: NewDatabase) -> None:
    plain = Site(
        new_database(migrated=False), role="", slug="", more={"SITE_ID": "", "STAGE": ""}, domain="blog.example"
    )
    with serve(plain) as port:
        response, found = ask(port)
    assert (response.status, found) == (200, {"slug": None, "site_id": 1, "release": None, "database": True})


def test_it_answers_without_the_sites_framework(blog: Site) -> None:
    with serve(replace(blog, more={"WITHOUT": "django.contrib.sites"})) as port:
        response, found = ask(port)
    assert (response.status, found["database"]) == (200, True)


def test_it_answers_the_deployed_domain_alone_and_reads_only(blog: Site) -> None:
    with serve(blog) as port:
        assert ask(port, host="elsewhere.example")[0].status == 400
        assert ask(port, method="POST")[0].status in {403, 405}
        response, body = ask(port, method="HEAD")
    assert (response.status, body) == (200, b"")


def test_a_malformed_environment_is_no_crash(blog: Site) -> None:
    with serve(replace(blog, role="boss")) as port:
        response, found = ask(port)
    assert (response.status, found["database"]) == (200, True)


# --- A database that does not answer --------------------------------------------------------------------------------


class Network(threading.Thread):
    """What lies between a site and its database: it takes connections and says nothing, until it is mended.

    A connection from before stays silent for ever, as one to a host behind a lost network does.
    """

    def __init__(self, postgres: Postgres | None = None) -> None:
        super().__init__(daemon=True)
        self._server = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self._server.getsockname()[1]
        self._postgres, self._kept, self.mended = postgres, [], False

    def __enter__(self) -> "Network":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.close()
        for connection in self._kept:
            connection.close()

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                site, _ = self._server.accept()
                self._kept.append(site)
                if self.mended and self._postgres:
                    database = socket.socket(socket.AF_UNIX)
                    database.connect(f"{self._postgres.host}/.s.PGSQL.5432")
                    self._kept.append(database)
                    for pair in ((site, database), (database, site)):
                        threading.Thread(target=_pump, args=pair, daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(
    "atomic",
    [pytest.param({}, id=""), pytest.param({"ATOMIC_REQUESTS": "1"}, id="ATOMIC_REQUESTS", marks=pytest.mark.slow)],
)
def test_a_database_that_is_silent_is_said_soon_and_to_everybody(atomic: dict[str, str]) -> None:
    with Network() as silent:
        more = {"DATABASE_URL": f"postgres://joe:hunter2@127.0.0.1:{silent.port}/secretname", **atomic}
        blog = Site(Database("none"), 2, "acme-blog", "mirror", domain="blog.example", more=more)
        with serve(blog) as port, ThreadPoolExecutor(20) as pool:
            began = time.monotonic()
            answers = list(pool.map(lambda _: ask(port), range(20)))
            # 20 at once wait beside each other, not one after the other.
            assert time.monotonic() - began < 15
    for response, found in answers:
        assert response.status == 503
        assert found == {"slug": "acme-blog", "site_id": 2, "release": None, "database": False}


def test_a_database_that_is_gone_and_comes_back_is_said_each_time(postgres: Postgres) -> None:
    with postgres.database("comes_and_goes") as name:
        main = Site(Database(name, postgres), domain="blog.example")
        assert main.manage("migrateoriginal", "-v0").code == main.manage("updatesite").code == 0
        with serve(main) as port:
            assert ask(port)[0].status == 200
            with postgres.connect() as connection:
                connection.execute(f"ALTER DATABASE {name} RENAME TO away")
                response, found = ask(port)
                assert (response.status, found["database"]) == (503, False)
                connection.execute(f"ALTER DATABASE away RENAME TO {name}")
            assert ask(port)[0].status == 200


@pytest.mark.slow
def test_a_connection_that_hangs_for_ever_does_not_outlive_the_trouble(postgres: Postgres) -> None:
    with postgres.database("mended") as name, Network(postgres) as network:
        main = Site(Database(name, postgres), domain="blog.example")
        assert main.manage("migrateoriginal", "-v0").code == main.manage("updatesite").code == 0
        url = f"postgres://postgres@127.0.0.1:{network.port}/{name}"
        with serve(replace(main, more={"DATABASE_URL": url})) as port:
            assert ask(port)[0].status == 503
            network.mended = True
            _until(lambda: ask(port)[0].status == 200)


def test_it_leaves_no_connection_behind(postgres: Postgres) -> None:
    with postgres.database("asked") as name:
        main = Site(Database(name, postgres), domain="blog.example")
        with serve(main) as port:
            assert ask(port)[1]["database"]
            left = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'asked' AND pid <> pg_backend_pid()"
            _until(lambda: main.database.rows(left) == [(0,)])


def _until(condition: Callable[[], bool], timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
