"""The middleware around every request: the record of calls, faults, the rate limit, the token, the `Date`.

It is plain ASGI around the application, because it may cut a connection, which no route can.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from email.utils import format_datetime

from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from divio_provider.emulator.simulation.app_state import AppState, Call
from divio_provider.emulator.simulation.deployments import settle
from divio_provider.emulator.simulation.faults import Fault
from divio_provider.emulator.world import clock

log = logging.getLogger("divio_provider.emulator")

OPEN = ("/apps/v3", "/apps/v3/")
FAMILIES = ("/apps/", "/iam/", "/billing/", "/legacy/")

_connections: dict[tuple[str, int], asyncio.BaseTransport] = {}


class Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's protocol, which also notes each connection, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Notes the connection under its client's address, which is what a request's scope carries."""
        self._peer = transport.get_extra_info("peername")
        _connections[self._peer] = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        _connections.pop(self._peer, None)
        super().connection_lost(exc)


class Middleware:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, divio: AppState) -> None:
        self._app = app
        self._divio = divio
        self._limit = RateLimit(divio.settings.rate_limit)
        self._authorization = f"token {divio.settings.token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        settle(self._divio)
        status: int | None = None  # as long as nothing was answered

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                date = (b"date", format_datetime(clock.now(), usegmt=True).encode())
                message = {**message, "headers": [*message.get("headers", ()), date]}
            await send(message)

        method, path = scope["method"], scope["path"]
        if path == "/" or path.startswith(("/_emulator", "/_panel/", "/_sites/")):
            await self._app(scope, receive, answer)
            return
        arrived, start = clock.stamp(), time.perf_counter()
        try:
            await self._answer(scope, receive, answer)
        finally:
            ms = round((time.perf_counter() - start) * 1000, 3)
            query = scope["query_string"].decode("latin-1")
            self._divio.calls.append(Call(method, path, query, status, arrived, ms))
            log.info("%s %s %s %.1f ms", method, path, status or "dropped", ms)

    async def _answer(self, scope: Scope, receive: Receive, answer: Send) -> None:
        refusal = self._limit.refusal()
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        rules = self._divio.faults.met(scope["method"], scope["path"])
        wait = self._divio.settings.latency + sum(rule.latency_ms for rule in rules) / 1000
        if wait:
            await asyncio.sleep(wait)
            settle(self._divio)
        rule = next((rule for rule in rules if rule.drop or rule.status), None)
        if rule is None:
            await self._serve(scope, receive, answer)
            return
        if rule.drop == "after" or (rule.status and rule.happens and not rule.drop):
            await self._serve(scope, receive, _nowhere)
        if rule.drop:
            await _cut(scope, receive)
        else:
            await _fault(rule)(scope, receive, answer)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if scope["method"] == "GET" and not path.endswith(("/", "/schema.json")):
            scope = {**scope, "path": f"{path}/"}
        if path.startswith(FAMILIES) and path not in OPEN and not path.endswith("/schema.json"):
            given = next((value for name, value in scope["headers"] if name == b"authorization"), b"").decode("latin-1")
            word, _, token = given.strip().partition(" ")
            if f"{word.lower()} {token.strip()}" != self._authorization:
                absent = "Authentication credentials were not provided."
                detail = "Invalid token." if word.lower() == "token" else absent
                await JSONResponse({"detail": detail}, 401, {"WWW-Authenticate": "Token"})(scope, receive, send)
                return
        if self._divio.permissions.hide(self._divio.db, path):
            await JSONResponse({"detail": "Not found."}, 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class RateLimit:
    """A bucket of one second's worth of requests, filled evenly."""

    def __init__(self, per_second: float | None) -> None:
        self._rate = per_second
        self._left = self._most = max(1.0, per_second or 0)
        self._at = time.monotonic()

    def refusal(self) -> Response | None:
        """The 429 for a request that arrives now, or None when it may pass."""
        if self._rate is None:
            return None
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return None
        wait = math.ceil((1 - self._left) / self._rate)
        detail = f"Request was throttled. Expected available in {wait} second{'' if wait == 1 else 's'}."
        return JSONResponse({"detail": detail}, 429, {"Retry-After": str(wait)})


def _fault(rule: Fault) -> Response:
    status = rule.status or 500
    headers = None if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
    if isinstance(rule.body, str):
        return Response(rule.body, status, headers, "text/html")
    if status in (204, 304):
        return Response(None, status, headers)
    body = {"detail": "A fault, as asked for."} if rule.body is None else rule.body
    return Response(json.dumps(body), status, headers, "application/json")  # NaN as well, which JSONResponse refuses


async def _nowhere(message: Message) -> None:
    """Where an answer goes that must not arrive."""


async def _cut(scope: Scope, receive: Receive) -> None:
    transport = _connections.get(tuple(scope["client"]))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
    # uvicorn writes a 500 for an application that ends without an answer, unless it knows that the client has gone.
    while (await receive())["type"] != "http.disconnect":
        pass
