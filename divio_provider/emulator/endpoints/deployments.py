"""Deployments: started by POST, watched by GET.

Known: asynchronous; `ended_at` and `success` are null while one runs; it carries the variables as they were when it
started; a failed one leaves the previous one running. Chosen: what a failed one would have provisioned stays new; a
queued one has no `started_at` and no variables before it starts, which is when the one before it ends. Switches
(switches.py): a second POST while one runs, and sensitive values in the map of what was deployed.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints import activities, environments
from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import GENERAL, Body, Form, Query, Shown, body, found
from divio_provider.emulator.simulation import built_in_variables, deployment_progress, images
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.simulation.deployment_failures import WORDS
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row

LISTED = "uuid, environment, region, started_at, ends_at, ended_at, success, seconds, queued"


class DeploymentCreate(Body):
    """A deployment to start."""

    environment: str
    build_mode: Literal["AUTO", "ADOPT", "FORCE"] = "AUTO"


class Deployment(Shown):
    """A deployment in a list."""

    uuid: str
    environment: str
    region: str
    started_at: str | None
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
    environment_variables: dict[str, str | None]


def routes(divio: Installation) -> APIRouter:
    """`/apps/v3/deployments/`."""
    router = APIRouter(prefix="/apps/v3/deployments", tags=["deployments"])
    store = divio.store

    @router.get("/", response_model=list[Deployment], openapi_extra=filters("application", "environment"))
    async def deployments(request: Request) -> Response:
        query = Query(request, "deployments")
        query.filter("application")
        several = query.given("environment")
        if len(several) < 2 or divio.switches.several_environments == "shown":
            query.filter("environment")
        elif divio.switches.several_environments == "last":
            query.narrow("environment", several[-1:])
        downwards = "DESC" if divio.switches.deployments_order == "newest" else "ASC"
        return query.page(
            store,
            divio.settings.page_size,
            lambda rows: [_shown(row) for row in rows],
            columns=LISTED,
            order=f"started_at {downwards}, rowid {downwards}",
        )

    @router.post("/", status_code=201, response_model=DeploymentDetail, openapi_extra=divio.takes(DeploymentCreate))
    async def create(request: Request) -> Response:
        form = Form(DeploymentCreate, await body(request))
        environment = form.related(store, "environment", "environments")
        running = environment and store.row(
            "SELECT 1 FROM deployments WHERE environment = ? AND success IS NULL", environment["uuid"]
        )
        if running and divio.switches.second_deployment == "rejected":
            form.refuse(GENERAL, "A deployment is already running.")
        form.done()
        assert environment is not None
        return JSONResponse(_detail(start(divio, environment, form["build_mode"], queue=bool(running))), 201)

    @router.get("/{uuid}/", response_model=DeploymentDetail)
    async def deployment(uuid: str) -> Response:
        return JSONResponse(_detail(found(store, "deployments", uuid)))

    @router.get("/{uuid}/logs/", response_model=DeploymentLog)
    async def logs(uuid: str) -> Response:
        row = found(store, "deployments", uuid)
        return JSONResponse({"uuid": uuid, "logs": deployment_progress.log(row, clock.now())})

    @router.get("/{uuid}/environment-variables/", response_model=DeploymentVariables)
    async def variables(uuid: str) -> Response:
        row = found(store, "deployments", uuid)
        carried: dict[str, str | None] = dict(sorted(row["variables"].items()))
        for name in row["sensitive"]:
            if name in carried and divio.switches.sensitive == "null":
                carried[name] = None
            elif divio.switches.sensitive == "omitted":
                carried.pop(name, None)
        return JSONResponse({"uuid": uuid, "environment": row["environment"], "environment_variables": carried})

    return router


def start(divio: Installation, environment: Row, build_mode: str, *, queue: bool = False) -> Row:
    """Starts a deployment, or puts it behind the one that runs."""
    store = divio.store
    application = found(store, "applications", environment["application"])
    at = clock.stamp(clock.now())
    row: Row = {
        "uuid": clock.new_id(),
        "application": application["uuid"],
        "environment": environment["uuid"],
        "region": application["region"],
        "build_mode": build_mode,
        "branch": environment["branch"],
        "commit": 0,
        "image": None,
        "seconds": 0,
        "started_at": at,
        "ends_at": clock.FAR,
        "ended_at": None,
        "success": None,
        "failure": None,
        "variables": {},
        "provisions": {},
        "sensitive": [],
        "queued": True,
    }
    with store.change():
        store.insert("deployments", row)
        activities.note(store, application["uuid"], "deployment", f"Deployment of {environment['slug']} requested")
        if not queue:
            row |= _begin(divio, row, at)
    return row


def settle(divio: Installation) -> None:
    """Ends the deployments whose time has come, and starts those that waited for them."""
    store = divio.store
    while rows := deployment_progress.due(store):
        with store.change():
            for row in rows:
                deployment_progress.finish(store, row)
                following = store.row(
                    "SELECT * FROM deployments WHERE environment = ? AND queued ORDER BY started_at, rowid LIMIT 1",
                    row["environment"],
                )
                if following:
                    _begin(divio, following, row["ends_at"])


def _begin(divio: Installation, row: Row, at: str) -> Row:
    """Takes the variables and the image, and settles when and how it will end; inside `store.change()`."""
    store = divio.store
    environment = found(store, "environments", row["environment"])
    application = found(store, "applications", row["application"])
    branch = environments.branch_of(store, environment, application)
    image = images.choose(store, application, environment, row["build_mode"])
    carried = built_in_variables.snapshot(store, application, environment, branch)
    fresh = store.rows(
        "SELECT uuid FROM service_instances WHERE environment = ? AND service_status = 'new'", environment["uuid"]
    )
    site = dict(environment["site"])
    rule = divio.failures.met(application["slug"], environment["slug"])
    failure = None if image.name else {"stage": "Build", "log": image.failure}
    if failure is None and site.get("deployment") == "fail":
        failure = {"stage": "Release Commands", "log": site.get("log") or WORDS["Release Commands"]}
        if site.get("times") is not None:
            site["times"] -= 1
        if site.get("times") == 0:
            site = {key: value for key, value in site.items() if key not in ("deployment", "log", "times")}
    if failure is None and rule is not None:
        failure = {"stage": rule.stage, "log": rule.log or WORDS[rule.stage]}
    wishes = (rule.deploy_seconds if rule else None, site.get("deploy_seconds"), divio.settings.deploy_seconds)
    seconds = next(wish for wish in wishes if wish is not None)
    begun: Row = {
        "branch": image.branch,
        "commit": image.commit,
        "image": image.name,
        "seconds": seconds,
        "started_at": at,
        "ends_at": clock.later(at, seconds * (deployment_progress.fails_in(failure["stage"]) if failure else 1)),
        "failure": failure,
        "variables": carried.carried,
        "provisions": {"variables": carried.provisioned, "instances": [instance["uuid"] for instance in fresh]},
        "sensitive": carried.sensitive,
        "queued": False,
    }
    store.update("deployments", row["uuid"], **begun)
    if site != environment["site"]:
        store.update("environments", environment["uuid"], site=site)
    return begun


def _shown(row: Row) -> Row:
    at = clock.now()
    return {
        "uuid": row["uuid"],
        "environment": row["environment"],
        "region": row["region"],
        "started_at": None if row["queued"] else row["started_at"],
        "ended_at": row["ended_at"],
        "status": deployment_progress.status(row, at),
        "percent": deployment_progress.percent(row, at),
        "success": row["success"],
        "is_usable": bool(row["success"]),
    }


def _detail(row: Row) -> Row:
    return _shown(row) | {"environment_variables": sorted(row["variables"])}
