"""Environments of applications."""

from divio_provider.api.contract.types import SEEN, Call, parts

PATH = "/apps/v3/environments/"
ONE = PATH + "{uuid}/"
READ = parts(
    "uuid:id slug branch|null last_finished_deployment:object|null last_finished_deployment.uuid:id "
    "~application:id|null ?deployed_url|null"
)

# fmt: off
LIST = Call("environments.list", "GET", PATH, SEEN, "cli; without a filter: unknown",
            filters=parts("application:id"), reads=READ)
GET = Call("environments.get", "GET", ONE, SEEN, "cli", reads=READ)
SET_BRANCH = Call("environments.set_branch", "PATCH", ONE, SEEN, "scripts", sends=parts("branch"), reads=READ)
