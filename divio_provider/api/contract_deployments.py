"""What we rely on of deployments and environment variables. Read together with the rest in ``contract.py``."""

from __future__ import annotations

from divio_provider.api.certainty import Call, Certainty, parts

SEEN, INFERRED = Certainty.SEEN, Certainty.INFERRED
ONE = "{uuid}/"
DEPLOYMENTS = "/apps/v3/deployments/"
VARIABLES = "/apps/v3/environment-variables/"

_listed = (
    "uuid:id environment:id? region:id? started_at:time? ended_at:time? status? success:boolean? is_usable:boolean?"
)
_deployment = parts(seen=f"{_listed} percent:number? environment_variables:list?")
_variable = parts(seen="name is_sensitive:boolean environment:id value?", inferred="uuid:id")

LIST_DEPLOYMENTS = Call(
    "deployments.list",
    "GET",
    DEPLOYMENTS,
    SEEN,
    "cli; is_usable and region: scripts",
    filters=parts(seen="environment:id"),
    reads=parts(seen=_listed),
)
GET_DEPLOYMENT = Call("deployments.get", "GET", DEPLOYMENTS + ONE, SEEN, "cli", reads=_deployment)
START_DEPLOYMENT = Call(
    "deployments.start",
    "POST",
    DEPLOYMENTS,
    SEEN,
    "cli, of whose answer it reads uuid alone",
    sends=parts(seen="environment:id build_mode=AUTO|ADOPT|FORCE"),
    reads=parts(seen="uuid:id"),
)
# Without a slash at the end, as divio-cli asks for them.
READ_DEPLOYMENT_LOG = Call(
    "deployments.log", "GET", DEPLOYMENTS + "{uuid}/logs", SEEN, "cli", reads=parts(seen="logs?")
)
READ_DEPLOYED_VARIABLES = Call(
    "deployments.variables",
    "GET",
    DEPLOYMENTS + "{uuid}/environment-variables",
    SEEN,
    "cli",
    reads=parts(seen="environment:id? environment_variables:map"),
)

LIST_VARIABLES = Call(
    "environment_variables.list",
    "GET",
    VARIABLES,
    SEEN,
    "cli",
    filters=parts(seen="environment:id name"),
    reads=_variable,
)
CREATE_VARIABLE = Call(
    "environment_variables.create",
    "POST",
    VARIABLES,
    INFERRED,
    "DRF; no write is seen anywhere",
    sends=parts(inferred="environment:id name value is_sensitive:boolean"),
    reads=_variable,
)
GET_VARIABLE = Call("environment_variables.get", "GET", VARIABLES + ONE, INFERRED, "DRF", reads=_variable)
UPDATE_VARIABLE = Call(
    "environment_variables.update",
    "PATCH",
    VARIABLES + ONE,
    INFERRED,
    "DRF",
    sends=parts(inferred="value", unknown="is_sensitive:boolean"),
    reads=_variable,
)
DELETE_VARIABLE = Call("environment_variables.delete", "DELETE", VARIABLES + ONE, INFERRED, "DRF")

CALLS = (
    LIST_DEPLOYMENTS,
    GET_DEPLOYMENT,
    START_DEPLOYMENT,
    READ_DEPLOYMENT_LOG,
    READ_DEPLOYED_VARIABLES,
    LIST_VARIABLES,
    CREATE_VARIABLE,
    GET_VARIABLE,
    UPDATE_VARIABLE,
    DELETE_VARIABLE,
)
