"""The two reading calls that most nouns have: their list, and a single object."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from divio_provider.emulator.endpoints.pagination import Filters, Query, Show, declared
from divio_provider.emulator.endpoints.serializers import get_or_404
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world.database import Row


def add_list(
    router: APIRouter,
    path: str,
    table: str,
    model: type[BaseModel],
    *,
    filters: Filters,
    name: str = "",
    show: Show | None = None,
    order: str = "rowid",
) -> None:
    """Adds the list of a table's rows to a router.

    Args:
        router: the noun's.
        path: the list's, below that of the router.
        table: where the rows are.
        model: what is shown of a row, for the schema and, without `show`, in the answers.
        filters: each may be given several times; others are ignored.
        name: the operation's, for the schema; by default the table's.
        show: what Divio shows of the rows.
        order: the list's order, in SQL.
    """

    async def listed(request: Request) -> Response:
        query = Query(request, table)
        query.filter(filters)
        return query.page(show or fields_of(model), order=order)

    many: Any = list[model]  # type: ignore[valid-type]  # made at run time
    router.add_api_route(path, listed, name=name or table, response_model=many, openapi_extra=declared(filters))


def add_detail(
    router: APIRouter, path: str, table: str, model: type[BaseModel], *, name: str, show: Show | None = None
) -> None:
    """Adds a single row of a table to a router, or 404; the arguments are those of `add_list`."""

    async def detail(request: Request, uuid: str) -> Response:
        divio: AppState = request.app.state.divio
        row = get_or_404(divio.db, table, uuid)
        return JSONResponse((show or fields_of(model))(request, [row])[0])

    router.add_api_route(path, detail, name=name, response_model=model)


def fields_of(model: type[BaseModel]) -> Show:
    """Shows the fields of a model, each of them a column."""

    def show(_: Request, rows: list[Row]) -> list[Row]:
        return [{field: row[field] for field in model.model_fields} for row in rows]

    return show
