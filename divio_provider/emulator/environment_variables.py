"""Custom environment variables of an environment.

Known: lists need `application` or `environment`; a sensitive variable has no key `value`. Chosen: built-in variables are
not listed; names, lengths and the refusal of duplicates as below; values are kept byte for byte, blanks too; a variable
that stops being sensitive shows its value again.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field

from divio_provider.emulator import clock
from divio_provider.emulator.installation import Installation
from divio_provider.emulator.store import Row
from divio_provider.emulator.wire import GENERAL, Body, Form, Invalid, Query, Shown, body, found

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        message = "Enter a valid name: letters, digits and underscores, not starting with a digit."
        raise ValueError(message)
    return text


class EnvironmentVariableCreate(Body):
    """A new variable."""

    environment: str
    name: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_name)]
    value: str = Field(max_length=32768)
    is_sensitive: bool = False


class EnvironmentVariableUpdate(Body):
    """What can change of a variable."""

    value: str | None = Field(None, max_length=32768)
    is_sensitive: bool | None = None


class EnvironmentVariable(Shown):
    """A variable; `value` is missing when it is sensitive."""

    uuid: str
    environment: str
    name: str
    is_sensitive: bool
    value: str = ""


def routes(divio: Installation) -> APIRouter:
    """`/apps/v3/environment-variables/`."""
    router = APIRouter(prefix="/apps/v3/environment-variables", tags=["environment-variables"])
    store = divio.store

    @router.get("/", response_model=list[EnvironmentVariable])
    async def variables(request: Request) -> Response:
        query = Query(request, "environment_variables")
        by_environment = query.filter("environment")
        by_application = query.filter(
            "application", "environment IN (SELECT uuid FROM environments WHERE application IN ({}))"
        )
        if not by_environment and not by_application:
            raise Invalid({GENERAL: ["Filter by application or environment."]})
        query.filter("name")
        return query.page(store, divio.settings.page_size, lambda rows: [_shown(row) for row in rows])

    @router.get("/{uuid}/", response_model=EnvironmentVariable)
    async def variable(uuid: str) -> Response:
        return JSONResponse(_shown(found(store, "environment_variables", uuid)))

    @router.post(
        "/", status_code=201, response_model=EnvironmentVariable, openapi_extra=divio.takes(EnvironmentVariableCreate)
    )
    async def create(request: Request) -> Response:
        form = Form(EnvironmentVariableCreate, await body(request))
        environment = form.related(store, "environment", "environments")
        if environment and form["name"] is not None:
            taken = store.row(
                "SELECT 1 FROM environment_variables WHERE environment = ? AND name = ?",
                environment["uuid"],
                str(form["name"]),
            )
            if taken:
                form.refuse(GENERAL, "The fields environment, name must make a unique set.")
        form.done()
        row = {"uuid": clock.new_id(), **form.values}
        with store.change():
            store.insert("environment_variables", row)
        return JSONResponse(_shown(row), 201)

    @router.patch("/{uuid}/", response_model=EnvironmentVariable, openapi_extra=divio.takes(EnvironmentVariableUpdate))
    async def update(request: Request, uuid: str) -> Response:
        form = Form(EnvironmentVariableUpdate, await body(request))
        row = found(store, "environment_variables", uuid)
        for field in ("value", "is_sensitive"):
            if field in form.given and form[field] is None and field not in form.errors:
                form.refuse(field, "This field may not be null.")
        form.done()
        changes = {field: form[field] for field in ("value", "is_sensitive") if field in form.given}
        if changes:
            with store.change():
                store.update("environment_variables", uuid, **changes)
        return JSONResponse(_shown(row | changes))

    @router.delete("/{uuid}/", status_code=204, response_class=Response)
    async def delete(uuid: str) -> Response:
        found(store, "environment_variables", uuid)
        with store.change():
            store.run("DELETE FROM environment_variables WHERE uuid = ?", uuid)
        return Response(status_code=204)

    return router


def _shown(row: Row) -> Row:
    shown = {field: row[field] for field in ("uuid", "environment", "name", "is_sensitive")}
    return shown if row["is_sensitive"] else shown | {"value": row["value"]}
