"""What becomes of backups: downloaded, or restored into the service instances that they came from.

Known: the calls and their fields, from divio-cli; `success` is a string. Chosen: a restore takes effect at once and is
finished a little later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints.backups import Named, later, over
from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import Body, Form, Query, Shown, body, found, missing, root
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, marks


class BackupDownloadCreate(Body):
    """What to download of a backup."""

    backup: str
    service_instance_backups: list[str] = Field(min_length=1)
    trigger: str = "PULL"


class PartToRestore(Body):
    """One service instance's part of a backup."""

    service_instance_backup: str


class BackupRestoreCreate(Body):
    """What to restore of a backup."""

    backup: str
    service_instance_restores: list[PartToRestore] = Field(min_length=1)
    notes: str | None = None


class BackupDownloadPart(Shown):
    """The address of one part, once `ended_at` is given."""

    uuid: str
    backup: str
    ended_at: str | None
    download_url: str | None
    errors: list[str]


class BackupRestore(Shown):
    """How a restore goes on."""

    uuid: str
    finished: bool
    success: str | None


def routes(divio: Installation) -> APIRouter:
    """Downloads and restores of the backup family under `/apps/v3/`."""
    router = APIRouter(prefix="/apps/v3", tags=["backups"])
    store = divio.store

    @router.post(
        "/backup-downloads/", status_code=201, response_model=Named, openapi_extra=divio.takes(BackupDownloadCreate)
    )
    async def download(request: Request) -> Response:
        form = Form(BackupDownloadCreate, await body(request))
        uuids = form["service_instance_backups"]
        _examine(divio, form, "service_instance_backups", uuids)
        row = {
            "uuid": clock.new_id(),
            "backup": form["backup"],
            "service_instance_backups": uuids,
            "queued_at": clock.stamp(clock.now()),
        }
        with store.change():
            store.insert("backup_downloads", row)
        return JSONResponse(row, 201)

    @router.get(
        "/backup-download-service-instances/", response_model=list[BackupDownloadPart], openapi_extra=filters("backup")
    )
    async def downloads(request: Request) -> Response:
        # The filter is called `backup`, but what divio-cli gives is the download's id.
        wanted = request.query_params.getlist("backup")
        rows = store.rows(f"SELECT * FROM backup_downloads WHERE uuid IN ({marks(wanted)})", *wanted)
        shown = [
            _download(divio, request, row, number)
            for row in rows
            for number in range(len(row["service_instance_backups"]))
        ]
        return Query(request, "backup_downloads").page_of(shown, divio.settings.page_size, lambda rows: rows)

    @router.get("/backup-download-service-instances/{uuid}/", response_model=BackupDownloadPart)
    async def download_part(request: Request, uuid: str) -> Response:
        of, _, number = uuid.partition("-")
        row = found(store, "backup_downloads", of)
        most = len(row["service_instance_backups"]) - 1
        if not re.fullmatch(r"[0-9]{1,9}", number) or int(number) > most:
            missing()
        return JSONResponse(_download(divio, request, row, int(number)))

    @router.post(
        "/backup-restores/",
        status_code=201,
        response_model=BackupRestore,
        openapi_extra=divio.takes(BackupRestoreCreate),
    )
    async def restore(request: Request) -> Response:
        form = Form(BackupRestoreCreate, await body(request))
        uuids = [
            one.get("service_instance_backup") if isinstance(one, dict) else None
            for one in form["service_instance_restores"] or ()
        ]
        rows = _examine(divio, form, "service_instance_restores", uuids)
        row = {
            "uuid": clock.new_id(),
            "backup": form["backup"],
            "service_instance_backups": uuids,
            "notes": form["notes"],
            "queued_at": clock.stamp(clock.now()),
        }
        with store.change():
            store.insert("backup_restores", row)
            for one in rows:
                store.update("service_instances", one["service_instance"], content=one["content"])
        return JSONResponse(_restored(divio, row), 201)

    @router.get("/backup-restores/{uuid}/", response_model=BackupRestore)
    async def restored(uuid: str) -> Response:
        return JSONResponse(_restored(divio, found(store, "backup_restores", uuid)))

    return router


def _examine(divio: Installation, form: Form, field: str, uuids: Sequence[str | None]) -> list[Row]:
    """The parts of the form's backup with these ids; whatever is none is an error of the field."""
    backup = form.related(divio.store, "backup", "backups")
    rows = []
    for uuid in uuids or ():
        row = divio.store.get("service_instance_backups", uuid)
        if row is None or (backup and row["backup"] != backup["uuid"]):
            form.refuse(field, f'Invalid pk "{uuid}" - object does not exist.')
        elif row["ended_at"] is None or row["content"] is None:
            form.refuse(field, "The backup is not complete.")
        else:
            rows.append(row)
    form.done()
    return rows


def _download(divio: Installation, request: Request, row: Row, number: int) -> Row:
    ended_at = later(divio, row["queued_at"])
    is_over = over(ended_at)
    return {
        "uuid": f"{row['uuid']}-{number}",
        "backup": row["uuid"],
        "ended_at": ended_at if is_over else None,
        "download_url": f"{root(request)}/_storage/{row['service_instance_backups'][number]}" if is_over else None,
        "errors": [],
    }


def _restored(divio: Installation, row: Row) -> Row:
    finished = over(later(divio, row["queued_at"]))
    return {**row, "finished": finished, "success": "SUCCESS" if finished else None}
