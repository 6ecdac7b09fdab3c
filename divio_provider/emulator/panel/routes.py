"""The panel's routes: the page's files, what it shows, and what it does."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from starlette.types import Message

from divio_provider.emulator.panel import views
from divio_provider.emulator.simulation.app_state import AppState

PAGE = Path(__file__).parent / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS = {
    # Nothing but its own files: a page that shows what others named and wrote runs and loads none of it.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
DOABLE = ("apps/v3/", "_emulator/mirrors")


def routes(divio: AppState, app: FastAPI) -> APIRouter:
    """`/` and `/_panel/`.

    Args:
        divio: what is shown.
        app: what does the page's work: the application that these routes become part of.
    """
    router = APIRouter(include_in_schema=False)
    files = {file.name: file.read_bytes() for file in PAGE.iterdir() if file.suffix in KINDS}

    @router.get("/")
    async def page() -> Response:
        return Response(files["index.html"], headers={**HEADERS, "Content-Type": KINDS[".html"]})

    @router.get("/_panel/overview")
    async def show_overview(request: Request) -> Response:
        return _fresh(request, views.overview(divio, request))

    @router.get("/_panel/applications/{slug}")
    async def show_application(request: Request, slug: str) -> Response:
        return _fresh(request, views.application(divio, request, slug))

    @router.get("/_panel/deployments/{uuid}/log")
    async def show_log(request: Request, uuid: str) -> Response:
        return _fresh(request, {"log": views.log(divio.db, uuid)})

    @router.api_route("/_panel/do/{path:path}", methods=["POST", "PATCH", "DELETE"])
    async def do(request: Request, path: str) -> Response:
        if not path.startswith(DOABLE):
            raise HTTPException(404)
        _from_this_page(request)
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        inner = {**request.scope, "path": f"/{path}", "raw_path": f"/{path}".encode(), "path_params": {}}
        inner.pop("route", None)
        await app(inner, request.receive, keep)
        # What a call answers may show values in clear: only a refusal is passed on. And it is passed on as a fact about the
        # call, not as an answer of 400, which browsers note as a fault of the page.
        status = answer[0]["status"]
        refused = json.loads(b"".join(part.get("body", b"") for part in answer)) if status >= 400 else None
        return JSONResponse({"status": status, "refused": refused}, headers={"Cache-Control": "no-store"})

    @router.get("/_panel/{name}")
    async def file(name: str) -> Response:
        if name not in files or name == "index.html":
            raise HTTPException(404)
        return Response(files[name], headers={**HEADERS, "Content-Type": KINDS[Path(name).suffix]})

    return router


def _fresh(request: Request, shown: dict[str, Any]) -> Response:
    """An answer that costs nothing on the way when the page has it already."""
    tag = f'"{hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return JSONResponse(shown, headers=headers)


def _from_this_page(request: Request) -> None:
    """Lets no other page in the same browser press our buttons: these calls have no token.

    Raises:
        HTTPException: 403.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "The control panel's buttons work on its own page only.")
