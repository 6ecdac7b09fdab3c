"""The server: builds the application, and runs it until it is told to stop."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from divio_provider.emulator.control import routes as control
from divio_provider.emulator.control import rules
from divio_provider.emulator.endpoints import (
    accounts,
    activities,
    applications,
    backup_storage,
    backup_transfers,
    backups,
    catalogue,
    deployments,
    domains,
    environment_additions,
    environment_variables,
    environments,
    legacy,
    mirrors,
    repositories,
    runtime_logs,
    service_instances,
    sites,
)
from divio_provider.emulator.endpoints.serializers import Invalid
from divio_provider.emulator.panel import routes as panel
from divio_provider.emulator.server import openapi
from divio_provider.emulator.server.middleware import Gate, Protocol
from divio_provider.emulator.settings import BadFlag, Settings
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import snapshot
from divio_provider.emulator.world.database import Store


def application(divio: Installation) -> FastAPI:
    """All routes of this Divio, in the variant that its settings choose."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for noun in (
        applications,
        environments,
        environment_variables,
        deployments,
        service_instances,
        domains,
        repositories,
        catalogue,
        accounts,
        activities,
        environment_additions,
        backups,
        backup_transfers,
        backup_storage,
        runtime_logs,
        legacy,
        mirrors,
        sites,
        control,
        rules,
    ):
        app.include_router(noun.routes(divio))
    app.include_router(mirrors.by_hand(divio))
    app.include_router(panel.routes(divio, app))
    app.include_router(openapi.routes(divio, app))
    app.state.divio = divio
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Invalid, _invalid)
    app.add_exception_handler(Exception, _broken)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    detail = {404: "Not found.", 405: f'Method "{request.method}" not allowed.'}.get(error.status_code, error.detail)
    return JSONResponse({"detail": detail}, error.status_code, error.headers)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, Invalid)
    return JSONResponse(error.errors, 400)


async def _broken(_: Request, __: Exception) -> Response:
    return JSONResponse({"detail": "A mistake of the local Divio itself; its log says more."}, 500)


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Prints one line on stdout when it answers; everything else goes to stderr.

    Raises:
        BadFlag: the file or the address cannot be used.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    store = Store(settings.data)
    if store.is_new:
        snapshot.begin(store)
    divio = Installation(settings, store)
    listener = _listen(settings)
    config = uvicorn.Config(
        Gate(application(divio), divio),
        http=Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
    # uvicorn raises the signal again when it has ended: nothing is left to do for it then.
    signal.signal(signal.SIGTERM, _nothing)
    signal.signal(signal.SIGINT, _nothing)
    try:
        _Announcing(config, settings, listener.getsockname()[1]).run([listener])
    finally:
        store.close()


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, settings: Settings, port: int) -> None:
        super().__init__(config)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self._line = f"local Divio answers on http://{host}:{port} (token {settings.token})\n"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(self._line)
        sys.stdout.flush()


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, or asyncio does not switch Nagle's algorithm off, and every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        flags = f"--host {settings.host} --port {settings.port}"
        raise BadFlag(f"{flags}: {reason}; --port 0 takes any free port") from error
    return listener


def _nothing(_: int, __: FrameType | None) -> None:
    """Ends nothing."""
