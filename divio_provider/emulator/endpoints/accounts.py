"""Who is asking, and the organisations."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints.pagination import by_columns
from divio_provider.emulator.endpoints.routing import add_detail, add_list
from divio_provider.emulator.endpoints.serializers import Object
from divio_provider.emulator.simulation.app_state import AppState


class Me(Object):
    """The account that the token belongs to."""

    first_name: str
    last_name: str
    email: str
    timezone: str
    created_at: str


class Organisation(Object):
    """An organisation."""

    name: str
    created_at: str


def routes(divio: AppState) -> APIRouter:
    """`/iam/v3/`."""
    router = APIRouter(prefix="/iam/v3", tags=["iam"])

    @router.get("/me/", response_model=Me)
    async def me() -> Response:
        return JSONResponse(divio.db.row("SELECT * FROM users ORDER BY rowid"))

    add_list(router, "/organisations/", "organisations", Organisation, filters=by_columns("uuid"))
    add_detail(router, "/organisations/{uuid}/", "organisations", Organisation, name="organisation")
    return router
