"""Custom environment variables of an environment.

Known: lists need `application` or `environment`; a sensitive variable has no key `value`. Chosen: names, lengths and the
refusal of duplicates as below; a variable that stops being sensitive shows its value again. Switches (switches.py): blanks
at the ends of a value, and built-in variables in the list; those come first on the first page, cannot be removed, and a
PATCH makes a custom one over them.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field

from divio_provider.emulator.endpoints.activities import note_environment
from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.listed_built_ins import custom_over, with_built_ins
from divio_provider.emulator.endpoints.serializers import GENERAL, Body, Form, Invalid, Query, Shown, body, found
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store

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

    @router.get(
        "/", response_model=list[EnvironmentVariable], openapi_extra=filters("environment", "application", "name")
    )
    async def variables(request: Request) -> Response:
        query = Query(request, "environment_variables")
        by_environment = query.filter("environment")
        by_application = query.filter(
            "application", "environment IN (SELECT uuid FROM environments WHERE application IN ({}))"
        )
        if not by_environment and not by_application:
            raise Invalid({GENERAL: ["Filter by application or environment."]})
        query.filter("name")
        if divio.switches.built_ins == "listed":
            return query.page_of(with_built_ins(store, query), divio.settings.page_size, _all_shown)
        return query.page(store, divio.settings.page_size, _all_shown)

    @router.get("/{uuid}/", response_model=EnvironmentVariable)
    async def variable(uuid: str) -> Response:
        return JSONResponse(_shown(found(store, "environment_variables", uuid)))

    @router.post(
        "/", status_code=201, response_model=EnvironmentVariable, openapi_extra=divio.takes(EnvironmentVariableCreate)
    )
    async def create(request: Request) -> Response:
        form = Form(EnvironmentVariableCreate, await body(request))
        environment = form.related(store, "environment", "environments")
        if environment and _taken(store, environment["uuid"], form["name"]):
            form.refuse(GENERAL, "The fields environment, name must make a unique set.")
        form.done()
        row = {"uuid": clock.new_id(), **form.values, "value": _kept(divio, form["value"])}
        with store.change():
            store.insert("environment_variables", row)
            note_environment(store, row["environment"], "environment_variable", f"{row['name']} added")
        return JSONResponse(_shown(row), 201)

    @router.patch("/{uuid}/", response_model=EnvironmentVariable, openapi_extra=divio.takes(EnvironmentVariableUpdate))
    async def update(request: Request, uuid: str) -> Response:
        form = Form(EnvironmentVariableUpdate, await body(request))
        row = store.get("environment_variables", uuid) or custom_over(divio, uuid)
        changes = _changes(divio, form)
        if changes:
            _write(store, row, changes, is_new=row["uuid"] != uuid)
        return JSONResponse(_shown(row | changes))

    @router.delete("/{uuid}/", status_code=204, response_class=Response)
    async def delete(uuid: str) -> Response:
        _remove(divio, uuid)
        return Response(status_code=204)

    return router


def _taken(store: Store, environment: str, name: object) -> bool:
    sql = "SELECT 1 FROM environment_variables WHERE environment = ? AND name = ?"
    return isinstance(name, str) and store.row(sql, environment, name) is not None


def _changes(divio: Installation, form: Form) -> Row:
    for field in ("value", "is_sensitive"):
        if field in form.given and form[field] is None and field not in form.errors:
            form.refuse(field, "This field may not be null.")
    form.done()
    changes: Row = {field: form[field] for field in ("value", "is_sensitive") if field in form.given}
    if "value" in changes:
        changes["value"] = _kept(divio, changes["value"])
    return changes


def _write(store: Store, row: Row, changes: Row, *, is_new: bool) -> None:
    with store.change():
        if is_new:
            store.insert("environment_variables", row | changes)
        else:
            store.update("environment_variables", row["uuid"], **changes)
        note_environment(store, row["environment"], "environment_variable", f"{row['name']} changed")


def _remove(divio: Installation, uuid: str) -> None:
    store = divio.store
    row = store.get("environment_variables", uuid)
    if row is None:
        custom_over(divio, uuid)
        raise Invalid({GENERAL: ["A built-in variable cannot be removed."]})
    with store.change():
        store.run("DELETE FROM environment_variables WHERE uuid = ?", uuid)
        note_environment(store, row["environment"], "environment_variable", f"{row['name']} removed")


def _kept(divio: Installation, value: str) -> str:
    return value.strip() if divio.switches.blanks == "trimmed" else value


def _all_shown(rows: list[Row]) -> list[Row]:
    return [_shown(row) for row in rows]


def _shown(row: Row) -> Row:
    shown = {field: row[field] for field in ("uuid", "environment", "name", "is_sensitive")}
    return shown if row["is_sensitive"] else shown | {"value": row["value"]}
