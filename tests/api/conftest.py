"""Real HTTP for the client: a scripted server for faults, and the local Divio for everything else.

Inputs: what a test scripts. Nothing is mocked but time: a fake clock counts the seconds that nobody waits for. The
client's environment is cleaned of tokens, netrc files and proxies, so that a developer's own never take part.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from divio_provider.api import Divio, Settings
from divio_provider.api.transport.retry import Policy

TOKEN = "canary-t0ken-0123456789"


class FakeClock:
    """A clock that moves only when somebody sleeps; several threads may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds = 1000.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        with self._lock:
            return self._seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._seconds += max(seconds, 0)
            self.sleeps.append(seconds)


@dataclass
class Seen:
    """A request as the server saw it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any
    connection: int = 0
    """The client's port: the same for requests on one connection."""


@dataclass
class Reply:
    """What the server does with one request."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    """Close the connection without an answer."""
    cut: bool = False
    """Announce more bytes than are sent."""
    hold: threading.Event | None = None
    """Answer only when this is set."""
    half: bool = False
    """Send the first half before waiting for `hold`."""


class Server:
    """Answers with a script, in order; the last reply repeats. `answer` may be a function of the request instead."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], Reply] = lambda _: Reply(500)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        if tls is not None:
            # The handshake is each connection's own business: a client that refuses us must not stop the others.
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]  # a handshake refused, as it should be
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.port = int(self._http.server_address[1])
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"

    def script(self, *replies: Reply) -> None:
        remaining = list(replies)
        self.answer = lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0]

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                url = urlsplit(self.path)
                seen = Seen(
                    self.command,
                    url.path,
                    parse_qs(url.query),
                    {name.lower(): value for name, value in self.headers.items()},
                    json.loads(raw) if raw else None,
                    self.client_address[1],
                )
                server.seen.append(seen)
                reply = server.answer(seen)
                if reply.hold is not None and not reply.half:
                    reply.hold.wait(10)
                if reply.drop:
                    self.close_connection = True
                    return
                self._reply(reply)

            def _reply(self, reply: Reply) -> None:
                text = isinstance(reply.body, str)
                content = (
                    b"" if reply.body is None else str(reply.body).encode() if text else json.dumps(reply.body).encode()
                )
                self.send_response(reply.status)
                headers = {"Content-Type": "text/plain" if text else "application/json", **reply.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content) + (10 if reply.cut else 0)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # who asked may have given up
                    first = content[: len(content) // 2] if reply.half else content
                    self.wfile.write(first)
                    if reply.hold is not None and reply.half:
                        reply.hold.wait(10)
                        self.wfile.write(content[len(first) :])
                self.close_connection = reply.cut

            # The names are http.server's.
            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

            def date_time_string(self, timestamp: float | None = None) -> str:
                return getattr(server, "date", None) or super().date_time_string(timestamp)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    names = ("DIVIO_TOKEN", "NETRC", "NETRC_PATH", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
             "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")  # fmt: skip
    for name in names:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.stop()


@pytest.fixture
def other_server() -> Iterator[Server]:
    one = Server()
    yield one
    one.stop()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def divio(server: Server, clock: FakeClock) -> Divio:
    """The client on the scripted server, on fake time, as fast as it can."""
    settings = Settings(token=TOKEN, api_url=server.url, requests_per_second=10_000)
    return Divio(settings, clock=clock, policy=Policy(attempts=4, deadline_s=60), timeout_s=(2, 5))


def listed(*results: object, following: str | None = None) -> dict[str, object]:
    """A list as Divio gives it."""
    return {"count": len(results), "next": following, "previous": None, "results": list(results)}
