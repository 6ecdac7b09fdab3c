"""What an account may choose from: organisations, regions, plan groups, services."""

from divio_provider.api.contract.types import SEEN, Call, parts

# fmt: off
LIST_ORGANISATIONS = Call("organisations.list", "GET", "/iam/v3/organisations/", SEEN, "cli",
                          reads=parts("uuid:id name"))
LIST_REGIONS = Call("regions.list", "GET", "/apps/v3/regions/", SEEN, "cli", reads=parts("uuid:id name"))
LIST_PLAN_GROUPS = Call("plan_groups.list", "GET", "/billing/v3/application-plan-groups/", SEEN, "cli",
                        filters=parts("organisation:id"), reads=parts("uuid:id name"))
LIST_SERVICES = Call("services.list", "GET", "/apps/v3/services/", SEEN, "cli",
                     filters=parts("region:id"), reads=parts("uuid:id name type|null identifier|null"))
