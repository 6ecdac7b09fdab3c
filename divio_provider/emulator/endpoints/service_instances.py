"""Service instances: the databases and storages of an environment.

Known: adding one only registers it; the next deployment provisions and attaches it. Chosen: `service_status` goes from
`new` to `attached` when a deployment that provisioned it succeeds; there is no DELETE (Divio's detach, deploy, remove is
not known well enough to be imitated).
"""

from __future__ import annotations

import re
import secrets
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field

from divio_provider.emulator.endpoints.activities import note_environment
from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import GENERAL, Body, Form, Invalid, Query, Shown, body, found
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store


def _prefix(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", text):
        message = "Enter a valid prefix: upper-case letters, digits and underscores."
        raise ValueError(message)
    return text


class ServiceInstanceCreate(Body):
    """A new service instance."""

    environment: str
    region: str
    service: str
    prefix: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_prefix)]


class ServiceInstance(Shown):
    """A service instance."""

    uuid: str
    prefix: str
    type: str
    service_status: str
    region: str
    service: str
    environment: str


def routes(divio: Installation) -> APIRouter:
    """`/apps/v3/service-instances/`."""
    router = APIRouter(prefix="/apps/v3/service-instances", tags=["service-instances"])
    store = divio.store

    @router.get("/", response_model=list[ServiceInstance], openapi_extra=filters("environment", "application"))
    async def instances(request: Request) -> Response:
        query = Query(request, "service_instances")
        by_environment = query.filter("environment")
        by_application = query.filter(
            "application", "environment IN (SELECT uuid FROM environments WHERE application IN ({}))"
        )
        if not by_environment and not by_application:
            raise Invalid({"environment": ["This field is required."]})
        return query.page(store, divio.settings.page_size, lambda rows: [_shown(row) for row in rows])

    @router.get("/{uuid}/", response_model=ServiceInstance)
    async def instance(uuid: str) -> Response:
        return JSONResponse(_shown(found(store, "service_instances", uuid)))

    @router.post("/", status_code=201, response_model=ServiceInstance, openapi_extra=divio.takes(ServiceInstanceCreate))
    async def create(request: Request) -> Response:
        form = Form(ServiceInstanceCreate, await body(request))
        environment = form.related(store, "environment", "environments")
        region = form.related(store, "region", "regions")
        service = form.related(store, "service", "services")
        if service and region and service["region"] != region["uuid"]:
            form.refuse("service", f'"{service["name"]}" is not offered in the region "{region["name"]}".')
        if environment and region:
            application = found(store, "applications", environment["application"])
            if application["region"] != region["uuid"]:
                form.refuse("region", "The application is in another region.")
        if environment and service and _taken(store, environment["uuid"], service["type"], form["prefix"]):
            form.refuse(GENERAL, "The fields environment, type, prefix must make a unique set.")
        form.done()
        assert environment is not None
        assert service is not None
        row = {
            "uuid": clock.new_id(),
            **form.values,
            "type": service["type"],
            "service_status": "new",
            "dsn": _dsn(store, environment, service),
        }
        with store.change():
            store.insert("service_instances", row)
            note_environment(store, row["environment"], "service_instance", f"{row['type']} {row['prefix']} added")
        return JSONResponse(_shown(row), 201)

    return router


def rotate(store: Store, environment: str) -> bool:
    """Gives an environment's database a new password, as a person or Divio's support would; False when it has none.

    Nothing else happens: the next deployment carries the new value, and whoever copied the old one is down.
    """
    row = store.row(
        "SELECT * FROM service_instances WHERE environment = ? AND type = 'DATABASE' ORDER BY prefix <> 'DEFAULT', rowid",
        environment,
    )
    if row is None:
        return False
    parts = urlsplit(row["dsn"])
    address = f"{parts.username}:{_password()}@{parts.hostname}:{parts.port}"
    with store.change():
        store.update("service_instances", row["uuid"], dsn=f"{parts.scheme}://{address}{parts.path}")
    return True


def _taken(store: Store, environment: str, kind: str, prefix: str | None) -> bool:
    return prefix is not None and bool(
        store.row(
            "SELECT 1 FROM service_instances WHERE environment = ? AND type = ? AND prefix = ?",
            environment,
            kind,
            prefix,
        )
    )


def _dsn(store: Store, environment: Row, service: Row) -> str:
    """A DSN of Divio's shape. It exists from the start, but nobody sees it before a deployment has provisioned it."""
    place = found(store, "regions", service["region"])["place"]
    slug = found(store, "applications", environment["application"])["slug"]
    name = f"{slug.replace('-', '_')[:32]}_{environment['slug']}_{secrets.token_hex(4)}"
    if service["type"] == "DATABASE":
        scheme = "mysql" if service["identifier"] == "mysql" else "postgres"
        port = 3306 if scheme == "mysql" else 5432
        return f"{scheme}://{name}:{_password()}@{scheme}-{secrets.token_hex(3)}.{place}.db.example:{port}/{name}"
    # S3 secrets hold `+` and `/`, which a client must copy as they are: percent-encoded.
    key, secret = (
        f"AKIA{secrets.token_hex(8).upper()}",
        quote(f"{secrets.token_urlsafe(24)}+{secrets.token_hex(4)}/", ""),
    )
    bucket = name.replace("_", "-")
    return f"s3://{key}:{secret}@{bucket}.s3-{place}.amazonaws.com/?auth=s3v4&domain={bucket}.divio-media.example"


def _password() -> str:
    return secrets.token_urlsafe(24)


def _shown(row: Row) -> Row:
    return {field: row[field] for field in ServiceInstance.model_fields}
