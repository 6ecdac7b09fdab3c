"""Backups of service instances: made here or brought along by the client, downloaded, restored.

Known: the calls, their fields and texts, from divio-cli; here `success` is a string. Chosen: each step takes a quarter of a
deployment's time; uploads are a plain PUT to this server (the handler `exo-presigned-v1`, backup_storage.py); a database
without anything restored into it gives a small dump, a storage a small archive; a restore takes effect at once and is
finished a little later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from divio_provider.emulator.endpoints import backup_storage
from divio_provider.emulator.endpoints.pagination import Query, by_columns, state_of
from divio_provider.emulator.endpoints.routing import add_detail, add_list, creates, filtered_by, form_of
from divio_provider.emulator.endpoints.serializers import Body, Form, Object, get_or_404, not_found
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row, marks

Problem = Callable[[Row], str | None]
"""What makes a row useless for a request, as a sentence; None: nothing."""


class BackupUpload(Body):
    """A backup that the client brings along."""

    environment: str
    services: list[str] = Field(min_length=1)
    notes: str | None = None
    scheduled_for_deletion_at: str | None = None


class BackupCreate(BackupUpload):
    """A backup to make; `services` are service instances of the environment."""

    trigger: str = "MANUAL"


class Backup(Object):
    """A backup."""

    environment: str
    state: str
    success: str | None
    service_instance_backups: list[str]


class ServiceInstanceBackup(Object):
    """One service instance's part of a backup."""

    backup: str
    service_instance: str
    service_type: str
    queued_at: str
    started_at: str | None
    ended_at: str | None
    taken_at: str | None
    size: int | None
    errors: list[str]


class Named(Object):
    """Something that was asked for."""


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


class BackupDownloadPart(Object):
    """The address of one part, once `ended_at` is given."""

    backup: str
    ended_at: str | None
    download_url: str | None
    errors: list[str]


class BackupRestore(Object):
    """How a restore goes on."""

    finished: bool
    success: str | None


def routes(divio: AppState) -> APIRouter:
    """The backup family under `/apps/v3/`."""
    router = APIRouter(prefix="/apps/v3", tags=["backups"])
    add_list(router, "/backups/", "backups", Backup, filters=by_columns("environment"), show=_show_backups)

    @router.post("/backups/", **creates(BackupCreate, Backup))
    async def create(request: Request, form: Form = form_of(BackupCreate)) -> Response:
        return JSONResponse(_show_backups(request, [_add(divio, form, made=True)])[0], 201)

    @router.post("/backups/upload/", **creates(BackupUpload, Named))
    async def upload(request: Request, form: Form = form_of(BackupUpload)) -> Response:
        row = _add(divio, form, made=False)
        results = {}
        for part in _parts(divio.db, row["uuid"]):
            address = backup_storage.address_of(request, part["uuid"])
            results[part["service_instance"]] = {
                "handler": "exo-presigned-v1",
                "finish_url": f"{address}/finish",
                "upload_parameters": {"url": address, "max_file_size": backup_storage.MOST_BYTES},
            }
        return JSONResponse({"uuid": row["uuid"], "results": results}, 201)

    add_detail(router, "/backups/{uuid}/", "backups", Backup, name="backup", show=_show_backups)
    path, table, filters = "/service-instance-backups/", "service_instance_backups", ("backup", "service_instance")
    add_list(router, path, table, ServiceInstanceBackup, name="parts", filters=by_columns(*filters), show=_show_parts)
    add_detail(router, path + "{uuid}/", table, ServiceInstanceBackup, name="part", show=_show_parts)

    _add_downloads(router, divio)
    _add_restores(router, divio)
    return router


def _add_downloads(router: APIRouter, divio: AppState) -> None:
    db = divio.db

    @router.post("/backup-downloads/", **creates(BackupDownloadCreate, Named))
    async def download(form: Form = form_of(BackupDownloadCreate)) -> Response:
        uuids = form["service_instance_backups"]
        _restorable(db, form, "service_instance_backups", uuids)
        row = {"backup": form["backup"], "service_instance_backups": uuids, "queued_at": clock.stamp()}
        with db.transaction():
            row = db.insert("backup_downloads", row)
        return JSONResponse(row, 201)

    path = "/backup-download-service-instances/"

    @router.get(path, response_model=list[BackupDownloadPart], openapi_extra=filtered_by(("backup",)))
    async def downloads(request: Request) -> Response:
        # The filter is called `backup`, but what divio-cli gives is the download's id.
        wanted = request.query_params.getlist("backup")
        rows = db.rows(f"SELECT * FROM backup_downloads WHERE uuid IN ({marks(wanted)})", *wanted)
        parts = [(row, number) for row in rows for number in range(len(row["service_instance_backups"]))]
        return Query(request, "backup_downloads").page_of([_download(divio, request, *part) for part in parts])

    @router.get(path + "{uuid}/", response_model=BackupDownloadPart)
    async def download_part(request: Request, uuid: str) -> Response:
        of, _, number = uuid.partition("-")
        row = get_or_404(db, "backup_downloads", of)
        if not re.fullmatch(r"[0-9]{1,9}", number) or int(number) >= len(row["service_instance_backups"]):
            not_found()
        return JSONResponse(_download(divio, request, row, int(number)))


