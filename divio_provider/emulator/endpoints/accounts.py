"""Who is asking, and the organisations."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import Query, Shown, found
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world.database import Row


class Me(Shown):
    """The account that the token belongs to."""

    uuid: str
    first_name: str
    last_name: str
    email: str
    timezone: str
    created_at: str


class Organisation(Shown):
    """An organisation."""

    uuid: str
    name: str
    created_at: str


def routes(divio: Installation) -> APIRouter:
    """`/iam/v3/`."""
    router = APIRouter(prefix="/iam/v3", tags=["iam"])

    @router.get("/me/", response_model=Me)
    async def me() -> Response:
        return JSONResponse(divio.store.row("SELECT * FROM users ORDER BY rowid"))

    @router.get("/organisations/", response_model=list[Organisation], openapi_extra=filters("uuid"))
    async def organisations(request: Request) -> Response:
        query = Query(request, "organisations")
        query.filter("uuid")
        return query.page(divio.store, divio.settings.page_size, _as_they_are)

    @router.get("/organisations/{uuid}/", response_model=Organisation)
    async def organisation(uuid: str) -> Response:
        return JSONResponse(found(divio.store, "organisations", uuid))

    return router


def _as_they_are(rows: list[Row]) -> list[Row]:
    return rows
