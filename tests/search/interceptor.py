"""What stands between our client and Divio: it sees every request of a run, and may end the run or act between two."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from divio_provider.api.transport import sessions, transport

Phase = Literal["before", "after"]


class Killed(BaseException):
    """The run's process is gone: nothing catches this, and no request leaves any more."""


@dataclass(frozen=True)
class Kill:
    """Where a run is killed: at its n-th request, before it leaves or when its answer is on the way."""

    request: int
    phase: Phase


@dataclass(frozen=True)
class Sent:
    """A request that is about to leave, or that was answered."""

    number: int
    method: str
    path: str
    body: bytes | None = None
    status: int | None = None
    answer: Any = None

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS")


class Interceptor:
    """One run's requests, in the order in which they leave: one at a time, so that a run is the same each time."""

    def __init__(
        self,
        *,
        before: Callable[[Sent], None] = lambda _: None,
        after: Callable[[Sent], None] = lambda _: None,
        kill: Kill | None = None,
    ) -> None:
        self.count = 0
        self.writes = 0
        self.killed = False
        self._before, self._after, self._kill = before, after, kill
        self._lock = threading.RLock()
        self._sessions: list[requests.Session] = []

    def exchange(self, request: requests.PreparedRequest, send: Callable[[], requests.Response]) -> requests.Response:
        with self._lock:
            self._die(self.killed)
            self.count += 1
            path = urlsplit(request.url or "").path
            body = request.body.encode() if isinstance(request.body, str) else request.body
            sent = Sent(self.count, request.method or "", path, body)
            self._die(self._kill == Kill(self.count, "before"))
            self._before(sent)
            self.writes += sent.writes
            response = send()
            answer = response.json() if sent.writes and response.ok and response.content else None
            self._after(Sent(self.count, sent.method, path, body, response.status_code, answer))
            if self._kill == Kill(self.count, "after"):
                response.close()
                self._die(True)
            return response

    def _die(self, now: bool) -> None:
        if now:
            self.killed = True
            raise Killed

    def close(self) -> None:
        """The run is over, and with it its connections."""
        for session in self._sessions:
            session.close()

    def intercept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every session that the client opens from now on sends through here."""

        def session(token: str) -> requests.Session:
            opened = sessions.new_session(token)
            opened.mount("http://", _Adapter(self))
            self._sessions.append(opened)
            return opened

        monkeypatch.setattr(transport, "new_session", session)


class _Adapter(HTTPAdapter):
    def __init__(self, interceptor: Interceptor) -> None:
        super().__init__()
        self._interceptor = interceptor

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        send = super().send
        return self._interceptor.exchange(request, lambda: send(request, *args, **more))
