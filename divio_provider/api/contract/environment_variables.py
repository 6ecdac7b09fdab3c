"""Custom environment variables."""

from divio_provider.api.contract.types import INFERRED, SEEN, Call, parts

PATH = "/apps/v3/environment-variables/"
ONE = PATH + "{uuid}/"
READ = parts("name is_sensitive:boolean environment:id value|null ~uuid:id")

# fmt: off
LIST = Call("environment_variables.list", "GET", PATH, SEEN, "cli", filters=parts("environment:id name"), reads=READ)
CREATE = Call("environment_variables.create", "POST", PATH, INFERRED, "DRF; no write is seen anywhere",
              sends=parts("~environment:id ~name ~value ~is_sensitive:boolean"), reads=READ)
GET = Call("environment_variables.get", "GET", ONE, INFERRED, "DRF", reads=READ)
UPDATE = Call("environment_variables.update", "PATCH", ONE, INFERRED, "DRF",
              sends=parts("~value ?is_sensitive:boolean"), reads=READ)
DELETE = Call("environment_variables.delete", "DELETE", ONE, INFERRED, "DRF")
