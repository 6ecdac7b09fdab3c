"""Applications, and what comes and goes with them.

Known: the fields of POST, that `test` and `live` exist at once, that nothing is deployed and no service added.
Chosen: fields beyond divio-cli's five; PATCH changes the name and nothing else; DELETE is immediate and refused while
mirrors exist; a slug is lower-case letters, digits and hyphens. Where a switch allows that DELETE, the mirrors stay: they run
on, their relation names an application that is gone, and their deployments fail for want of an image. Of the API before v3
divio-cli still does the look-up of an application by its old number; here numbers are given out from 1001 on, in order of
creation.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, create_model

from divio_provider.emulator.endpoints import activities, environments
from divio_provider.emulator.endpoints.pagination import by_columns, state_of
from divio_provider.emulator.endpoints.routing import add_detail, add_list, creates, fields_of, form_of, row_of, takes
from divio_provider.emulator.endpoints.serializers import Answer, Body, Form, Invalid, Object, get_or_404
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.simulation.images import live_of
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row, marks

LONGEST_SLUG = 57
"""With `-stage` a label of a host name, which holds 63 characters."""


class ReleaseCommand(Body):
    """A command that runs in the release image."""

    label: str = Field(min_length=1)
    command: str = Field(min_length=1)


class ApplicationCreate(Body):
    """A new application."""

    name: str = Field(min_length=1, max_length=255)
    slug: str = Field(min_length=1, max_length=LONGEST_SLUG)
    organisation: str
    plan_group: str
    region: str
    repository: str | None = None
    branch: str = Field("main", min_length=1, max_length=255)
    app_template: str | None = None
    release_commands: list[ReleaseCommand] | None = None


class ApplicationUpdate(Body):
    """What can change of an application."""

    name: str = Field(min_length=1, max_length=255)


class LegacyApplication(Answer):
    """An application under its old number."""

    id: int
    uuid: str


class Application(Object):
    """An application; beside these fields one for the original of a mirror, and `<environment>_status` objects."""

    name: str
    slug: str
    organisation: str
    repository: str | None
    region: str
    plan_group: str
    created_at: str


def routes(divio: AppState) -> APIRouter:
    """`/apps/v3/applications/`."""
    router = APIRouter(prefix="/apps/v3/applications", tags=["applications"])
    db, mirrors = divio.db, divio.settings.mirrors
    body: type[BaseModel] = ApplicationCreate
    if mirrors.kind == "field":
        relation: dict[str, Any] = {mirrors.name: (str | None, None)}
        body = create_model("ApplicationCreate", __base__=ApplicationCreate, **relation)
    model = schema(mirrors.relation)
    add_list(router, "/", "applications", model, filters=by_columns("slug", "organisation", "uuid"), show=show)
    add_detail(router, "/{uuid}/", "applications", model, name="application", show=show)

    @router.post("/", **creates(body, model))
    async def create(request: Request, form: Form = form_of(body)) -> Response:
        examine(db, form)
        plan, region = form.related(db, "plan_group", "plan_groups"), form.related(db, "region", "regions")
        if plan and region and region["uuid"] not in plan["regions"]:
            sentence = f'The plan group "{plan["name"]}" is not offered in the region "{region["name"]}".'
            form.add_error("region", sentence)
        original = form.related(db, mirrors.name, "applications") if mirrors.kind == "field" else None
        if original and original["mirror_of"]:
            form.add_error(mirrors.name, "A mirror cannot be mirrored.")
        form.raise_errors()
        return JSONResponse(show(request, [add(db, form.values, original)])[0], 201)

    @router.patch("/{uuid}/", response_model=model, openapi_extra=takes(ApplicationUpdate))
    async def update(
        request: Request, uuid: str, form: Form = form_of(ApplicationUpdate), row: Row = row_of("applications")
    ) -> Response:
        if "name" in form.given:
            form.raise_errors()
            with db.transaction():
                db.update("applications", uuid, name=form["name"])
                activities.note(db, uuid, "application", f"Application renamed to {form['name']}")
            row["name"] = form["name"]
        return JSONResponse(show(request, [row])[0])

    @router.delete("/{uuid}/", status_code=204, response_class=Response)
    async def delete(uuid: str) -> None:
        get_or_404(db, "applications", uuid)
        mirror = db.row("SELECT slug FROM applications WHERE mirror_of = ?", uuid)
        if mirror and divio.switches.original_deletion == "refused":
            raise Invalid(f"This application has mirrors, such as {mirror['slug']}: delete them first.")
        with db.transaction():
            db.delete("applications", uuid)

    return router


def legacy_routes() -> APIRouter:
    """`/legacy/v3/applications/`."""
    router = APIRouter(prefix="/legacy/v3", tags=["legacy"])
    filters = {"id": "CAST(number AS TEXT) IN ({})"}

    def show(_: Request, rows: list[Row]) -> list[Row]:
        return [{"id": row["number"], "uuid": row["uuid"]} for row in rows]

    add_list(router, "/applications/", "applications", LegacyApplication, filters=filters, show=show)
    return router


@cache
def schema(relation_field: str) -> type[BaseModel]:
    """An application as this variant shows it, with the field that names a mirror's original."""
    relation: dict[str, Any] = {relation_field: (str | None, ...)}
    return create_model("Application", __base__=Application, **relation)


