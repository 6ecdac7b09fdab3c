"""Deployments of environments."""

from divio_provider.api.contract.types import SEEN, Call, parts

PATH = "/apps/v3/deployments/"
ONE = PATH + "{uuid}/"
LISTED = "uuid:id environment:id|null started_at:time|null ended_at:time|null status|null success:boolean|null"

# fmt: off
LIST = Call("deployments.list", "GET", PATH, SEEN, "cli",
            filters=parts("environment:id"), reads=parts(LISTED))
GET = Call("deployments.get", "GET", ONE, SEEN, "cli",
           reads=parts(f"{LISTED} percent:number|null environment_variables:list|null"))
START = Call("deployments.start", "POST", PATH, SEEN, "cli, of whose answer it reads uuid alone",
             sends=parts("environment:id build_mode=AUTO,ADOPT,FORCE"), reads=parts("uuid:id"))
# Without a slash at the end, as divio-cli asks for them.
LOG = Call("deployments.log", "GET", PATH + "{uuid}/logs", SEEN, "cli", reads=parts("logs|null"))
VARIABLES = Call("deployments.variables", "GET", PATH + "{uuid}/environment-variables", SEEN, "cli",
                 reads=parts("environment:id|null environment_variables:map"))
