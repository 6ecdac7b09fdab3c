"""Applications, and what comes and goes with them.

Known: the fields of POST, that `test` and `live` exist at once, that nothing is deployed and no service added.
Chosen: fields beyond divio-cli's five; PATCH changes the name and nothing else; DELETE is immediate and refused while
mirrors exist; a slug is lower-case letters, digits and hyphens.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, create_model

from divio_provider.emulator.endpoints import activities, environments, sites
from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import GENERAL, Body, Form, Invalid, Query, Shown, body, found
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store, marks

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
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


class Application(Shown):
    """An application; beside these fields one for the original of a mirror, and `<environment>_status` objects."""

    uuid: str
    name: str
    slug: str
    organisation: str
    repository: str | None
    region: str
    plan_group: str
    created_at: str


def routes(divio: Installation) -> APIRouter:
    """`/apps/v3/applications/`."""
    router = APIRouter(prefix="/apps/v3/applications", tags=["applications"])
    store, mirrors = divio.store, divio.settings.mirrors
    creates: type[BaseModel] = ApplicationCreate
    if mirrors.kind == "field":
        extra: dict[str, Any] = {mirrors.name: (str | None, None)}
        creates = create_model("ApplicationCreate", __base__=ApplicationCreate, **extra)
    shown = schema(mirrors.shown_as)

    @router.get("/", response_model=list[shown], openapi_extra=filters("slug", "organisation", "uuid"))  # type: ignore[valid-type]  # made for the variant
    async def applications(request: Request) -> Response:
        query = Query(request, "applications")
        query.filter("slug")
        query.filter("organisation")
        query.filter("uuid")
        return query.page(store, divio.settings.page_size, lambda rows: show(divio, request, rows))

    @router.get("/{uuid}/", response_model=shown)
    async def application(request: Request, uuid: str) -> Response:
        return JSONResponse(show(divio, request, [found(store, "applications", uuid)])[0])

    @router.post("/", status_code=201, response_model=shown, openapi_extra=divio.takes(creates))
    async def create(request: Request) -> Response:
        form = Form(creates, await body(request))
        examine(store, form)
        plan, region = form.related(store, "plan_group", "plan_groups"), form.related(store, "region", "regions")
        if plan and region and region["uuid"] not in plan["regions"]:
            form.refuse("region", f'The plan group "{plan["name"]}" is not offered in the region "{region["name"]}".')
        original = form.related(store, mirrors.name, "applications") if mirrors.kind == "field" else None
        if original and original["mirror_of"]:
            form.refuse(mirrors.name, "A mirror cannot be mirrored.")
        form.done()
        return JSONResponse(show(divio, request, [add(store, form.values, original)])[0], 201)

    @router.patch("/{uuid}/", response_model=shown, openapi_extra=divio.takes(ApplicationUpdate))
    async def update(request: Request, uuid: str) -> Response:
        data = await body(request)
        row = found(store, "applications", uuid)
        if "name" in data:
            form = Form(ApplicationUpdate, data)
            form.done()
            with store.change():
                store.update("applications", uuid, name=form["name"])
                activities.note(store, uuid, "application", f"Application renamed to {form['name']}")
            row["name"] = form["name"]
        return JSONResponse(show(divio, request, [row])[0])

    @router.delete("/{uuid}/", status_code=204, response_class=Response)
    async def delete(uuid: str) -> Response:
        found(store, "applications", uuid)
        mirror = store.row("SELECT slug FROM applications WHERE mirror_of = ?", uuid)
        if mirror:
            raise Invalid({GENERAL: [f"This application has mirrors, such as {mirror['slug']}: delete them first."]})
        with store.change():
            store.run("DELETE FROM applications WHERE uuid = ?", uuid)
        return Response(status_code=204)

    return router


@cache
def schema(relation_field: str) -> type[BaseModel]:
    """An application as this variant shows it, with the field that names a mirror's original."""
    relation: dict[str, Any] = {relation_field: (str | None, ...)}
    return create_model("Application", __base__=Application, **relation)


def examine(store: Store, form: Form) -> None:
    """The checks that an application and a mirror share: slug, organisation, repository, template, release commands."""
    slug = form["slug"]
    if slug is not None:
        if not SLUG.fullmatch(str(slug)):
            form.refuse("slug", 'Enter a valid "slug" consisting of lower-case letters, numbers and single hyphens.')
        elif store.row("SELECT 1 FROM applications WHERE slug = ?", slug):
            form.refuse("slug", "application with this slug already exists.")
    form.related(store, "organisation", "organisations")
    form.related(store, "repository", "repositories")
    template = form["app_template"]
    if template is not None and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", str(template)):
        form.refuse("app_template", "Enter a valid URL.")
    commands = form["release_commands"] or ()
    labels = [command["label"] for command in commands if isinstance(command, dict) and "label" in command]
    if len(set(labels)) < len(labels):
        form.refuse("release_commands", "Labels must be unique.")


def add(store: Store, values: Row, original: Row | None) -> Row:
    """Writes an application, or a mirror of `original`, with its two environments.

    A mirror has no branch of its own: its environments show that of the original's Live.
    """
    branch = values.get("branch", "main")
    if original:
        live = store.row("SELECT branch FROM environments WHERE application = ? AND slug = 'live'", original["uuid"])
        branch = live["branch"] if live else branch
    row = {
        "uuid": clock.new_id(),
        "name": values["name"],
        "slug": values["slug"],
        "organisation": values["organisation"],
        "plan_group": values["plan_group"],
        "region": values["region"],
        "repository": None if original else values.get("repository"),
        "app_template": None if original else values.get("app_template"),
        "release_commands": None if original else values.get("release_commands"),
        "mirror_of": original["uuid"] if original else None,
        "commits": {},
        # What the legacy API knows an application by.
        "number": 1 + int(store.value("SELECT max(number) FROM applications") or 1000),
        "created_at": clock.stamp(clock.now()),
    }
    with store.change():
        store.insert("applications", row)
        activities.note(store, row["uuid"], "application", f"Application {row['slug']} created")
        for slug in ("test", "live"):
            environments.add(store, row["uuid"], slug, branch)
    return row


def show(divio: Installation, request: Request, rows: list[Row]) -> list[Row]:
    """Applications as Divio shows them."""
    uuids = [row["uuid"] for row in rows]
    statuses: dict[str, Row] = {uuid: {} for uuid in uuids}
    rows_of_environments = divio.store.rows(
        f"SELECT uuid, application, slug, last_successful FROM environments WHERE application IN ({marks(uuids)})",
        *uuids,
    )
    slugs = {row["uuid"]: row["slug"] for row in rows}
    for environment in rows_of_environments:
        uuid = environment["application"]
        url = sites.url(request, slugs[uuid], environment["slug"]) if environment["last_successful"] else None
        statuses[uuid][f"{environment['slug']}_status"] = {"uuid": environment["uuid"], "site_url": url}
    return [
        {
            **{field: row[field] for field in Application.model_fields},
            **_relation(divio, row),
            **statuses[row["uuid"]],
        }
        for row in rows
    ]


def _relation(divio: Installation, row: Row) -> Row:
    hidden = divio.switches.mirror_relation == "hidden"
    return {} if hidden else {divio.settings.mirrors.shown_as: row["mirror_of"]}
