"""Environments beside `test` and `live`: added, copied, removed.

Known: POST and copy with their fields, the limit with its words. Chosen: five on every plan; a copy has the branch and the
custom variables, no services; `test` and `live` cannot be removed.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field

from divio_provider.emulator.endpoints import activities
from divio_provider.emulator.endpoints.environments import Environment, add, show
from divio_provider.emulator.endpoints.serializers import GENERAL, Body, Form, Invalid, body, found
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Store

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST = 5
"""Environments of an application. Divio's limit hangs on the plan; one script of a Divio user assumes this one."""


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        message = 'Enter a valid "slug" consisting of lower-case letters, numbers and single hyphens.'
        raise ValueError(message)
    return text


Slug = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_slug)]


class EnvironmentCreate(Body):
    """A new environment."""

    application: str
    slug: Slug
    branch: str = Field(min_length=1, max_length=255)


class EnvironmentCopy(Body):
    """A new environment like another one."""

    new_slug: Slug


def routes(divio: Installation) -> APIRouter:
    """What makes and removes environments, under `/apps/v3/environments/`."""
    router = APIRouter(prefix="/apps/v3/environments", tags=["environments"])
    store = divio.store

    @router.post("/", status_code=201, response_model=Environment, openapi_extra=divio.takes(EnvironmentCreate))
    async def create(request: Request) -> Response:
        form = Form(EnvironmentCreate, await body(request))
        application = form.related(store, "application", "applications")
        if application:
            _examine(store, form, application["uuid"], "slug")
        form.done()
        with store.change():
            row = add(store, form["application"], form["slug"], form["branch"])
        return JSONResponse(show(divio, request, [row])[0], 201)

    @router.post(
        "/{uuid}/copy/", status_code=201, response_model=Environment, openapi_extra=divio.takes(EnvironmentCopy)
    )
    async def copy(request: Request, uuid: str) -> Response:
        form = Form(EnvironmentCopy, await body(request))
        source = found(store, "environments", uuid)
        _examine(store, form, source["application"], "new_slug")
        form.done()
        with store.change():
            row = add(store, source["application"], form["new_slug"], source["branch"])
            for variable in store.rows("SELECT * FROM environment_variables WHERE environment = ?", uuid):
                twin = {**variable, "uuid": clock.new_id(), "environment": row["uuid"]}
                store.insert("environment_variables", twin)
        return JSONResponse(show(divio, request, [row])[0], 201)

    @router.delete("/{uuid}/", status_code=204, response_class=Response)
    async def delete(uuid: str) -> Response:
        row = found(store, "environments", uuid)
        if row["slug"] in ("test", "live"):
            raise Invalid({GENERAL: [f"The environment {row['slug']} cannot be removed."]})
        with store.change():
            activities.note(store, row["application"], "environment", f"Environment {row['slug']} removed")
            store.run("DELETE FROM environments WHERE uuid = ?", uuid)
        return Response(status_code=204)

    return router


def _examine(store: Store, form: Form, application: str, field: str) -> None:
    rows = store.rows("SELECT slug FROM environments WHERE application = ?", application)
    if form[field] in [row["slug"] for row in rows]:
        form.refuse(field, "An environment with this slug already exists.")
    if len(rows) >= MOST:
        form.refuse(GENERAL, "Can not add another Environment.")
