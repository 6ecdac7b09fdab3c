"""Environments: every application has `test` and `live` from the start; others are added, copied, removed.

Known: POST and copy with their fields, the limit with its words. Chosen: a mirror's branch is its original's Live branch and
cannot be changed; five environments on every plan; a copy has the branch and the custom variables, no services; `test` and
`live` cannot be removed; `<environment>_status` objects are on, for the two commands of divio-cli that still read them; an
application's environment that is looked up by its slug in vain is answered with 404, since divio-cli takes the first of the
results without asking whether there is one, and tells a 404 in words. A switch: the list without a filter (switches.py).
"""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints import activities, sites
from divio_provider.emulator.endpoints.pagination import Query, by_columns, state_of
from divio_provider.emulator.endpoints.routing import creates, filtered_by, form_of, row_of, takes
from divio_provider.emulator.endpoints.serializers import Body, Form, Invalid, Object, get_or_404, matches, not_found
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.simulation.images import branch_of
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row, marks

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
NO_SLUG = 'Enter a valid "slug" consisting of lower-case letters, numbers and single hyphens.'
FILTERS = by_columns("application", "slug", "uuid")
MOST = 5
"""Environments of an application. Divio's limit hangs on the plan; one script of a Divio user assumes this one."""


Slug = Annotated[str, Field(min_length=1, max_length=50), matches(SLUG, NO_SLUG)]


class EnvironmentCreate(Body):
    """A new environment."""

    application: str
    slug: Slug
    branch: str = Field(min_length=1, max_length=255)


class EnvironmentCopy(Body):
    """A new environment like another one."""

    new_slug: Slug


class EnvironmentUpdate(Body):
    """What can change of an environment."""

    branch: str = Field(min_length=1, max_length=255)


class Finished(Object):
    """The deployment that ended last, well or not."""


class Environment(Object):
    """An environment."""

    slug: str
    application: str
    branch: str
    last_finished_deployment: Finished | None
    deployed_url: str | None


def routes(divio: AppState) -> APIRouter:
    """`/apps/v3/environments/`."""
    router = APIRouter(prefix="/apps/v3/environments", tags=["environments"])
    db = divio.db

    @router.get("/", response_model=list[Environment], openapi_extra=filtered_by(FILTERS))
    async def environments(request: Request) -> Response:
        return _narrowed(request).page(show)

    @router.get("/{uuid}/", response_model=Environment)
    async def environment(request: Request, uuid: str) -> Response:
        row = show(request, [get_or_404(db, "environments", uuid)])[0]
        ssh = {"host": "127.0.0.1", "port": 22, "user": f"site-{uuid[:8]}"}
        return JSONResponse(row | {"ssh_endpoint": ssh})

    @router.patch("/{uuid}/", response_model=Environment, openapi_extra=takes(EnvironmentUpdate))
    async def update(
        request: Request, form: Form = form_of(EnvironmentUpdate), row: Row = row_of("environments")
    ) -> Response:
        if "branch" in form.given:
            _change_branch(db, form, row)
        return JSONResponse(show(request, [row])[0])

    @router.post("/", **creates(EnvironmentCreate, Environment))
    async def create(request: Request, form: Form = form_of(EnvironmentCreate)) -> Response:
        application = form.related(db, "application", "applications")
        if application:
            _examine(db, form, application["uuid"], "slug")
        form.raise_errors()
        with db.transaction():
            row = add(db, form["application"], form["slug"], form["branch"])
        return JSONResponse(show(request, [row])[0], 201)

    @router.post("/{uuid}/copy/", **creates(EnvironmentCopy, Environment))
    async def copy(
        request: Request, uuid: str, form: Form = form_of(EnvironmentCopy), source: Row = row_of("environments")
    ) -> Response:
        _examine(db, form, source["application"], "new_slug")
        form.raise_errors()
        with db.transaction():
            row = add(db, source["application"], form["new_slug"], source["branch"])
            for variable in db.rows("SELECT * FROM environment_variables WHERE environment = ?", uuid):
                twin = {**variable, "uuid": clock.new_id(), "environment": row["uuid"]}
                db.insert("environment_variables", twin)
        return JSONResponse(show(request, [row])[0], 201)

    @router.delete("/{uuid}/", status_code=204, response_class=Response)
    async def delete(uuid: str, row: Row = row_of("environments")) -> None:
        if row["slug"] in ("test", "live"):
            raise Invalid(f"The environment {row['slug']} cannot be removed.")
        with db.transaction():
            activities.note(db, row["application"], "environment", f"Environment {row['slug']} removed")
            db.delete("environments", uuid)

    return router


def _narrowed(request: Request) -> Query:
    query = Query(request, "environments")
    if state_of(request).switches.environments_list == "refused" and not query.given("application"):
        raise Invalid({"application": ["This field is required."]})
    query.filter(FILTERS)
    if query.given("application") and query.given("slug") and not query.rows():
        not_found()
    return query


def _change_branch(db: Database, form: Form, row: Row) -> None:
    application = get_or_404(db, "applications", row["application"])
    if application["mirror_of"] and form["branch"] != branch_of(db, row, application):
        form.add_error("branch", "A mirror runs the branch of its original's Live environment.")
    form.raise_errors()
    with db.transaction():
        db.update("environments", row["uuid"], branch=form["branch"])
    row["branch"] = form["branch"]


def _examine(db: Database, form: Form, application: str, field: str) -> None:
    rows = db.rows("SELECT slug FROM environments WHERE application = ?", application)
    if form[field] in [row["slug"] for row in rows]:
        form.add_error(field, "An environment with this slug already exists.")
    if len(rows) >= MOST:
        form.add_error(None, "Can not add another Environment.")


def add(db: Database, application: str, slug: str, branch: str) -> Row:
    """Writes an environment, inside `db.transaction()`."""
    row: Row = {
        "application": application,
        "slug": slug,
        "branch": branch,
        "secret_key": secrets.token_urlsafe(48),
        "last_finished": None,
        "last_successful": None,
        "site": {},
    }
    if slug not in ("test", "live"):
        activities.note(db, application, "environment", f"Environment {slug} added")
    return db.insert("environments", row)


def show(request: Request, rows: list[Row]) -> list[Row]:
    """Environments as Divio shows them."""
    uuids = list({row["application"] for row in rows})
    found = state_of(request).db.rows(
        "SELECT applications.uuid, applications.slug, live.branch AS branch FROM applications "
        "LEFT JOIN environments live ON live.application = mirror_of AND live.slug = 'live' "
        f"WHERE applications.uuid IN ({marks(uuids)})",
        *uuids,
    )
    applications = {row["uuid"]: row for row in found}
    shown = []
    for row in rows:
        application = applications[row["application"]]
        one = {field: row[field] for field in ("uuid", "slug", "application")} | {
            "branch": application["branch"] or row["branch"],
            "last_finished_deployment": {"uuid": row["last_finished"]} if row["last_finished"] else None,
            "deployed_url": sites.url_of(request, application["slug"], row),
        }
        shown.append(one | status(request, application["slug"], row))
    return shown


def status(request: Request, application: str, row: Row) -> Row:
    """The object `<environment>_status` that an application's and an environment's answer carry."""
    return {f"{row['slug']}_status": {"uuid": row["uuid"], "site_url": sites.url_of(request, application, row)}}
