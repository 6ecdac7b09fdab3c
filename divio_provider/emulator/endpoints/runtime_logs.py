"""What the containers of an environment write while they run.

Known: the fields, the filters, and paging by cursor: `next` is always there and may lead to nothing new, `previous` leads
back and repeats its own address at the beginning instead of being null. Chosen: the lines, made from the deployments; no
value of a variable is among them but the number of the site.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints.pagination import address
from divio_provider.emulator.endpoints.serializers import Answer, Invalid, get_or_404, root
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row

LINES = ("Starting {image}", "Listening at: http://0.0.0.0:80", "Serving site {site_id} as {domain}")


class LogLine(Answer):
    """One line of a container's log."""

    timestamp: str
    service: str
    message: str


class LogPage(Answer):
    """A part of a log; `next` can be asked again and again for what was written since."""

    next: str
    previous: str
    results: list[LogLine]


def routes(divio: AppState) -> APIRouter:
    """`/apps/v3/environments/{uuid}/logs/`."""
    router = APIRouter(tags=["environments"])

    @router.get("/apps/v3/environments/{uuid}/logs/", response_model=LogPage)
    async def logs(request: Request, uuid: str) -> Response:
        get_or_404(divio.db, "environments", uuid)
        first, last = _moment(request, "from_ts"), _moment(request, "to_ts")
        lines = [
            line
            for line in _lines(divio.db, uuid)
            if (first is None or line["timestamp"] >= first) and (last is None or line["timestamp"] <= last)
        ]
        cursor = request.query_params.get("cursor")
        begin, end = _span(cursor, len(lines), divio.settings.page_size)
        own = f"{root(request)}{request.url.path}?{request.url.query}".removesuffix("?")
        previous = own if cursor is not None and begin == 0 else _link(request, f"before {begin}")
        return JSONResponse({"next": _link(request, f"after {end}"), "previous": previous, "results": lines[begin:end]})

    return router


def _lines(db: Database, environment: str) -> list[Row]:
    lines: list[Row] = []
    for deployment in db.rows(
        "SELECT * FROM deployments WHERE environment = ? AND success = 1 ORDER BY ended_at, rowid", environment
    ):
        carried = deployment["variables"]
        facts = {"site_id": carried.get("SITE_ID", "1"), "domain": carried.get("DOMAIN", "")}
        for line in LINES:
            message = line.format(image=deployment["image"], **facts)
            lines.append({"timestamp": deployment["ended_at"], "service": "web", "message": message})
    return lines


def _span(cursor: str | None, count: int, size: int) -> tuple[int, int]:
    """The first line of the page and the first behind it."""
    if cursor is None:
        return max(0, count - size), count
    try:
        word, _, text = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        place = min(int(text[:9]), count)
    except (ValueError, binascii.Error) as error:
        raise HTTPException(400, "Invalid cursor") from error
    if place < 0 or word not in ("after", "before"):
        raise HTTPException(400, "Invalid cursor")
    return (max(0, place - size), place) if word == "before" else (place, min(count, place + size))


def _link(request: Request, cursor: str) -> str:
    return address(request, "cursor", base64.urlsafe_b64encode(cursor.encode()).decode())


def _moment(request: Request, name: str) -> str | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return clock.stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise Invalid({name: ["Enter a valid date/time."]}) from error
