"""Deployments: started by POST, watched by GET.

Known: asynchronous; `ended_at` and `success` are null while one runs. Chosen: a queued one has no `started_at`. Switches
(switches.py): a second POST while one runs, the list's order and filter, and sensitive values in the map of what was
deployed.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints import activities
from divio_provider.emulator.endpoints.pagination import Query, by_columns
from divio_provider.emulator.endpoints.routing import creates, filtered_by, form_of, row_of
from divio_provider.emulator.endpoints.serializers import Body, Form, Object, get_or_404
from divio_provider.emulator.simulation import deployment_progress
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.simulation.deployments import start
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row

FILTERS = by_columns("application", "environment")
LISTED = "uuid, environment, region, started_at, ends_at, ended_at, success, seconds, queued"
"""The columns that a list needs: the others may be large."""


class DeploymentCreate(Body):
    """A deployment to start."""

    environment: str
    build_mode: Literal["AUTO", "ADOPT", "FORCE"] = "AUTO"


class Deployment(Object):
    """A deployment in a list."""

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


class DeploymentLog(Object):
    """What a deployment wrote."""

    logs: str


class DeploymentVariables(Object):
    """What an environment was deployed with: under the detail's key, but with values."""

    environment: str
    environment_variables: dict[str, str | None]


def routes(divio: AppState) -> APIRouter:
    """`/apps/v3/deployments/`."""
    router = APIRouter(prefix="/apps/v3/deployments", tags=["deployments"])
    db = divio.db

    @router.get("/", response_model=list[Deployment], openapi_extra=filtered_by(FILTERS))
    async def deployments(request: Request) -> Response:
        query = Query(request, "deployments")
        query.filter(by_columns("application"))
        several = query.given("environment")
        if several and (len(several) == 1 or divio.switches.several_environments != "ignored"):
            last = several[-1:] if divio.switches.several_environments == "last" else several
            query.narrow('"environment" IN ({})', last)
        downwards = "DESC" if divio.switches.deployments_order == "newest" else "ASC"
        return query.page(
            lambda _, rows: [_serialize(row) for row in rows],
            columns=LISTED,
            order=f"started_at {downwards}, rowid {downwards}",
        )

    @router.post("/", **creates(DeploymentCreate, DeploymentDetail))
    async def create(form: Form = form_of(DeploymentCreate)) -> Response:
        environment = form.related(db, "environment", "environments")
        running = environment and db.row(
            "SELECT 1 FROM deployments WHERE environment = ? AND success IS NULL", environment["uuid"]
        )
        if running and divio.switches.second_deployment == "rejected":
            form.add_error(None, "A deployment is already running.")
        form.raise_errors()
        assert environment is not None
        application = get_or_404(db, "applications", environment["application"])
        with db.transaction():
            activities.note(db, application["uuid"], "deployment", f"Deployment of {environment['slug']} requested")
            row = start(divio, application, environment, form["build_mode"], queue=bool(running))
        return JSONResponse(_detail(row), 201)

    @router.get("/{uuid}/", response_model=DeploymentDetail)
    async def deployment(uuid: str) -> Response:
        return JSONResponse(_detail(get_or_404(db, "deployments", uuid)))

    @router.get("/{uuid}/logs/", response_model=DeploymentLog)
    async def logs(uuid: str, row: Row = row_of("deployments")) -> Response:
        return JSONResponse({"uuid": uuid, "logs": deployment_progress.log(row, clock.now())})

    @router.get("/{uuid}/environment-variables/", response_model=DeploymentVariables)
    async def variables(uuid: str, row: Row = row_of("deployments")) -> Response:
        carried: dict[str, str | None] = dict(sorted(row["variables"].items()))
        for name in set(row["sensitive"]) & set(carried):
            if divio.switches.sensitive == "null":
                carried[name] = None
            elif divio.switches.sensitive == "omitted":
                del carried[name]
        return JSONResponse({"uuid": uuid, "environment": row["environment"], "environment_variables": carried})

    return router


def _serialize(row: Row) -> Row:
    at = clock.now()
    return {
        **{field: row[field] for field in ("uuid", "environment", "region")},
        "started_at": None if row["queued"] else row["started_at"],
        "ended_at": row["ended_at"],
        "status": deployment_progress.status(row, at),
        "percent": deployment_progress.percent(row, at),
        "success": row["success"],
        "is_usable": bool(row["success"]),
    }


def _detail(row: Row) -> Row:
    return _serialize(row) | {"environment_variables": sorted(row["variables"])}