def examine(db: Database, form: Form) -> None:
    """The checks that an application and a mirror share: slug, organisation, repository, template, release commands."""
    slug = form["slug"]
    if slug is not None:
        if not re.fullmatch(environments.SLUG, str(slug)):
            form.add_error("slug", environments.NO_SLUG)
        elif db.row("SELECT 1 FROM applications WHERE slug = ?", slug):
            form.add_error("slug", "application with this slug already exists.")
    form.related(db, "organisation", "organisations")
    form.related(db, "repository", "repositories")
    template = form["app_template"]
    if template is not None and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", str(template)):
        form.add_error("app_template", "Enter a valid URL.")
    commands = form["release_commands"] or ()
    labels = [command["label"] for command in commands if isinstance(command, dict) and "label" in command]
    if len(set(labels)) < len(labels):
        form.add_error("release_commands", "Labels must be unique.")


def add(db: Database, values: Row, original: Row | None) -> Row:
    """Writes an application, or a mirror of `original`, with its two environments.

    A mirror has no branch of its own: its environments show that of the original's Live.
    """
    branch = values.get("branch", "main")
    if original:
        live = live_of(db, original["uuid"])
        branch = live["branch"] if live else branch
    own = {} if original else values
    row = {
        **{field: values[field] for field in ("name", "slug", "organisation", "plan_group", "region")},
        **{field: own.get(field) for field in ("repository", "app_template", "release_commands")},
        "mirror_of": original["uuid"] if original else None,
        "is_relation_hidden": False,
        "commits": {},
        # What the legacy API knows an application by.
        "number": 1 + int(db.value("SELECT max(number) FROM applications") or 1000),
        "created_at": clock.stamp(),
    }
    with db.transaction():
        row = db.insert("applications", row)
        activities.note(db, row["uuid"], "application", f"Application {row['slug']} created")
        for slug in ("test", "live"):
            environments.add(db, row["uuid"], slug, branch)
    return row


def show(request: Request, rows: list[Row]) -> list[Row]:
    """Applications as Divio shows them."""
    divio = state_of(request)
    applications = {row["uuid"]: row for row in rows}
    statuses: dict[str, Row] = {uuid: {} for uuid in applications}
    for environment in divio.db.rows(
        f"SELECT * FROM environments WHERE application IN ({marks(applications)})", *applications
    ):
        uuid = environment["application"]
        statuses[uuid] |= environments.status(request, applications[uuid]["slug"], environment)
    all_hidden = divio.switches.mirror_relation == "hidden"
    relation = divio.settings.mirrors.relation
    return [
        shown
        | ({} if all_hidden or row["is_relation_hidden"] else {relation: row["mirror_of"]})
        | statuses[row["uuid"]]
        for row, shown in zip(rows, fields_of(Application)(request, rows), strict=True)
    ]
