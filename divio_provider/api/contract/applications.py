"""Applications: originals, mirrors and all others."""

from divio_provider.api.contract.types import INFERRED, SEEN, Call, parts

PATH = "/apps/v3/applications/"
ONE = PATH + "{uuid}/"
SENT = "name slug organisation:id plan_group:id region:id"
READ = parts("uuid:id name slug organisation:id|null ?region:id|null ?plan_group:id|null")

# fmt: off
LIST = Call("applications.list", "GET", PATH, SEEN, "cli; organisation: handbook",
            filters=parts("slug organisation:id"), reads=READ)
GET = Call("applications.get", "GET", ONE, SEEN, "cli", reads=READ)
CREATE = Call("applications.create", "POST", PATH, SEEN, "cli", reads=READ,
              sends=parts(f"{SENT} app_template release_commands:list release_commands.label release_commands.command "
                          "repository:id branch"))
UPDATE = Call("applications.update", "PATCH", ONE, INFERRED, "DRF; the Control Panel renames (docs)",
              sends=parts("~name"), reads=READ)
DELETE = Call("applications.delete", "DELETE", ONE, INFERRED, "DRF; the Control Panel deletes (docs)")
