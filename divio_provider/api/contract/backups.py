"""Backups of service instances, their restores and downloads."""

from divio_provider.api.contract.types import INFERRED, SEEN, Call, parts

PATH = "/apps/v3/backups/"
RESTORES = "/apps/v3/backup-restores/"
DOWNLOADED = "/apps/v3/backup-download-service-instances/"
STARTED = parts("uuid:id")
READ = parts("uuid:id state|null success|null service_instance_backups:list|null")

# fmt: off
CREATE = Call("backups.create", "POST", PATH, SEEN, "cli",
              sends=parts("environment:id services:list trigger=MANUAL notes"), reads=STARTED)
GET = Call("backups.get", "GET", PATH + "{uuid}/", SEEN, "cli", reads=READ)
LIST = Call("backups.list", "GET", PATH, INFERRED, "docs name its field environment",
            filters=parts("~environment:id"), reads=(*READ, *parts("environment:id|null")))
GET_SERVICE = Call("service_instance_backups.get", "GET", "/apps/v3/service-instance-backups/{uuid}/", SEEN, "cli",
                   reads=parts("uuid:id backup:id|null service_instance:id|null service_type|null ended_at:time|null "
                               "size:number|null errors:list|null"))
RESTORE = Call("backup_restores.create", "POST", RESTORES, SEEN, "cli", reads=STARTED,
               sends=parts("backup:id service_instance_restores:list "
                           "service_instance_restores.service_instance_backup:id notes"))
GET_RESTORE = Call("backup_restores.get", "GET", RESTORES + "{uuid}/", SEEN, "cli",
                   reads=parts("uuid:id finished:boolean|null success|null"))
DOWNLOAD = Call("backup_downloads.create", "POST", "/apps/v3/backup-downloads/", SEEN, "cli",
                sends=parts("backup:id service_instance_backups:list trigger=PULL"), reads=STARTED)
LIST_DOWNLOADED = Call("backup_download_service_instances.list", "GET", DOWNLOADED, SEEN, "cli",
                       filters=parts("backup:id"), reads=STARTED)
# Without a slash at the end, as divio-cli asks for it.
GET_DOWNLOADED = Call("backup_download_service_instances.get", "GET", DOWNLOADED + "{uuid}", SEEN, "cli",
                      reads=parts("uuid:id ended_at:time|null download_url|null errors:list|null"))
