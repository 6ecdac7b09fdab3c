"""What the routes of all nouns share: a list, a single object, what is read before a handler runs, and what the schema says.

FastAPI is told of bodies and filters for `schema.json` only: it would refuse a wrong one in other words than Divio's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from divio_provider.emulator.endpoints.pagination import Filters, Query, Show, state_of
from divio_provider.emulator.endpoints.serializers import Form, get_or_404, read_body
from divio_provider.emulator.world.database import Row

SCHEMAS = "#/components/schemas/{model}"
BODIES: dict[str, type[BaseModel]] = {}
"""The bodies that routes take, by name, for `schema.json`."""


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
    router.add_api_route(path, listed, name=name or table, response_model=many, openapi_extra=filtered_by(filters))


def add_detail(
    router: APIRouter, path: str, table: str, model: type[BaseModel], *, name: str, show: Show | None = None
) -> None:
    """Adds a single row of a table to a router, or 404; the arguments are those of `add_list`."""

    async def detail(request: Request, row: Row = row_of(table)) -> Response:
        return JSONResponse((show or fields_of(model))(request, [row])[0])

    router.add_api_route(path, detail, name=name, response_model=model)


def fields_of(model: type[BaseModel]) -> Show:
    """Shows the fields of a model, each of them a column."""

    def show(_: Request, rows: list[Row]) -> list[Row]:
        return [{field: row[field] for field in model.model_fields} for row in rows]

    return show


def form_of(model: type[BaseModel]) -> Any:
    """The default of a handler's argument that is the request's body, examined as this model."""

    async def read(request: Request) -> Form:
        return Form(model, await read_body(request))

    return Depends(read)


def row_of(table: str) -> Any:
    """The default of a handler's argument that is the row whose id stands in the path, or 404. It comes after a body's."""

    async def read(request: Request, uuid: str) -> Row:
        return get_or_404(state_of(request).db, table, uuid)

    return Depends(read)


def creates(body: type[BaseModel], answer: type[BaseModel]) -> dict[str, Any]:
    """The options of a POST that takes this body and answers 201, for its decorator."""
    return {"status_code": 201, "response_model": answer, "openapi_extra": takes(body)}


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """Declares that a route takes this body: the `openapi_extra` of its decorator."""
    BODIES[model.__name__] = model
    schema = {"$ref": SCHEMAS.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def filtered_by(filters: Iterable[str]) -> dict[str, Any]:
    """Declares that a list takes these filters, each any number of times, and is paged: the `openapi_extra` of its route."""
    texts, number = {"type": "array", "items": {"type": "string"}}, {"type": "integer"}
    schemas = dict.fromkeys(filters, texts) | dict.fromkeys(("page", "page_size"), number)
    return {
        "parameters": [{"name": name, "in": "query", "required": False, "schema": one} for name, one in schemas.items()]
    }
