"""What is left of the API before v3: the look-up of an application by its old number, which divio-cli still does.

Chosen: numbers are given out from 1001 on, in order of creation.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import Query, Shown
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world.database import Row


class LegacyApplication(Shown):
    """An application under its old number."""

    id: int
    uuid: str


def routes(divio: Installation) -> APIRouter:
    """`/legacy/v3/applications/`."""
    router = APIRouter(prefix="/legacy/v3", tags=["legacy"])

    @router.get("/applications/", response_model=list[LegacyApplication], openapi_extra=filters("id"))
    async def applications(request: Request) -> Response:
        query = Query(request, "applications")
        query.filter("id", "CAST(number AS TEXT) IN ({})")
        return query.page(divio.store, divio.settings.page_size, _shown)

    return router


def _shown(rows: list[Row]) -> list[Row]:
    return [{"id": row["number"], "uuid": row["uuid"]} for row in rows]
