"""The sites themselves: every deployed environment answers HTTP at a local address, which is given as its URL.

A site shows what it was deployed with, never what is merely set. A site without `SITE_ID` says 1, as Django's settings do.
"""

from __future__ import annotations

from html import escape

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from divio_provider.emulator.endpoints.serializers import not_found, root
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world.database import Database, Row


def url_of(request: Request, application: str, environment: Row) -> str | None:
    """The address of a deployed environment, on the host that the client speaks to; None before it was deployed."""
    deployed = environment["last_successful"] is not None
    return f"{root(request)}/_sites/{application}/{environment['slug']}/" if deployed else None


def environment_of(db: Database, slug: str, environment: str) -> Row:
    """The environment of an application, both by slug, or 404."""
    row = db.row(
        "SELECT environments.* FROM environments JOIN applications ON applications.uuid = application "
        "WHERE applications.slug = ? AND environments.slug = ?",
        slug,
        environment,
    )
    return row or not_found()


def routes(divio: AppState) -> APIRouter:
    """`/_sites/SLUG/ENVIRONMENT/` and everything below."""
    router = APIRouter(prefix="/_sites", include_in_schema=False)

    @router.get("/{slug}/{environment}/{path:path}")
    @router.get("/{slug}/{environment}")
    async def site(request: Request, slug: str, environment: str) -> Response:
        row = environment_of(divio.db, slug, environment)
        deployed = divio.db.get("deployments", row["last_successful"])
        if deployed is None:
            return _page(503, slug, f"{slug} {environment} was never deployed")
        status = row["site"].get("status") or 200
        site_id = deployed["variables"].get("SITE_ID", "1")
        host = request.headers.get("host", "")
        return _page(status, slug, f"{slug} {environment} SITE_ID {site_id}", f"asked as {host}", deployed["image"])

    return router


def _page(status: int, title: str, *lines: str) -> Response:
    text = "".join(f"<p>{escape(line)}</p>\n" for line in lines)
    page = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>\n'
    return HTMLResponse(f"{page}<body><h1>{escape(title)}</h1>\n{text}</body></html>\n", status)
