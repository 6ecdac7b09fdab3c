"""What we rely on of the account, and of what Divio offers. Read together with ``contract.py``."""

from __future__ import annotations

from divio_provider.api.certainty import Call, Certainty, parts

SEEN, INFERRED = Certainty.SEEN, Certainty.INFERRED
ONE = "{uuid}/"
PLAN_GROUPS = "/billing/v3/application-plan-groups/"

SCHEMA = Call("schema.read", "GET", "/apps/v3/schema.json", SEEN, "docs")
SISTER_SCHEMAS = (
    Call("schema.iam", "GET", "/iam/v3/schema.json", INFERRED, "by analogy; openapi renders it"),
    Call("schema.billing", "GET", "/billing/v3/schema.json", INFERRED, "by analogy; openapi renders it"),
)

ME = Call(
    "me.get",
    "GET",
    "/iam/v3/me/",
    SEEN,
    "cli, openapi",
    reads=parts(seen="uuid:id? email? first_name? last_name? timezone?"),
)
LIST_ORGANISATIONS = Call(
    "organisations.list",
    "GET",
    "/iam/v3/organisations/",
    SEEN,
    "cli",
    reads=parts(seen="uuid:id name created_at:time?"),
)
LIST_REGIONS = Call("regions.list", "GET", "/apps/v3/regions/", SEEN, "cli", reads=parts(seen="uuid:id name"))
LIST_PLAN_GROUPS = Call(
    "plan_groups.list",
    "GET",
    PLAN_GROUPS,
    SEEN,
    "cli",
    filters=parts(seen="organisation:id"),
    reads=parts(seen="uuid:id name"),
)
GET_PLAN_GROUP = Call(
    "plan_groups.get", "GET", PLAN_GROUPS + ONE, SEEN, "cli", reads=parts(seen="uuid:id name regions:list?")
)
LIST_SERVICES = Call(
    "services.list",
    "GET",
    "/apps/v3/services/",
    SEEN,
    "cli",
    filters=parts(seen="region:id"),
    reads=parts(seen="uuid:id name type? description? identifier?"),
)
CALLS = (
    SCHEMA,
    *SISTER_SCHEMAS,
    ME,
    LIST_ORGANISATIONS,
    LIST_REGIONS,
    LIST_PLAN_GROUPS,
    GET_PLAN_GROUP,
    LIST_SERVICES,
)
