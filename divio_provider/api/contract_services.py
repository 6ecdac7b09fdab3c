"""What we rely on of service instances and their backups. Read together with the rest in ``contract.py``."""

from __future__ import annotations

from divio_provider.api.certainty import Call, Certainty, parts

SEEN, INFERRED = Certainty.SEEN, Certainty.INFERRED
ONE = "{uuid}/"
INSTANCES = "/apps/v3/service-instances/"
BACKUPS = "/apps/v3/backups/"
RESTORES = "/apps/v3/backup-restores/"
DOWNLOADED = "/apps/v3/backup-download-service-instances/"

_instance = parts(
    seen="uuid:id prefix type? service_status? region:id? service:id?",
    inferred="environment:id?",
)
_backup = parts(seen="uuid:id state? success? service_instance_backups:list?")

LIST_INSTANCES = Call(
    "service_instances.list", "GET", INSTANCES, SEEN, "cli", filters=parts(seen="environment:id"), reads=_instance
)
CREATE_INSTANCE = Call(
    "service_instances.create",
    "POST",
    INSTANCES,
    SEEN,
    "cli",
    sends=parts(seen="environment:id region:id service:id prefix"),
    reads=_instance,
)

CREATE_BACKUP = Call(
    "backups.create",
    "POST",
    BACKUPS,
    SEEN,
    "cli",
    sends=parts(seen="environment:id services:list trigger=MANUAL notes"),
    reads=parts(seen="uuid:id"),
)
GET_BACKUP = Call("backups.get", "GET", BACKUPS + ONE, SEEN, "cli", reads=_backup)
LIST_BACKUPS = Call(
    "backups.list",
    "GET",
    BACKUPS,
    INFERRED,
    "docs name its field environment",
    filters=parts(inferred="environment:id"),
    reads=(*_backup, *parts(seen="environment:id?")),
)
GET_INSTANCE_BACKUP = Call(
    "service_instance_backups.get",
    "GET",
    "/apps/v3/service-instance-backups/{uuid}/",
    SEEN,
    "cli",
    reads=parts(seen="uuid:id backup:id? service_instance:id? service_type? ended_at:time? size:number? errors:list?"),
)
CREATE_RESTORE = Call(
    "backup_restores.create",
    "POST",
    RESTORES,
    SEEN,
    "cli",
    sends=parts(
        seen="backup:id service_instance_restores:list service_instance_restores.service_instance_backup:id notes"
    ),
    reads=parts(seen="uuid:id"),
)
GET_RESTORE = Call(
    "backup_restores.get", "GET", RESTORES + ONE, SEEN, "cli", reads=parts(seen="uuid:id finished:boolean? success?")
)
CREATE_DOWNLOAD = Call(
    "backup_downloads.create",
    "POST",
    "/apps/v3/backup-downloads/",
    SEEN,
    "cli",
    sends=parts(seen="backup:id service_instance_backups:list trigger=PULL"),
    reads=parts(seen="uuid:id"),
)
LIST_DOWNLOADED = Call(
    "backup_download_service_instances.list",
    "GET",
    DOWNLOADED,
    SEEN,
    "cli",
    filters=parts(seen="backup:id"),
    reads=parts(seen="uuid:id"),
)
# Without a slash at the end, as divio-cli asks for it.
GET_DOWNLOADED = Call(
    "backup_download_service_instances.get",
    "GET",
    DOWNLOADED + "{uuid}",
    SEEN,
    "cli",
    reads=parts(seen="uuid:id ended_at:time? download_url? errors:list?"),
)

CALLS = (
    LIST_INSTANCES,
    CREATE_INSTANCE,
    CREATE_BACKUP,
    GET_BACKUP,
    LIST_BACKUPS,
    GET_INSTANCE_BACKUP,
    CREATE_RESTORE,
    GET_RESTORE,
    CREATE_DOWNLOAD,
    LIST_DOWNLOADED,
    GET_DOWNLOADED,
)
