"""Repositories on other Git hosts.

Known: the fields of POST, the states, `check`. Chosen: there is no Git behind it, every repository is cloned at once and
every check succeeds; a password is thrown away.
"""

from __future__ import annotations

import re
import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator

from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import Body, Form, Query, Shown, body, found
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row


def _url(text: str) -> str:
    if not re.fullmatch(r"(https?://|ssh://)\S+/\S+|[\w.-]+@[\w.-]+:\S+", text):
        message = "Enter a valid URL."
        raise ValueError(message)
    return text


class RepositoryCreate(Body):
    """A repository to use."""

    organisation: str
    url: Annotated[str, AfterValidator(_url)]
    key_type: Literal["ED25519", "ECDSA", "RSA"] | None = None
    username: str | None = None
    password: str | None = None


class RepositoryCheck(Body):
    """What a check shall try."""

    branch: str | None = None
    migrate: str | None = None


class RepositoryChecked(Shown):
    """What came of a check."""

    code: str


class Repository(Shown):
    """A repository; `auth_info` is the public key to register at the Git host."""

    uuid: str
    organisation: str
    url: str
    dsn: str
    state: str
    auth_info: str | None


def routes(divio: Installation) -> APIRouter:
    """`/apps/v3/repositories/`."""
    router = APIRouter(prefix="/apps/v3/repositories", tags=["repositories"])
    store = divio.store

    @router.get("/", response_model=list[Repository], openapi_extra=filters("organisation"))
    async def repositories(request: Request) -> Response:
        query = Query(request, "repositories")
        query.filter("organisation")
        return query.page(store, divio.settings.page_size, lambda rows: [_shown(row) for row in rows])

    @router.get("/{uuid}/", response_model=Repository)
    async def repository(uuid: str) -> Response:
        return JSONResponse(_shown(found(store, "repositories", uuid)))

    @router.post("/", status_code=201, response_model=Repository, openapi_extra=divio.takes(RepositoryCreate))
    async def create(request: Request) -> Response:
        form = Form(RepositoryCreate, await body(request))
        form.related(store, "organisation", "organisations")
        form.done()
        by_key = form["key_type"] is not None
        row = {
            "uuid": clock.new_id(),
            "organisation": form["organisation"],
            "url": form["url"],
            "key_type": form["key_type"],
            "auth_info": f"ssh-{form['key_type'].lower()} {secrets.token_hex(24)} divio" if by_key else None,
            "created_at": clock.stamp(clock.now()),
        }
        with store.change():
            store.insert("repositories", row)
        return JSONResponse(_shown(row), 201)

    @router.post("/{uuid}/check/", response_model=RepositoryChecked, openapi_extra=divio.takes(RepositoryCheck))
    async def check(request: Request, uuid: str) -> Response:
        await body(request)
        found(store, "repositories", uuid)
        return JSONResponse({"code": "success"})

    return router


def _shown(row: Row) -> Row:
    return {
        "uuid": row["uuid"],
        "organisation": row["organisation"],
        "url": row["url"],
        "dsn": row["url"],
        "state": "CLONED",
        "auth_info": row["auth_info"],
    }
