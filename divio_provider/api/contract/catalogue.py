"""What an account may choose from: organisations, regions, plan groups, services."""

from divio_provider.api.contract.types import SEEN, Call, parts

PLAN_GROUPS = "/billing/v3/application-plan-groups/"

# fmt: off
LIST_ORGANISATIONS = Call("organisations.list", "GET", "/iam/v3/organisations/", SEEN, "cli",
                          reads=parts("uuid:id name created_at:time|null"))
LIST_REGIONS = Call("regions.list", "GET", "/apps/v3/regions/", SEEN, "cli", reads=parts("uuid:id name"))
LIST_PLAN_GROUPS = Call("plan_groups.list", "GET", PLAN_GROUPS, SEEN, "cli",
                        filters=parts("organisation:id"), reads=parts("uuid:id name"))
GET_PLAN_GROUP = Call("plan_groups.get", "GET", PLAN_GROUPS + "{uuid}/", SEEN, "cli",
                      reads=parts("uuid:id name regions:list|null"))
LIST_SERVICES = Call("services.list", "GET", "/apps/v3/services/", SEEN, "cli",
                     filters=parts("region:id"), reads=parts("uuid:id name type|null description|null identifier|null"))
