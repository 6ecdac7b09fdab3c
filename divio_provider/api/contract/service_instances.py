"""Databases and storages of environments."""

from divio_provider.api.contract.types import SEEN, Call, parts

PATH = "/apps/v3/service-instances/"
READ = parts("uuid:id prefix type|null service:id|null ~environment:id|null")

# fmt: off
LIST = Call("service_instances.list", "GET", PATH, SEEN, "cli", filters=parts("environment:id"), reads=READ)
CREATE = Call("service_instances.create", "POST", PATH, SEEN, "cli",
              sends=parts("environment:id region:id service:id prefix"), reads=READ)
