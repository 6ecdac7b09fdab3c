"""Where the contents of backups go and come from: what would be addresses of a cloud's storage, signed in advance.

No token: the address is the permission. Contents are kept in the world, so they have to be small.
"""

from __future__ import annotations

import base64
import gzip
import io
import tarfile

from fastapi import APIRouter, HTTPException, Request, Response

from divio_provider.emulator.endpoints.routing import row_of
from divio_provider.emulator.endpoints.serializers import get_or_404, not_found, root
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row

MOST_BYTES = 16 * 1024 * 1024
"""The largest upload; Divio's own is 5 GB."""

DUMP = b"-- PostgreSQL database dump\n\nSET client_encoding = 'UTF8';\n\n-- PostgreSQL database dump complete\n"


def routes(divio: AppState) -> APIRouter:
    """`/_storage/`."""
    router = APIRouter(prefix="/_storage", include_in_schema=False)
    db = divio.db

    @router.put("/{uuid}")
    async def put(request: Request, uuid: str, row: Row = row_of("service_instance_backups")) -> Response:
        if row["ended_at"] is not None:
            raise HTTPException(409, "This upload is finished.")
        content = bytearray()
        async for piece in request.stream():
            content += piece
            if len(content) > MOST_BYTES:
                raise HTTPException(413, f"More than {MOST_BYTES} bytes.")
        with db.transaction():
            db.update("service_instance_backups", uuid, content=base64.b64encode(content).decode())
        return Response()

    @router.post("/{uuid}/finish")
    async def finish(uuid: str, row: Row = row_of("service_instance_backups")) -> Response:
        if row["ended_at"] is None:
            errors = [] if row["content"] else ["Nothing was uploaded."]
            with db.transaction():
                db.update("service_instance_backups", uuid, ended_at=clock.stamp(), errors=errors)
        return Response()

    @router.get("/{uuid}")
    @router.get("/{uuid}/")
    async def get(row: Row = row_of("service_instance_backups")) -> Response:
        if row["content"] is None:
            not_found()
        instance = get_or_404(db, "service_instances", row["service_instance"])
        name = "backup.sql" if instance["type"] == "DATABASE" else "media.tar.gz"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(base64.b64decode(row["content"]), 200, headers, "application/octet-stream")

    return router


def address_of(request: Request, uuid: str) -> str:
    """Where the content of a service instance's part of a backup is put and read."""
    return f"{root(request)}/_storage/{uuid}"


def new_content(kind: str) -> str:
    """The content of a service instance that nothing was restored into, as it is kept."""
    return base64.b64encode(DUMP if kind == "DATABASE" else _archive()).decode()


def size(content: str | None) -> int | None:
    """Bytes of a content as it is kept."""
    return None if content is None else len(base64.b64decode(content))


def _archive() -> bytes:
    """An archive with one small file, always the same."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        text = b"A file of the local Divio.\n"
        member = tarfile.TarInfo("readme.txt")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return gzip.compress(raw.getvalue(), mtime=0)
