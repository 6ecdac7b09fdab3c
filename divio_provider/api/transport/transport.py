"""How a request travels: the one funnel to Divio's API.

In this order: refuse what must not leave (no token, a write under ``read_only``), take a turn at the limiter, send
with the token, read the answer, decide about another attempt. The nouns only name a call of the contract and a body.

Its duties towards the outside: a session per thread (requests' sessions are not made for several), no redirect to
another host, a time limit for every answer.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel

from divio_provider.api.clock import SYSTEM_CLOCK, Clock
from divio_provider.api.errors import Busy, DivioError, EmptyId, NotFound, NoToken, ReadOnly
from divio_provider.api.transport.audit import Audit
from divio_provider.api.transport.exception_mapping import CAUGHT, error_for
from divio_provider.api.transport.limiter import Limiter, shared_limiter
from divio_provider.api.transport.responses import Response, data_of, error_of, not_understood, read
from divio_provider.api.transport.retry import Policy, pause_after
from divio_provider.api.transport.sessions import new_session

if TYPE_CHECKING:
    import requests

    from divio_provider.api.contract.types import Call
    from divio_provider.api.settings import Settings

READING = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_REDIRECTS = 3
TIMEOUT_S = (10.0, 60.0)
"""Seconds for the connection, and between two pieces of the answer."""

M = TypeVar("M", bound=BaseModel)
Params = Sequence[tuple[str, str]]
"""Query parameters; a name may occur several times."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Request:
    """A request before it is sent; `secrets` are values in it that no message may repeat."""

    method: str
    url: str
    path: str
    params: Params = ()
    body: Mapping[str, object] | None = field(default=None, repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)


