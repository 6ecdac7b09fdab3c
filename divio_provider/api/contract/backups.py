"""Backups of service instances."""

from divio_provider.api.contract.types import INFERRED, SEEN, Call, parts

PATH = "/apps/v3/backups/"
READ = parts("uuid:id state|null success|null service_instance_backups:list|null")

# fmt: off
CREATE = Call("backups.create", "POST", PATH, SEEN, "cli",
              sends=parts("environment:id services:list trigger=MANUAL notes"), reads=parts("uuid:id"))
GET = Call("backups.get", "GET", PATH + "{uuid}/", SEEN, "cli", reads=READ)
LIST = Call("backups.list", "GET", PATH, INFERRED, "docs name its field environment",
            filters=parts("~environment:id"), reads=(*READ, *parts("environment:id|null")))
GET_SERVICE = Call("service_instance_backups.get", "GET", "/apps/v3/service-instance-backups/{uuid}/", SEEN, "cli",
                   reads=parts("uuid:id backup:id|null service_instance:id|null service_type|null ended_at:time|null "
                               "size:number|null errors:list|null"))
