"""The process: listens, says so, and serves until it is told to stop."""

from __future__ import annotations

import logging
import signal
import socket
import sys

import uvicorn

from divio_provider.emulator.server.app import application
from divio_provider.emulator.server.middleware import Middleware, Protocol
from divio_provider.emulator.settings import BadFlag, Settings
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world import seed
from divio_provider.emulator.world.database import Database, UnusableFile


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Prints one line on stdout when it answers; everything else goes to stderr.

    Raises:
        BadFlag: the file or the address cannot be used.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        db = Database(settings.data)
    except UnusableFile as error:
        raise BadFlag(f"--data {settings.data}: {error}") from error
    if db.is_new:
        seed.fill(db)
    divio = AppState(settings, db, settings.switches)
    listener = _listen(settings)
    config = uvicorn.Config(
        Middleware(application(divio), divio),
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
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    server = _Server(config)
    server.announcement = f"local Divio answers on http://{host}:{listener.getsockname()[1]} (token {settings.token})\n"
    try:
        server.run([listener])
    finally:
        db.close()


class _Server(uvicorn.Server):
    announcement = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(self.announcement)
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