class Transport:
    """Sends calls of the contract to one host, as one account.

    Args:
        settings: where, who and how fast.
        clock: whose time counts for retries.
        policy: how patient a request is.
        limiter: who lets requests through; the process's own for this host and token unless given.
        timeout_s: seconds for the connection, and between two pieces of the answer.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = SYSTEM_CLOCK,
        policy: Policy | None = None,
        limiter: Limiter | None = None,
        timeout_s: tuple[float, float] = TIMEOUT_S,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.policy = policy or Policy()
        # The process's limiter runs on the machine's clock; on another one, seconds would not mean the same.
        on_machine_time = clock is SYSTEM_CLOCK
        self._limiter = limiter or (None if on_machine_time else Limiter(settings.requests_per_second, clock))
        self._timeout_s = timeout_s
        self._thread = threading.local()
        self._audit = Audit(settings.audit, stack=settings.stack) if settings.audit else None

    @property
    def server_date(self) -> datetime | None:
        """Divio's own time (UTC, whole seconds) in this thread's last answer; None when it named none."""
        date: datetime | None = getattr(self._thread, "server_date", None)
        return date

    def learn_slug(self, uuid: str, slug: str) -> None:
        """Let the audit tell an application (its id) by its slug, although this process never asked for it."""
        if self._audit is not None:
            self._audit.subjects.learn({"uuid": uuid, "slug": slug})

    def send(
        self,
        call: Call,
        *ids: str,
        params: Params = (),
        body: Mapping[str, object] | None = None,
        secrets: Sequence[str] = (),
        about: str = "",
    ) -> object:
        """Send a call, again where that is safe, and give back the answer's JSON.

        Args:
            call: what the contract says about it.
            *ids: ids for the placeholders of its path.
            params: query parameters.
            body: sent as JSON, None for no body.
            secrets: values in the body that no message may repeat.
            about: what it is about, for the audit, where the body does not name it.

        Returns:
            The JSON, or None where the answer has no body, and for a deletion of what is already gone.

        Raises:
            DivioError: in all its kinds, see ``errors.py``.
        """
        path = call.url(*ids)
        for name, value in params:
            if not value.strip():
                # An empty filter would widen the list to everything.
                raise EmptyId(f"the filter {name} is empty", method=call.method, path=path)
        request = _Request(call.method, self.settings.api_url + path, path, params, body, secrets)
        if self._audit is None or call.method in READING:
            return self._persist(request)
        outcome = "interrupted"
        try:
            answer = self._persist(request)
            outcome = "done"
        except DivioError as error:
            outcome = f"{type(error).__name__}{f' {error.status}' if error.status else ''}"
            raise
        else:
            return answer
        finally:
            self._audit.record(self.clock.now(), call.method, path, body, about, outcome)

    def read(
        self, model: type[M], call: Call, *ids: str, params: Params = (), body: Mapping[str, object] | None = None
    ) -> M:
        """Send a call whose answer is one object; the rest is as for ``send``."""
        return read(model, self.send(call, *ids, params=params, body=body), call)

    def follow(self, call: Call, url: str) -> object:
        """Read another page of a list, by the address that Divio gave, on the same host (``pagination.py`` checks)."""
        return self._persist(_Request(call.method, url, call.path))

    def _persist(self, request: _Request) -> object:
        token = self._permit(request)
        method, request = request.method, replace(request, secrets=(token, *request.secrets))
        limiter = self._limiter or shared_limiter(self.settings.api_url, token, self.settings.requests_per_second)
        started: float | None = None
        attempt = 0
        while True:
            attempt += 1
            limiter.wait()
            if started is None:
                # Waiting for the first turn does not count: a long queue is no reason to give up.
                started = self.clock.monotonic()
            try:
                return self._once(request)
            except NotFound:
                if method == "DELETE":
                    return None
                raise
            except DivioError as error:
                error.attempts = attempt
                elapsed = self.clock.monotonic() - started
                # Not for secrecy, only so that those who failed together do not come back together.
                pause = pause_after(error, method, attempt, elapsed, self.policy, random.random())  # noqa: S311
                if pause is None:
                    raise
                log.info("%s %s: %s; attempt %d, again in %.1f s", method, request.path, error.problem, attempt, pause)
                if isinstance(error, Busy):
                    limiter.pause(pause)
                self.clock.sleep(pause)

    def _permit(self, request: _Request) -> str:
        if self.settings.read_only and request.method not in READING:
            raise ReadOnly(
                "the client only reads, so nothing is written",
                method=request.method,
                path=request.path,
                setting="read_only",
            )
        if self.settings.token is None:
            raise NoToken(
                "there is no token for Divio's API",
                hint=(
                    "Set the environment variable DIVIO_TOKEN, or log in with divio-cli, which keeps it in the netrc entry "
                    f"of {urlsplit(self.settings.api_url).hostname}."
                ),
                setting="token",
            )
        return self.settings.token

    def _once(self, request: _Request) -> object:
        for _ in range(MOST_REDIRECTS + 1):
            response = self._exchange(request)
            log.debug("%s %s: %d", request.method, request.path, response.status)
            if 200 <= response.status < 300:
                data = data_of(response)
                if self._audit is not None:
                    self._audit.subjects.learn(data)
                return data
            target = response.headers.get("location")
            if not 300 <= response.status < 400 or target is None:
                raise error_of(response, request.secrets, self.clock.now())
            request = replace(request, url=self._redirected(response, urljoin(request.url, target)), params=())
        raise not_understood(response, "the redirects do not end")

    def _exchange(self, request: _Request) -> Response:
        try:
            received = self._session().request(
                request.method,
                request.url,
                params=list(request.params),
                json=request.body,
                timeout=self._timeout_s,
                allow_redirects=False,
            )
        except CAUGHT as error:
            self._thread.server_date = None
            # Its own text and frames hold the address and the headers.
            raise error_for(error, request.method, request.path) from None
        headers = {name.lower(): value for name, value in received.headers.items()}
        response = Response(request.method, request.path, received.status_code, headers, received.content)
        self._thread.server_date = response.date
        return response

    def _redirected(self, response: Response, target: str) -> str:
        if not self.same_host(target):
            host = urlsplit(target).hostname or "another place"
            problem = f"answered {response.status} with a redirect to {host}, where the token is not sent"
            raise not_understood(response, problem)
        if response.method not in READING:
            # Followed, a redirected POST becomes a GET, and its body is lost.
            raise not_understood(response, f"answered {response.status} with a redirect, which a write does not follow")
        return target

    def same_host(self, url: str) -> bool:
        """Whether an absolute address is on the API's host: the same scheme, name and port."""
        return origin(url) == origin(self.settings.api_url)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._thread, "session", None)
        if session is None:
            session = new_session(self.settings.token or "")
            self._thread.session = session
        return session


def origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port of an absolute address; None when it is none.

    >>> origin("https://api.divio.com/apps/v3/") == origin("https://API.divio.com:443")
    True
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname or "", port)
