"""Environments: every application has `test` and `live` from the start; environment_additions.py adds others.

Chosen: a mirror's branch is its original's Live branch and cannot be changed; `<environment>_status` objects are on, for
the two commands of divio-cli that still read them; an application's environment that is looked up by its slug in vain is
answered with 404, since divio-cli takes the first of the results without asking whether there is one, and tells a 404 in
words. A switch: the list without a filter (switches.py).
"""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints import activities, sites
from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import Body, Form, Invalid, Query, Shown, body, found, missing
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store, marks


class EnvironmentUpdate(Body):
    """What can change of an environment."""

    branch: str = Field(min_length=1, max_length=255)


class Finished(Shown):
    """The deployment that ended last, well or not."""

    uuid: str


class Environment(Shown):
    """An environment."""

    uuid: str
    slug: str
    application: str
    branch: str
    last_finished_deployment: Finished | None
    deployed_url: str | None


def routes(divio: Installation) -> APIRouter:
    """`/apps/v3/environments/`."""
    router = APIRouter(prefix="/apps/v3/environments", tags=["environments"])
    store = divio.store

    @router.get("/", response_model=list[Environment], openapi_extra=filters("application", "slug", "uuid"))
    async def environments(request: Request) -> Response:
        query = Query(request, "environments")
        if divio.switches.environments_list == "refused" and not query.given("application"):
            raise Invalid({"application": ["This field is required."]})
        by_application, by_slug = query.filter("application"), query.filter("slug")
        query.filter("uuid")
        if by_application and by_slug and not query.rows(store):
            missing()
        return query.page(store, divio.settings.page_size, lambda rows: show(divio, request, rows))

    @router.get("/{uuid}/", response_model=Environment)
    async def environment(request: Request, uuid: str) -> Response:
        row = show(divio, request, [found(store, "environments", uuid)])[0]
        ssh = {"host": "127.0.0.1", "port": 22, "user": f"site-{uuid[:8]}"}
        return JSONResponse(row | {"ssh_endpoint": ssh})

    @router.patch("/{uuid}/", response_model=Environment, openapi_extra=divio.takes(EnvironmentUpdate))
    async def update(request: Request, uuid: str) -> Response:
        data = await body(request)
        row = found(store, "environments", uuid)
        if "branch" in data:
            form = Form(EnvironmentUpdate, data)
            application = found(store, "applications", row["application"])
            if application["mirror_of"] and form["branch"] != branch_of(store, row, application):
                form.refuse("branch", "A mirror runs the branch of its original's Live environment.")
            form.done()
            with store.change():
                store.update("environments", uuid, branch=form["branch"])
            row["branch"] = form["branch"]
        return JSONResponse(show(divio, request, [row])[0])

    return router


def add(store: Store, application: str, slug: str, branch: str) -> Row:
    """Writes an environment, inside `store.change()`."""
    row: Row = {
        "uuid": clock.new_id(),
        "application": application,
        "slug": slug,
        "branch": branch,
        "secret_key": secrets.token_urlsafe(48),
        "last_finished": None,
        "last_successful": None,
        "site": {},
    }
    store.insert("environments", row)
    if slug not in ("test", "live"):
        activities.note(store, application, "environment", f"Environment {slug} added")
    return row


def branch_of(store: Store, environment: Row, application: Row) -> str:
    """The branch that an environment runs: a mirror's is always that of its original's Live."""
    if application["mirror_of"]:
        live = store.row(
            "SELECT branch FROM environments WHERE application = ? AND slug = 'live'", application["mirror_of"]
        )
        if live:
            return str(live["branch"])
    return str(environment["branch"])


def show(divio: Installation, request: Request, rows: list[Row]) -> list[Row]:
    """Environments as Divio shows them."""
    uuids = list({row["application"] for row in rows})
    applications = {
        row["uuid"]: row
        for row in divio.store.rows(
            "SELECT applications.uuid, applications.slug, live.branch AS branch FROM applications "
            "LEFT JOIN environments live ON live.application = mirror_of AND live.slug = 'live' "
            f"WHERE applications.uuid IN ({marks(uuids)})",
            *uuids,
        )
    }
    return [_shown(request, row, applications[row["application"]]) for row in rows]


def _shown(request: Request, row: Row, application: Row) -> Row:
    url = sites.url(request, application["slug"], row["slug"]) if row["last_successful"] else None
    return {
        "uuid": row["uuid"],
        "slug": row["slug"],
        "application": row["application"],
        "branch": application["branch"] or row["branch"],
        "last_finished_deployment": {"uuid": row["last_finished"]} if row["last_finished"] else None,
        "deployed_url": url,
        f"{row['slug']}_status": {"uuid": row["uuid"], "site_url": url},
    }