def _add_restores(router: APIRouter, divio: AppState) -> None:
    db = divio.db

    @router.post("/backup-restores/", **creates(BackupRestoreCreate, BackupRestore))
    async def restore(form: Form = form_of(BackupRestoreCreate)) -> Response:
        given = form["service_instance_restores"] or ()
        uuids = [one.get("service_instance_backup") if isinstance(one, dict) else None for one in given]
        parts = _restorable(db, form, "service_instance_restores", uuids)
        row = {"backup": form["backup"], "service_instance_backups": uuids, "notes": form["notes"]}
        with db.transaction():
            row = db.insert("backup_restores", {**row, "queued_at": clock.stamp()})
            for part in parts:
                db.update("service_instances", part["service_instance"], content=part["content"])
        return JSONResponse(_restored(divio, row), 201)

    @router.get("/backup-restores/{uuid}/", response_model=BackupRestore)
    async def restored(uuid: str) -> Response:
        return JSONResponse(_restored(divio, get_or_404(db, "backup_restores", uuid)))


def _add(divio: AppState, form: Form, *, made: bool) -> Row:
    def problem(instance: Row) -> str | None:
        attached = instance["service_status"] == "attached"
        return None if attached else f"{instance['type']} {instance['prefix']} is not provisioned yet."

    instances = _related(
        divio.db, form, "services", form["services"] or (), "service_instances", "environment", problem
    )
    at = clock.stamp()
    row = {
        **{field: form[field] for field in ("environment", "notes", "scheduled_for_deletion_at")},
        "trigger": form["trigger"] or "MANUAL",
        "queued_at": at,
    }
    with divio.db.transaction():
        row = divio.db.insert("backups", row)
        for instance in instances:
            part = {
                "backup": row["uuid"],
                "service_instance": instance["uuid"],
                "ended_at": _later(divio, at) if made else None,
                "content": (instance["content"] or backup_storage.new_content(instance["type"])) if made else None,
                "errors": [],
            }
            divio.db.insert("service_instance_backups", part)
    return row


def _restorable(db: Database, form: Form, field: str, uuids: Sequence[object] | None) -> list[Row]:
    def problem(part: Row) -> str | None:
        return "The backup is not complete." if part["ended_at"] is None or part["content"] is None else None

    return _related(db, form, field, uuids or (), "service_instance_backups", "backup", problem)


def _related(
    db: Database, form: Form, field: str, uuids: Iterable[object], table: str, owner: str, problem: Problem
) -> list[Row]:
    """The rows of a table that a field names by ids; they belong to what the form's field `owner` names.

    Raises:
        Invalid: an id of nothing, or of a row that has a problem, is an error of that field.
    """
    owning = form.related(db, owner, f"{owner}s")
    rows = []
    for uuid in uuids:
        row = db.get(table, uuid)
        if row is None or (owning and row[owner] != owning["uuid"]):
            form.add_error(field, f'Invalid pk "{uuid}" - object does not exist.')
        elif sentence := problem(row):
            form.add_error(field, sentence)
        else:
            rows.append(row)
    form.raise_errors()
    return rows


def _later(divio: AppState, at: str) -> str:
    """When a step ends that began at this time."""
    return clock.later(at, divio.settings.deploy_seconds / 4)


def _is_over(moment: str | None) -> bool:
    return moment is not None and moment <= clock.stamp()


def _parts(db: Database, backup: str) -> list[Row]:
    return db.rows("SELECT * FROM service_instance_backups WHERE backup = ? ORDER BY rowid", backup)


def _show_backups(request: Request, rows: list[Row]) -> list[Row]:
    shown = []
    for row in rows:
        parts = _parts(state_of(request).db, row["uuid"])
        failed = sum(bool(part["errors"]) for part in parts)
        success = "SUCCESS" if not failed else "PARTIAL" if failed < len(parts) else "FAILURE"
        complete = all(_is_over(part["ended_at"]) for part in parts)
        state = {"state": "COMPLETED", "success": success} if complete else {"state": "WORKING", "success": None}
        shown.append({**row, **state, "service_instance_backups": [part["uuid"] for part in parts]})
    return shown


def _show_parts(request: Request, rows: list[Row]) -> list[Row]:
    return [_part(state_of(request).db, row) for row in rows]


def _part(db: Database, row: Row) -> Row:
    queued_at = get_or_404(db, "backups", row["backup"])["queued_at"]
    over = row if _is_over(row["ended_at"]) else {"ended_at": None, "content": None}
    return {
        **{field: row[field] for field in ("uuid", "backup", "service_instance")},
        "service_type": get_or_404(db, "service_instances", row["service_instance"])["type"],
        "queued_at": queued_at,
        "started_at": queued_at,
        "ended_at": over["ended_at"],
        "taken_at": over["ended_at"],
        "size": backup_storage.size(over["content"]),
        "errors": row["errors"],
    }


def _download(divio: AppState, request: Request, row: Row, number: int) -> Row:
    ended_at = _later(divio, row["queued_at"])
    is_over = _is_over(ended_at)
    url = backup_storage.address_of(request, row["service_instance_backups"][number])
    return {
        "uuid": f"{row['uuid']}-{number}",
        "backup": row["uuid"],
        "ended_at": ended_at if is_over else None,
        "download_url": url if is_over else None,
        "errors": [],
    }


def _restored(divio: AppState, row: Row) -> Row:
    finished = _is_over(_later(divio, row["queued_at"]))
    return {**row, "finished": finished, "success": "SUCCESS" if finished else None}
