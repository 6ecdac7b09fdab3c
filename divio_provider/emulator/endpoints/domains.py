"""Custom domains of an application's Live environment.

Known: the collection exists; one domain is primary, others are aliases, each may redirect. Every field here is a guess.
Chosen: a host name is unique in the whole of this Divio; a new primary makes the former one an alias; PATCH may move a domain
to another application; the deployed `DOMAIN*` change only with the next deployment.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints import activities
from divio_provider.emulator.endpoints.pagination import by_columns
from divio_provider.emulator.endpoints.routing import add_detail, add_list, creates, form_of, row_of, takes
from divio_provider.emulator.endpoints.serializers import Body, Form, Object, matches, not_found
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world.database import Database, Row

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


Host = Annotated[
    str,
    Field(min_length=1, max_length=253),
    matches(rf"{LABEL}(?:\.{LABEL})+", "Enter a valid host name in lower case, such as www.example.com."),
]


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


class Domain(Object):
    """A domain."""

    application: str
    domain: str
    is_primary: bool
    is_redirect: bool


def routes(divio: AppState) -> APIRouter:
    """`/apps/v3/domains/`."""
    db = divio.db

    async def offered() -> None:
        if divio.switches.domains == "missing":
            not_found()

    router = APIRouter(prefix="/apps/v3/domains", tags=["domains"], dependencies=[Depends(offered)])
    add_list(router, "/", "domains", Domain, filters=by_columns("application", "domain"))
    add_detail(router, "/{uuid}/", "domains", Domain, name="domain")

    @router.post("/", **creates(DomainCreate, Domain))
    async def create(form: Form = form_of(DomainCreate)) -> Response:
        _examine(db, form, form.values, "")
        with db.transaction():
            row = db.insert("domains", form.values)
            _demote_others(db, row)
            activities.note(db, row["application"], "domain", f"Domain {row['domain']} added")
        return JSONResponse(row, 201)

    @router.patch("/{uuid}/", response_model=Domain, openapi_extra=takes(DomainUpdate))
    async def update(uuid: str, form: Form = form_of(DomainUpdate), row: Row = row_of("domains")) -> Response:
        changes = {field: value for field, value in form.values.items() if value is not None}
        changed = row | changes
        _examine(db, form, changed, uuid)
        if changes:
            with db.transaction():
                db.update("domains", uuid, **changes)
                _demote_others(db, changed)
                activities.note(db, changed["application"], "domain", f"Domain {row['domain']} changed")
        return JSONResponse(changed)

    @router.delete("/{uuid}/", status_code=204, response_class=Response)
    async def delete(uuid: str, row: Row = row_of("domains")) -> None:
        with db.transaction():
            activities.note(db, row["application"], "domain", f"Domain {row['domain']} removed")
            db.delete("domains", uuid)

    return router


def _examine(db: Database, form: Form, row: Row, uuid: str) -> None:
    form.related(db, "application", "applications")
    host = str(row.get("domain") or "")
    if host and db.row("SELECT 1 FROM domains WHERE domain = ? AND uuid <> ?", host, uuid):
        form.add_error("domain", "domain with this domain already exists.")
    if row.get("is_primary") and row.get("is_redirect"):
        form.add_error("is_redirect", "The primary domain cannot be a redirect.")
    form.raise_errors()


def _demote_others(db: Database, row: Row) -> None:
    if row["is_primary"]:
        others = "UPDATE domains SET is_primary = 0 WHERE application = ? AND uuid <> ?"
        db.execute(others, row["application"], row["uuid"])
