"""Repositories on other Git hosts.

Known: the fields of POST, the states, `check`. Chosen: there is no Git behind it, every repository is cloned at once and
every check succeeds; a password is thrown away.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints.pagination import by_columns
from divio_provider.emulator.endpoints.routing import add_detail, add_list, creates, fields_of, form_of, takes
from divio_provider.emulator.endpoints.serializers import Answer, Body, Form, Object, get_or_404, matches, read_body
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row

Url = Annotated[str, matches(r"(https?://|ssh://)\S+/\S+|[\w.-]+@[\w.-]+:\S+", "Enter a valid URL.")]


class RepositoryCreate(Body):
    """A repository to use."""

    organisation: str
    url: Url
    key_type: Literal["ED25519", "ECDSA", "RSA"] | None = None
    username: str | None = None
    password: str | None = None


class RepositoryCheck(Body):
    """What a check shall try."""

    branch: str | None = None
    migrate: str | None = None


class RepositoryChecked(Answer):
    """What came of a check."""

    code: str


class Repository(Object):
    """A repository; `auth_info` is the public key to register at the Git host."""

    organisation: str
    url: str
    dsn: str
    state: str
    auth_info: str | None


def routes(divio: AppState) -> APIRouter:
    """`/apps/v3/repositories/`."""
    router = APIRouter(prefix="/apps/v3/repositories", tags=["repositories"])
    db = divio.db
    add_list(router, "/", "repositories", Repository, filters=by_columns("organisation"), show=_show)
    add_detail(router, "/{uuid}/", "repositories", Repository, name="repository", show=_show)

    @router.post("/", **creates(RepositoryCreate, Repository))
    async def create(request: Request, form: Form = form_of(RepositoryCreate)) -> Response:
        form.related(db, "organisation", "organisations")
        form.raise_errors()
        kind = form["key_type"]
        row = {
            "organisation": form["organisation"],
            "url": form["url"],
            "key_type": kind,
            "auth_info": f"ssh-{kind.lower()} {secrets.token_hex(24)} divio" if kind else None,
            "created_at": clock.stamp(),
        }
        with db.transaction():
            row = db.insert("repositories", row)
        return JSONResponse(_show(request, [row])[0], 201)

    @router.post("/{uuid}/check/", response_model=RepositoryChecked, openapi_extra=takes(RepositoryCheck))
    async def check(request: Request, uuid: str) -> Response:
        await read_body(request)
        get_or_404(db, "repositories", uuid)
        return JSONResponse({"code": "success"})

    return router


def _show(request: Request, rows: list[Row]) -> list[Row]:
    return fields_of(Repository)(request, [{**row, "dsn": row["url"], "state": "CLONED"} for row in rows])
