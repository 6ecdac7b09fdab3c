"""Custom environment variables of an environment.

Known: lists need `application` or `environment`; a sensitive variable has no key `value`. Chosen: names, lengths and the
refusal of duplicates as below; a variable that stops being sensitive shows its value again. Switches (switches.py): blanks
at the ends of a value, and built-in variables in the list; those come first on the first page, cannot be removed, and a
PATCH makes a custom one over them.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints.activities import note_environment
from divio_provider.emulator.endpoints.pagination import OF_ENVIRONMENTS, Query, by_columns
from divio_provider.emulator.endpoints.routing import add_detail, creates, filtered_by, form_of, takes
from divio_provider.emulator.endpoints.serializers import Body, Form, Invalid, Object, matches, not_found
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.simulation.built_in_variables import built_in_rows
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row, marks

FILTERS = by_columns("environment") | {"application": OF_ENVIRONMENTS} | by_columns("name")


Name = Annotated[
    str,
    Field(min_length=1, max_length=255),
    matches(
        r"[A-Za-z_][A-Za-z0-9_]*", "Enter a valid name: letters, digits and underscores, not starting with a digit."
    ),
]


class EnvironmentVariableCreate(Body):
    """A new variable."""

    environment: str
    name: Name
    value: str = Field(max_length=32768)
    is_sensitive: bool = False


class EnvironmentVariableUpdate(Body):
    """What can change of a variable."""

    value: str | None = Field(None, max_length=32768)
    is_sensitive: bool | None = None


class EnvironmentVariable(Object):
    """A variable; `value` is missing when it is sensitive."""

    environment: str
    name: str
    is_sensitive: bool
    value: str = ""


def routes(divio: AppState) -> APIRouter:
    """`/apps/v3/environment-variables/`."""
    router = APIRouter(prefix="/apps/v3/environment-variables", tags=["environment-variables"])
    db, table = divio.db, "environment_variables"

    @router.get("/", response_model=list[EnvironmentVariable], openapi_extra=filtered_by(FILTERS))
    async def variables(request: Request) -> Response:
        query = Query(request, table)
        if not query.given("environment") and not query.given("application"):
            raise Invalid("Filter by application or environment.")
        query.filter(FILTERS)
        listed = divio.switches.built_ins == "listed"
        return query.page_of(_show(request, _with_built_ins(db, query))) if listed else query.page(_show)

    add_detail(router, "/{uuid}/", table, EnvironmentVariable, name="variable", show=_show)

    @router.post("/", **creates(EnvironmentVariableCreate, EnvironmentVariable))
    async def create(request: Request, form: Form = form_of(EnvironmentVariableCreate)) -> Response:
        environment = form.related(db, "environment", "environments")
        same = "SELECT 1 FROM environment_variables WHERE environment = ? AND name = ?"
        if environment and db.row(same, environment["uuid"], form["name"]):
            form.add_error(None, "The fields environment, name must make a unique set.")
        form.raise_errors()
        with db.transaction():
            row = db.insert(table, {**form.values, "value": _kept(divio, form["value"])})
            note_environment(db, row["environment"], "environment_variable", f"{row['name']} added")
        return JSONResponse(_show(request, [row])[0], 201)

    @router.patch("/{uuid}/", response_model=EnvironmentVariable, openapi_extra=takes(EnvironmentVariableUpdate))
    async def update(request: Request, uuid: str, form: Form = form_of(EnvironmentVariableUpdate)) -> Response:
        present = db.get(table, uuid)
        row = present or _built_in(divio, uuid) | {"uuid": clock.new_id()}
        changes = _changes(form)
        if "value" in changes:
            changes["value"] = _kept(divio, changes["value"])
        if changes:
            with db.transaction():
                if present:
                    db.update(table, uuid, **changes)
                else:
                    db.insert(table, row | changes)
                note_environment(db, row["environment"], "environment_variable", f"{row['name']} changed")
        return JSONResponse(_show(request, [row | changes])[0])

    @router.delete("/{uuid}/", status_code=204, response_class=Response)
    async def delete(uuid: str) -> None:
        row = db.get(table, uuid)
        if row is None:
            _built_in(divio, uuid)
            raise Invalid("A built-in variable cannot be removed.")
        with db.transaction():
            db.delete(table, uuid)
            note_environment(db, row["environment"], "environment_variable", f"{row['name']} removed")

    return router


def _kept(divio: AppState, value: str) -> str:
    return value.strip() if divio.switches.blanks == "trimmed" else value


def _changes(form: Form) -> Row:
    changes: Row = {field: form[field] for field in ("value", "is_sensitive") if field in form.given}
    for field, value in changes.items():
        if value is None and field not in form.errors:
            form.add_error(field, "This field may not be null.")
    form.raise_errors()
    return changes


def _with_built_ins(db: Database, query: Query) -> list[Row]:
    """The custom variables that the query finds, and before them the built-in ones of the same environments."""
    custom = query.rows()
    taken = {(row["environment"], row["name"]) for row in custom}
    names, where, values = query.given("name"), [], []
    for filter_, column in (("environment", "uuid"), ("application", "application")):
        if given := query.given(filter_):
            where.append(f"{column} IN ({marks(given)})")
            values += given
    built_in: list[Row] = []
    for environment in db.rows(f"SELECT * FROM environments WHERE {' AND '.join(where)} ORDER BY rowid", *values):
        wanted = [row for row in built_in_rows(db, environment) if not names or row["name"] in names]
        built_in += [row for row in wanted if (row["environment"], row["name"]) not in taken]
    return built_in + custom


def _built_in(divio: AppState, uuid: str) -> Row:
    """The built-in variable that is listed under this id, or 404."""
    if divio.switches.built_ins == "listed":
        for environment in divio.db.rows("SELECT * FROM environments"):
            for row in built_in_rows(divio.db, environment):
                if row["uuid"] == uuid:
                    return row
    return not_found()


def _show(_: Request, rows: list[Row]) -> list[Row]:
    shown = ("uuid", "environment", "name", "is_sensitive")
    return [{field: row[field] for field in (shown if row["is_sensitive"] else (*shown, "value"))} for row in rows]
