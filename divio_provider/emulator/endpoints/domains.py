"""Custom domains of an application's Live environment.

Known: the collection exists; one domain is primary, others are aliases, each may redirect. Every field here is a guess.
Chosen: a host name is unique over the installation; a new primary makes the former one an alias; PATCH may move a domain
to another application; the deployed `DOMAIN*` change only with the next deployment.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field

from divio_provider.emulator.endpoints import activities
from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import Body, Form, Query, Shown, body, found, missing
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})+")


def _host(text: str) -> str:
    if not HOST.fullmatch(text):
        message = "Enter a valid host name in lower case, such as www.example.com."
        raise ValueError(message)
    return text


Host = Annotated[str, Field(min_length=1, max_length=253), AfterValidator(_host)]


class DomainCreate(Body):
    """A new domain."""

    application: str
    domain: Host
    is_primary: bool = False
    is_redirect: bool = False


class DomainUpdate(Body):
    """What can change of a domain; None is not given."""

    application: str | None = None
    domain: Host | None = None
    is_primary: bool | None = None
    is_redirect: bool | None = None


class Domain(Shown):
    """A domain."""

    uuid: str
    application: str
    domain: str
    is_primary: bool
    is_redirect: bool


def routes(divio: Installation) -> APIRouter:
    """`/apps/v3/domains/`."""

    def offered() -> None:
        if divio.switches.domains == "missing":
            missing()

    router = APIRouter(prefix="/apps/v3/domains", tags=["domains"], dependencies=[Depends(offered)])
    store = divio.store

    @router.get("/", response_model=list[Domain], openapi_extra=filters("application", "domain"))
    async def domains(request: Request) -> Response:
        query = Query(request, "domains")
        query.filter("application")
        query.filter("domain")
        return query.page(store, divio.settings.page_size, lambda rows: rows)

    @router.get("/{uuid}/", response_model=Domain)
    async def domain(uuid: str) -> Response:
        return JSONResponse(found(store, "domains", uuid))

    @router.post("/", status_code=201, response_model=Domain, openapi_extra=divio.takes(DomainCreate))
    async def create(request: Request) -> Response:
        form = Form(DomainCreate, await body(request))
        row = {"uuid": clock.new_id(), **form.values}
        _examine(store, form, row)
        with store.change():
            _demote(store, row)
            store.insert("domains", row)
            activities.note(store, row["application"], "domain", f"Domain {row['domain']} added")
        return JSONResponse(row, 201)

    @router.patch("/{uuid}/", response_model=Domain, openapi_extra=divio.takes(DomainUpdate))
    async def update(request: Request, uuid: str) -> Response:
        form = Form(DomainUpdate, await body(request))
        row = found(store, "domains", uuid)
        changes = {field: value for field, value in form.values.items() if value is not None}
        _examine(store, form, row | changes)
        if changes:
            with store.change():
                _demote(store, row | changes)
                store.update("domains", uuid, **changes)
                application = (row | changes)["application"]
                activities.note(store, application, "domain", f"Domain {row['domain']} changed")
        return JSONResponse(row | changes)

    @router.delete("/{uuid}/", status_code=204, response_class=Response)
    async def delete(uuid: str) -> Response:
        row = found(store, "domains", uuid)
        with store.change():
            activities.note(store, row["application"], "domain", f"Domain {row['domain']} removed")
            store.run("DELETE FROM domains WHERE uuid = ?", uuid)
        return Response(status_code=204)

    return router


def _examine(store: Store, form: Form, row: Row) -> None:
    form.related(store, "application", "applications")
    if row.get("domain") and store.row(
        "SELECT 1 FROM domains WHERE domain = ? AND uuid <> ?", str(row["domain"]), row["uuid"]
    ):
        form.refuse("domain", "domain with this domain already exists.")
    if row.get("is_primary") and row.get("is_redirect"):
        form.refuse("is_redirect", "The primary domain cannot be a redirect.")
    form.done()


def _demote(store: Store, row: Row) -> None:
    if row["is_primary"]:
        store.run(
            "UPDATE domains SET is_primary = 0 WHERE application = ? AND uuid <> ?", row["application"], row["uuid"]
        )
