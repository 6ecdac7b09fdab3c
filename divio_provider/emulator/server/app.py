"""The application: all routes of this Divio put together, and its answers to errors."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from divio_provider.emulator.control import routes as control
from divio_provider.emulator.endpoints import (
    activities,
    applications,
    backup_storage,
    backups,
    catalogue,
    deployments,
    domains,
    environment_variables,
    environments,
    mirrors,
    repositories,
    runtime_logs,
    service_instances,
    sites,
)
from divio_provider.emulator.endpoints.serializers import Invalid
from divio_provider.emulator.panel import routes as panel
from divio_provider.emulator.server import openapi
from divio_provider.emulator.simulation.app_state import AppState

NOUNS = (
    *(applications, environments, environment_variables, deployments, service_instances, domains, repositories),
    *(catalogue, activities, backups, backup_storage, runtime_logs, mirrors, sites, control),
)


def application(divio: AppState) -> FastAPI:
    """All routes of this Divio, in the variant that its settings choose."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.divio = divio
    for noun in NOUNS:
        app.include_router(noun.routes(divio))
    app.include_router(applications.legacy_routes())
    app.include_router(panel.routes(divio, app))
    app.include_router(openapi.routes(divio, app))
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Invalid, _invalid)
    app.add_exception_handler(Exception, _broken)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = {404: "Not found.", 405: f'Method "{request.method}" not allowed.'}.get(error.status_code, error.detail)
    return JSONResponse({"detail": detail}, error.status_code, error.headers)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, Invalid)
    return JSONResponse(error.errors, 400)


async def _broken(_: Request, __: Exception) -> Response:
    return JSONResponse({"detail": "A mistake of the local Divio itself; its log says more."}, 500)
