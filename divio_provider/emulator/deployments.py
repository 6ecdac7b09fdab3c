"""Deployments: started by POST, watched by GET.

Known: asynchronous; `ended_at` and `success` are null while one runs; it carries the variables as they were when it
started; a failed one leaves the previous one running. Chosen: a second POST while one runs is refused; sensitive values
are shown in the map of what was deployed; what a failed one would have provisioned stays new.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator import built_ins, clock, environments, images, progress
from divio_provider.emulator.installation import Installation
from divio_provider.emulator.store import Row
from divio_provider.emulator.wire import GENERAL, Body, Form, Query, Shown, body, found

LISTED = "uuid, environment, region, started_at, ends_at, ended_at, success, seconds"


class DeploymentCreate(Body):
    """A deployment to start."""

    environment: str
    build_mode: Literal["AUTO", "ADOPT", "FORCE"] = "AUTO"


class Deployment(Shown):
    """A deployment in a list."""

    uuid: str
    environment: str
    region: str
    started_at: str
    ended_at: str | None
    status: str
    percent: int
    success: bool | None
    is_usable: bool


class DeploymentDetail(Deployment):
    """A deployment by itself, with the names of its variables."""

    environment_variables: list[str]


class DeploymentLog(Shown):
    """What a deployment wrote."""

    uuid: str
    logs: str


class DeploymentVariables(Shown):
    """What an environment was deployed with: under the detail's key, but with values."""

    uuid: str
    environment: str
    environment_variables: dict[str, str]


def routes(divio: Installation) -> APIRouter:
    """`/apps/v3/deployments/`."""
    router = APIRouter(prefix="/apps/v3/deployments", tags=["deployments"])
    store = divio.store

    @router.get("/", response_model=list[Deployment])
    async def deployments(request: Request) -> Response:
        query = Query(request, "deployments")
        query.filter("application")
        query.filter("environment")
        return query.page(
            store,
            divio.settings.page_size,
            lambda rows: [_shown(row) for row in rows],
            columns=LISTED,
            order="started_at DESC, rowid DESC",
        )

    @router.post("/", status_code=201, response_model=DeploymentDetail, openapi_extra=divio.takes(DeploymentCreate))
    async def create(request: Request) -> Response:
        form = Form(DeploymentCreate, await body(request))
        environment = form.related(store, "environment", "environments")
        if environment and store.row(
            "SELECT 1 FROM deployments WHERE environment = ? AND success IS NULL", environment["uuid"]
        ):
            form.refuse(GENERAL, "A deployment is already running.")
        form.done()
        assert environment is not None
        return JSONResponse(_detail(start(divio, environment, form["build_mode"])), 201)

    @router.get("/{uuid}/", response_model=DeploymentDetail)
    async def deployment(uuid: str) -> Response:
        return JSONResponse(_detail(found(store, "deployments", uuid)))

    @router.get("/{uuid}/logs/", response_model=DeploymentLog)
    async def logs(uuid: str) -> Response:
        row = found(store, "deployments", uuid)
        return JSONResponse({"uuid": uuid, "logs": progress.log(row, clock.now())})

    @router.get("/{uuid}/environment-variables/", response_model=DeploymentVariables)
    async def variables(uuid: str) -> Response:
        row = found(store, "deployments", uuid)
        carried = dict(sorted(row["variables"].items()))
        return JSONResponse({"uuid": uuid, "environment": row["environment"], "environment_variables": carried})

    return router


def start(divio: Installation, environment: Row, build_mode: str) -> Row:
    """Starts a deployment: takes its variables and its image, and settles when and how it will end."""
    store = divio.store
    application = found(store, "applications", environment["application"])
    branch = environments.branch_of(store, environment, application)
    image = images.choose(store, application, environment, build_mode)
    carried, provisioned = built_ins.snapshot(store, application, environment, branch)
    fresh = store.rows(
        "SELECT uuid FROM service_instances WHERE environment = ? AND service_status = 'new'", environment["uuid"]
    )
    site = dict(environment["site"])
    failure = None if image.name else {"stage": "Build", "log": image.failure}
    if failure is None and site.get("deployment") == "fail":
        failure = {"stage": "Release Commands", "log": site.get("log") or "A release command failed."}
        if site.get("times") is not None:
            site["times"] -= 1
        if site.get("times") == 0:
            site = {key: value for key, value in site.items() if key not in ("deployment", "log", "times")}
    seconds = site.get("deploy_seconds")
    seconds = divio.settings.deploy_seconds if seconds is None else seconds
    started_at = clock.stamp(clock.now())
    row: Row = {
        "uuid": clock.new_id(),
        "application": application["uuid"],
        "environment": environment["uuid"],
        "region": application["region"],
        "build_mode": build_mode,
        "branch": image.branch,
        "commit": image.commit,
        "image": image.name,
        "seconds": seconds,
        "started_at": started_at,
        "ends_at": clock.later(started_at, seconds * (progress.fails_in(failure["stage"]) if failure else 1)),
        "ended_at": None,
        "success": None,
        "failure": failure,
        "variables": carried,
        "provisions": {"variables": provisioned, "instances": [instance["uuid"] for instance in fresh]},
    }
    with store.change():
        store.insert("deployments", row)
        if site != environment["site"]:
            store.update("environments", environment["uuid"], site=site)
    return row


def _shown(row: Row) -> Row:
    at = clock.now()
    return {
        "uuid": row["uuid"],
        "environment": row["environment"],
        "region": row["region"],
        "started_at": row["started_at"],
        "ended_at": row["ended_at"],
        "status": progress.status(row, at),
        "percent": progress.percent(row, at),
        "success": row["success"],
        "is_usable": bool(row["success"]),
    }


def _detail(row: Row) -> Row:
    return _shown(row) | {"environment_variables": sorted(row["variables"])}
