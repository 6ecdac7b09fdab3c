"""Backups of service instances: made here, or brought along by the client.

Known: the calls, their fields and texts, from divio-cli; here `success` is a string. Chosen: each step takes a quarter of a
deployment's time; uploads are a plain PUT to this server (the handler `exo-presigned-v1`, backup_storage.py); a database without
anything restored into it gives a small dump, a storage a small archive.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints import backup_storage
from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import Body, Form, Query, Shown, body, found, root
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row


class BackupUpload(Body):
    """A backup that the client brings along."""

    environment: str
    services: list[str] = Field(min_length=1)
    notes: str | None = None
    scheduled_for_deletion_at: str | None = None


class BackupCreate(BackupUpload):
    """A backup to make; `services` are service instances of the environment."""

    trigger: str = "MANUAL"


class Backup(Shown):
    """A backup."""

    uuid: str
    environment: str
    state: str
    success: str | None
    service_instance_backups: list[str]


class ServiceInstanceBackup(Shown):
    """One service instance's part of a backup."""

    uuid: str
    backup: str
    service_instance: str
    service_type: str
    queued_at: str
    started_at: str | None
    ended_at: str | None
    taken_at: str | None
    size: int | None
    errors: list[str]


class Named(Shown):
    """Something that was asked for."""

    uuid: str


def routes(divio: Installation) -> APIRouter:
    """The backup family under `/apps/v3/`."""
    router = APIRouter(prefix="/apps/v3", tags=["backups"])
    store = divio.store

    @router.get("/backups/", response_model=list[Backup], openapi_extra=filters("environment"))
    async def backups(request: Request) -> Response:
        query = Query(request, "backups")
        query.filter("environment")
        return query.page(store, divio.settings.page_size, lambda rows: [_shown(divio, row) for row in rows])

    @router.post("/backups/", status_code=201, response_model=Backup, openapi_extra=divio.takes(BackupCreate))
    async def create(request: Request) -> Response:
        form = Form(BackupCreate, await body(request))
        instances = _instances(divio, form)
        return JSONResponse(_shown(divio, _add(divio, form, instances, made=True)), 201)

    @router.post("/backups/upload/", status_code=201, response_model=Named, openapi_extra=divio.takes(BackupUpload))
    async def upload(request: Request) -> Response:
        form = Form(BackupUpload, await body(request))
        row = _add(divio, form, _instances(divio, form), made=False)
        results = {}
        for part in _parts(divio, row["uuid"]):
            address = f"{root(request)}/_storage/{part['uuid']}"
            results[part["service_instance"]] = {
                "handler": "exo-presigned-v1",
                "finish_url": f"{address}/finish",
                "upload_parameters": {"url": address, "max_file_size": backup_storage.MOST_BYTES},
            }
        return JSONResponse({"uuid": row["uuid"], "results": results}, 201)

    @router.get("/backups/{uuid}/", response_model=Backup)
    async def backup(uuid: str) -> Response:
        return JSONResponse(_shown(divio, found(store, "backups", uuid)))

    @router.get(
        "/service-instance-backups/",
        response_model=list[ServiceInstanceBackup],
        openapi_extra=filters("backup", "service_instance"),
    )
    async def parts(request: Request) -> Response:
        query = Query(request, "service_instance_backups")
        query.filter("backup")
        query.filter("service_instance")
        return query.page(store, divio.settings.page_size, lambda rows: [_part(divio, row) for row in rows])

    @router.get("/service-instance-backups/{uuid}/", response_model=ServiceInstanceBackup)
    async def part(uuid: str) -> Response:
        return JSONResponse(_part(divio, found(store, "service_instance_backups", uuid)))

    return router


def _instances(divio: Installation, form: Form) -> list[Row]:
    environment = form.related(divio.store, "environment", "environments")
    rows = []
    for uuid in form["services"] or ():
        row = divio.store.get("service_instances", uuid)
        if row is None or (environment and row["environment"] != environment["uuid"]):
            form.refuse("services", f'Invalid pk "{uuid}" - object does not exist.')
        elif row["service_status"] != "attached":
            form.refuse("services", f"{row['type']} {row['prefix']} is not provisioned yet.")
        else:
            rows.append(row)
    form.done()
    return rows


def _add(divio: Installation, form: Form, instances: list[Row], *, made: bool) -> Row:
    store = divio.store
    at = clock.stamp(clock.now())
    row = {
        "uuid": clock.new_id(),
        "environment": form["environment"],
        "trigger": form["trigger"] or "MANUAL",
        "notes": form["notes"],
        "scheduled_for_deletion_at": form["scheduled_for_deletion_at"],
        "queued_at": at,
    }
    with store.change():
        store.insert("backups", row)
        for instance in instances:
            part = {
                "uuid": clock.new_id(),
                "backup": row["uuid"],
                "service_instance": instance["uuid"],
                "ended_at": later(divio, at) if made else None,
                "content": (instance["content"] or backup_storage.beginning(instance["type"])) if made else None,
                "errors": [],
            }
            store.insert("service_instance_backups", part)
    return row


def _parts(divio: Installation, backup: str) -> list[Row]:
    return divio.store.rows("SELECT * FROM service_instance_backups WHERE backup = ? ORDER BY rowid", backup)


def later(divio: Installation, at: str) -> str:
    """When a step ends that began at the time stamp `at`."""
    return clock.later(at, divio.settings.deploy_seconds / 4)


def over(moment: str | None) -> bool:
    """Whether a time stamp has passed; None has not come."""
    return moment is not None and moment <= clock.stamp(clock.now())


def _shown(divio: Installation, row: Row) -> Row:
    parts = _parts(divio, row["uuid"])
    success = None
    complete = all(over(part["ended_at"]) for part in parts)
    if complete:
        failed = sum(bool(part["errors"]) for part in parts)
        success = "SUCCESS" if not failed else "PARTIAL" if failed < len(parts) else "FAILURE"
    return {
        **row,
        "state": "COMPLETED" if complete else "WORKING",
        "success": success,
        "service_instance_backups": [part["uuid"] for part in parts],
    }


def _part(divio: Installation, row: Row) -> Row:
    backup = found(divio.store, "backups", row["backup"])
    is_over = over(row["ended_at"])
    return {
        "uuid": row["uuid"],
        "backup": row["backup"],
        "service_instance": row["service_instance"],
        "service_type": found(divio.store, "service_instances", row["service_instance"])["type"],
        "queued_at": backup["queued_at"],
        "started_at": backup["queued_at"],
        "ended_at": row["ended_at"] if is_over else None,
        "taken_at": row["ended_at"] if is_over else None,
        "size": backup_storage.size(row["content"]) if is_over else None,
        "errors": row["errors"],
    }
