"""Service instances: the databases and storages of an environment.

Known: adding one only registers it; the next deployment provisions and attaches it. Chosen: `service_status` goes from
`new` to `attached` when a deployment that provisioned it succeeds; there is no DELETE (Divio's detach, deploy, remove is
not known well enough to be imitated).
"""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints.activities import note_environment
from divio_provider.emulator.endpoints.pagination import OF_ENVIRONMENTS, Query, by_columns
from divio_provider.emulator.endpoints.routing import add_detail, creates, fields_of, filtered_by, form_of
from divio_provider.emulator.endpoints.serializers import Body, Form, Invalid, Object, get_or_404, matches
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world.database import Database, Row

FILTERS = by_columns("environment") | {"application": OF_ENVIRONMENTS}


Prefix = Annotated[
    str,
    Field(min_length=1, max_length=255),
    matches(r"[A-Z][A-Z0-9_]*", "Enter a valid prefix: upper-case letters, digits and underscores."),
]


class ServiceInstanceCreate(Body):
    """A new service instance."""

    environment: str
    region: str
    service: str
    prefix: Prefix


class ServiceInstance(Object):
    """A service instance."""

    prefix: str
    type: str
    service_status: str
    region: str
    service: str
    environment: str


def routes(divio: AppState) -> APIRouter:
    """`/apps/v3/service-instances/`."""
    router = APIRouter(prefix="/apps/v3/service-instances", tags=["service-instances"])
    db, show = divio.db, fields_of(ServiceInstance)

    @router.get("/", response_model=list[ServiceInstance], openapi_extra=filtered_by(FILTERS))
    async def instances(request: Request) -> Response:
        query = Query(request, "service_instances")
        query.filter(FILTERS)
        if not any(query.given(name) for name in FILTERS):
            raise Invalid({"environment": ["This field is required."]})
        return query.page(show)

    add_detail(router, "/{uuid}/", "service_instances", ServiceInstance, name="instance")

    @router.post("/", **creates(ServiceInstanceCreate, ServiceInstance))
    async def create(request: Request, form: Form = form_of(ServiceInstanceCreate)) -> Response:
        environment = form.related(db, "environment", "environments")
        region = form.related(db, "region", "regions")
        service = form.related(db, "service", "services")
        if service and region and service["region"] != region["uuid"]:
            form.add_error("service", f'"{service["name"]}" is not offered in the region "{region["name"]}".')
        if environment and region:
            application = get_or_404(db, "applications", environment["application"])
            if application["region"] != region["uuid"]:
                form.add_error("region", "The application is in another region.")
        same = "SELECT 1 FROM service_instances WHERE environment = ? AND type = ? AND prefix = ?"
        if environment and service and db.row(same, environment["uuid"], service["type"], form["prefix"]):
            form.add_error(None, "The fields environment, type, prefix must make a unique set.")
        form.raise_errors()
        assert environment is not None
        assert service is not None
        dsn = _dsn(db, environment, service)
        with db.transaction():
            row = {**form.values, "type": service["type"], "service_status": "new", "dsn": dsn}
            row = db.insert("service_instances", row)
            note_environment(db, row["environment"], "service_instance", f"{row['type']} {row['prefix']} added")
        return JSONResponse(show(request, [row])[0], 201)

    return router


def rotate(db: Database, environment: str) -> bool:
    """Gives an environment's database a new password, as a person or Divio's support would; False when it has none.

    Nothing else happens: the next deployment carries the new value, and whoever copied the old one is down.
    """
    row = db.row(
        "SELECT * FROM service_instances WHERE environment = ? AND type = 'DATABASE' ORDER BY prefix <> 'DEFAULT', rowid",
        environment,
    )
    if row is None:
        return False
    parts = urlsplit(row["dsn"])
    address = f"{parts.username}:{secrets.token_urlsafe(24)}@{parts.hostname}:{parts.port}"
    with db.transaction():
        db.update("service_instances", row["uuid"], dsn=f"{parts.scheme}://{address}{parts.path}")
    return True


def _dsn(db: Database, environment: Row, service: Row) -> str:
    """A DSN of Divio's shape. It exists from the start, but nobody sees it before a deployment has provisioned it."""
    place = get_or_404(db, "regions", service["region"])["place"]
    slug = get_or_404(db, "applications", environment["application"])["slug"]
    name = f"{slug.replace('-', '_')[:32]}_{environment['slug']}_{secrets.token_hex(4)}"
    if service["type"] == "DATABASE":
        scheme = "mysql" if service["identifier"] == "mysql" else "postgres"
        port = 3306 if scheme == "mysql" else 5432
        return f"{scheme}://{name}:{secrets.token_urlsafe(24)}@{scheme}-{secrets.token_hex(3)}.{place}.db.example:{port}/{name}"
    # S3 secrets hold `+` and `/`, which a client must copy as they are: percent-encoded.
    key = f"AKIA{secrets.token_hex(8).upper()}"
    secret = quote(f"{secrets.token_urlsafe(24)}+{secrets.token_hex(4)}/", "")
    bucket = name.replace("_", "-")
    return f"s3://{key}:{secret}@{bucket}.s3-{place}.amazonaws.com/?auth=s3v4&domain={bucket}.divio-media.example"
