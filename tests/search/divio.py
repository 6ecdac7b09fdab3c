"""A local Divio in a thread of the test's process: over HTTP like any other, but on a clock that the test has."""

from __future__ import annotations

import itertools
import threading
from typing import Any, Self

import pytest
import uvicorn

from divio_provider.emulator.server import process
from divio_provider.emulator.server.app import application
from divio_provider.emulator.server.middleware import Middleware, Protocol
from divio_provider.emulator.settings import settings
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world import clock as ids
from divio_provider.emulator.world import seed
from divio_provider.emulator.world.database import Database
from tests.local_divio import LocalDivio, Refused
from tests.search.clock import Clock

World = dict[str, list[dict[str, Any]]]

DEPLOY_SECONDS = 3.0
"""By the search's clock: long enough for a look to be old where one site waits for another."""


class DivioOnClock(LocalDivio):
    """The local Divio; its ids are numbered, so that a search that is repeated sees the same ones."""

    def __init__(self, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.clock = clock
        self._ids = itertools.count()
        monkeypatch.setattr(ids, "new_id", lambda: ids.id_of(str(next(self._ids))))

    def start(self) -> Self:
        answers = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(answers,), daemon=True, name="local-divio")
        self._thread.start()
        if not answers.wait(30):
            raise Refused("the local Divio did not start")
        return self

    def _serve(self, answers: threading.Event) -> None:
        flags = settings(port=0, deploy_seconds=DEPLOY_SECONDS)
        # SQLite wants to be used by the thread that opened it.
        db = Database()
        seed.fill(db)
        state = AppState(flags, db, flags.switches)
        listener = process._listen(flags)
        self.url = f"http://{flags.host}:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            Middleware(application(state), state),
            http=Protocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config, answers)
        try:
            self._server.run([listener])
        finally:
            db.close()

    def stop(self) -> int:
        self._http.close()
        self._server.should_exit = True
        self._thread.join(10)
        return 0

    def finished(self, deployment: str, *, within: float = 30) -> Any:
        self.clock.sleep(DEPLOY_SECONDS)
        return super().finished(deployment, within=within)

    def back_to(self, world: World, since_start: float) -> None:
        """The world as it was, at the moment that it was."""
        self.clock.set(since_start)
        self._ids = itertools.count(1_000_000)
        self.renew(world)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, answers: threading.Event) -> None:
        super().__init__(config)
        self._answers = answers

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._answers.set()
