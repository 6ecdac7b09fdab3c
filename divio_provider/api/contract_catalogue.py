"""What we rely on of the account, of what Divio offers, and of repositories. Read together with ``contract.py``."""

from __future__ import annotations

from divio_provider.api.certainty import Call, Certainty, parts

SEEN, INFERRED = Certainty.SEEN, Certainty.INFERRED
ONE = "{uuid}/"
PLAN_GROUPS = "/billing/v3/application-plan-groups/"
TEMPLATES = "/apps/v3/app-templates/"
REPOSITORIES = "/apps/v3/repositories/"

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
LIST_TEMPLATES = Call(
    "app_templates.list",
    "GET",
    TEMPLATES,
    SEEN,
    "cli, openapi",
    reads=parts(seen="uuid:id identifier? name url? short_description? is_default:boolean?"),
)
GET_TEMPLATE = Call(
    "app_templates.get",
    "GET",
    TEMPLATES + ONE,
    SEEN,
    "cli, openapi",
    reads=parts(seen="uuid:id name url? release_commands:list services:list services.prefix"),
)
CREATE_REPOSITORY = Call(
    "repositories.create",
    "POST",
    REPOSITORIES,
    SEEN,
    "cli",
    sends=parts(seen="organisation:id url key_type=ED25519|ECDSA|RSA username password"),
    reads=parts(seen="uuid:id auth_info?"),
)
GET_REPOSITORY = Call(
    "repositories.get", "GET", REPOSITORIES + ONE, SEEN, "cli", reads=parts(seen="uuid:id state? dsn?")
)
CHECK_REPOSITORY = Call(
    "repositories.check",
    "POST",
    f"{REPOSITORIES}{ONE}check/",
    SEEN,
    "cli; migrate is the text true",
    sends=parts(seen="branch migrate"),
    reads=parts(seen="code?"),
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
    LIST_TEMPLATES,
    GET_TEMPLATE,
    CREATE_REPOSITORY,
    GET_REPOSITORY,
    CHECK_REPOSITORY,
)
