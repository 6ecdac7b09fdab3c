"""The contract: every path, verb, field, filter and behaviour of Divio's API that we rely on, and how sure we are.

Data, not prose: the nouns take their paths and verbs from here, so that correcting an entry corrects the client.
Nothing here was checked against the live service. Sources: *cli* is divio-cli's source (4.0.5), *docs* are Divio's old
documentation (2022), *handbook* its present one, *openapi* Divio's rendered OpenAPI pages, *scripts* are public scripts
of Divio's users, *DRF* is what Django REST Framework usually does.
"""

from __future__ import annotations

from collections.abc import Iterable

from divio_provider.api.certainty import Behaviour, Call, Certainty, Part

SEEN, INFERRED, UNKNOWN = Certainty.SEEN, Certainty.INFERRED, Certainty.UNKNOWN


def _parts(*, seen: str = "", inferred: str = "", unknown: str = "") -> tuple[Part, ...]:
    listed: Iterable[tuple[str, Certainty]] = ((seen, SEEN), (inferred, INFERRED), (unknown, UNKNOWN))
    return tuple(Part(name, certainty) for names, certainty in listed for name in names.split())


APPLICATIONS = "/apps/v3/applications/"
ENVIRONMENTS = "/apps/v3/environments/"
DEPLOYMENTS = "/apps/v3/deployments/"
VARIABLES = "/apps/v3/environment-variables/"
INSTANCES = "/apps/v3/service-instances/"
DOMAINS = "/apps/v3/domains/"
PLAN_GROUPS = "/billing/v3/application-plan-groups/"
ONE = "{uuid}/"

_application = _parts(seen="uuid name slug organisation repository", unknown="region plan_group created_at")
_application_sent = "name slug organisation plan_group region"
_environment = _parts(seen="uuid slug branch last_finished_deployment", inferred="application", unknown="deployed_url")
_deployment = _parts(
    seen="uuid environment region started_at ended_at status percent success is_usable environment_variables"
)
_variable = _parts(seen="name is_sensitive environment value", inferred="uuid")
_instance = _parts(seen="uuid prefix type service_status region service", inferred="environment")
_domain = _parts(inferred="uuid", unknown="application domain is_primary is_redirect")

ME = Call(
    "me.get", "GET", "/iam/v3/me/", SEEN, "cli, openapi", reads=_parts(seen="uuid email first_name last_name timezone")
)
SCHEMA = Call("schema.read", "GET", "/apps/v3/schema.json", SEEN, "docs")
LIST_ORGANISATIONS = Call(
    "organisations.list", "GET", "/iam/v3/organisations/", SEEN, "cli", reads=_parts(seen="uuid name created_at")
)

LIST_APPLICATIONS = Call(
    "applications.list",
    "GET",
    APPLICATIONS,
    SEEN,
    "cli; organisation: handbook",
    filters=_parts(seen="slug organisation"),
    reads=_application,
)
GET_APPLICATION = Call("applications.get", "GET", APPLICATIONS + ONE, SEEN, "cli", reads=_application)
CREATE_APPLICATION = Call(
    "applications.create",
    "POST",
    APPLICATIONS,
    SEEN,
    "cli",
    sends=_parts(seen=f"{_application_sent} app_template release_commands repository branch"),
    reads=_application,
)
UPDATE_APPLICATION = Call(
    "applications.update",
    "PATCH",
    APPLICATIONS + ONE,
    INFERRED,
    "DRF; the Control Panel renames (docs)",
    sends=_parts(inferred="name"),
    reads=_application,
)
DELETE_APPLICATION = Call(
    "applications.delete", "DELETE", APPLICATIONS + ONE, INFERRED, "DRF; the Control Panel deletes (docs)"
)

CREATE_MIRROR = Call(
    "mirrors.create",
    "POST",
    APPLICATIONS,
    UNKNOWN,
    "no source; see KNOWN_MIRROR_FIELDS",
    sends=_parts(seen=_application_sent),
    reads=_application,
)
KNOWN_MIRROR_FIELDS = ("mirror_of", "mirror", "original", "source_application")
"""Fields of a new application that may name its original, most plausible first. Unknown: by analogy only."""
KNOWN_MIRROR_ACTIONS = (f"{APPLICATIONS}{{uuid}}/mirror/", f"{APPLICATIONS}{{uuid}}/duplicate/")
"""Calls on the original that may make a mirror. Unknown: by analogy with the copying of environments."""
MIRROR_ACTION_SENDS = _parts(unknown="name slug organisation plan_group")

LIST_ENVIRONMENTS = Call(
    "environments.list",
    "GET",
    ENVIRONMENTS,
    SEEN,
    "cli; without a filter: unknown",
    filters=_parts(seen="application"),
    reads=_environment,
)
GET_ENVIRONMENT = Call("environments.get", "GET", ENVIRONMENTS + ONE, SEEN, "cli", reads=_environment)
UPDATE_ENVIRONMENT = Call(
    "environments.set_branch",
    "PATCH",
    ENVIRONMENTS + ONE,
    SEEN,
    "scripts",
    sends=_parts(seen="branch"),
    reads=_environment,
)

LIST_DEPLOYMENTS = Call(
    "deployments.list", "GET", DEPLOYMENTS, SEEN, "cli", filters=_parts(seen="environment"), reads=_deployment
)
GET_DEPLOYMENT = Call("deployments.get", "GET", DEPLOYMENTS + ONE, SEEN, "cli", reads=_deployment)
START_DEPLOYMENT = Call(
    "deployments.start",
    "POST",
    DEPLOYMENTS,
    SEEN,
    "cli",
    sends=_parts(seen="environment build_mode"),
    reads=_deployment,
)
# Without a slash at the end, as divio-cli asks for them.
READ_DEPLOYMENT_LOG = Call(
    "deployments.log", "GET", DEPLOYMENTS + "{uuid}/logs", SEEN, "cli", reads=_parts(seen="logs")
)
READ_DEPLOYED_VARIABLES = Call(
    "deployments.variables",
    "GET",
    DEPLOYMENTS + "{uuid}/environment-variables",
    SEEN,
    "cli",
    reads=_parts(seen="environment environment_variables"),
)

LIST_VARIABLES = Call(
    "environment_variables.list",
    "GET",
    VARIABLES,
    SEEN,
    "cli",
    filters=_parts(seen="environment name"),
    reads=_variable,
)
CREATE_VARIABLE = Call(
    "environment_variables.create",
    "POST",
    VARIABLES,
    INFERRED,
    "DRF; no write is seen anywhere",
    sends=_parts(inferred="environment name value is_sensitive"),
    reads=_variable,
)
GET_VARIABLE = Call("environment_variables.get", "GET", VARIABLES + ONE, INFERRED, "DRF", reads=_variable)
UPDATE_VARIABLE = Call(
    "environment_variables.update",
    "PATCH",
    VARIABLES + ONE,
    INFERRED,
    "DRF",
    sends=_parts(inferred="value", unknown="is_sensitive"),
    reads=_variable,
)
DELETE_VARIABLE = Call("environment_variables.delete", "DELETE", VARIABLES + ONE, INFERRED, "DRF")

LIST_SERVICES = Call(
    "services.list",
    "GET",
    "/apps/v3/services/",
    SEEN,
    "cli",
    filters=_parts(seen="region"),
    reads=_parts(seen="uuid name type description identifier"),
)
LIST_INSTANCES = Call(
    "service_instances.list", "GET", INSTANCES, SEEN, "cli", filters=_parts(seen="environment"), reads=_instance
)
CREATE_INSTANCE = Call(
    "service_instances.create",
    "POST",
    INSTANCES,
    SEEN,
    "cli",
    sends=_parts(seen="environment region service prefix"),
    reads=_instance,
)

LIST_DOMAINS = Call(
    "domains.list",
    "GET",
    DOMAINS,
    SEEN,
    "docs name the collection alone",
    filters=_parts(unknown="application"),
    reads=_domain,
)
CREATE_DOMAIN = Call(
    "domains.create",
    "POST",
    DOMAINS,
    INFERRED,
    "docs: domains are manageable by API",
    sends=_parts(unknown="application domain is_primary is_redirect"),
    reads=_domain,
)
UPDATE_DOMAIN = Call(
    "domains.update",
    "PATCH",
    DOMAINS + ONE,
    UNKNOWN,
    "DRF",
    sends=_parts(unknown="application is_primary is_redirect"),
    reads=_domain,
)
DELETE_DOMAIN = Call("domains.delete", "DELETE", DOMAINS + ONE, UNKNOWN, "DRF")
DOMAIN_SENDS = ("application", "domain", "is_primary", "is_redirect")
"""Fields that a new domain must have in the live schema before ``auto`` writes any."""

LIST_REGIONS = Call("regions.list", "GET", "/apps/v3/regions/", SEEN, "cli", reads=_parts(seen="uuid name"))
LIST_PLAN_GROUPS = Call(
    "plan_groups.list",
    "GET",
    PLAN_GROUPS,
    SEEN,
    "cli",
    filters=_parts(seen="organisation"),
    reads=_parts(seen="uuid name"),
)
GET_PLAN_GROUP = Call("plan_groups.get", "GET", PLAN_GROUPS + ONE, SEEN, "cli", reads=_parts(seen="uuid name regions"))
GET_REPOSITORY = Call(
    "repositories.get", "GET", "/apps/v3/repositories/{uuid}/", SEEN, "cli", reads=_parts(seen="uuid state dsn")
)

CALLS: tuple[Call, ...] = tuple(one for one in list(globals().values()) if isinstance(one, Call))
"""Every call of the client."""

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("token", "The header Authorization carries the word Token and the token.", SEEN, "cli, docs"),
    Behaviour(
        "pages",
        "A list holds results and an absolute next that keeps the filters; null or absent at its end.",
        SEEN,
        "cli, openapi",
    ),
    Behaviour(
        "repeated-filters",
        "A filter given several times widens the list.",
        SEEN,
        "cli: regions, environment variables; elsewhere inferred",
    ),
    Behaviour(
        "field-errors", "A 400 maps fields to lists of messages, general ones under non_field_errors.", SEEN, "cli"
    ),
    Behaviour("detail", "401, 403, 404, 405 and 429 explain themselves under detail.", INFERRED, "DRF"),
    Behaviour("not-found", "A 404 means missing or not permitted.", SEEN, "cli"),
    Behaviour("server-date", "Every answer has an exact Date header in whole seconds.", INFERRED, "RFC 9110"),
    Behaviour("unique-slug", "A second application with a taken slug is refused.", SEEN, "cli probes for it"),
    Behaviour("test-and-live", "A new application has the environments test and live at once.", SEEN, "cli, handbook"),
    Behaviour("account-environments", "Environments can be listed without a filter.", UNKNOWN, "no source"),
    Behaviour("newest-first", "Deployments are listed newest first.", INFERRED, "cli takes the first"),
    Behaviour(
        "one-deployment",
        "A second deployment of an environment while one runs is refused with a 400.",
        UNKNOWN,
        "cli looks first and never sends it",
    ),
    Behaviour("ended", "A deployment with ended_at null runs; only success true is success.", SEEN, "cli, scripts"),
    Behaviour(
        "build-modes",
        "AUTO builds when needed, ADOPT takes the existing image, FORCE builds.",
        INFERRED,
        "cli knows the words",
    ),
    Behaviour(
        "deployed-map", "A deployment's map shows built-in variables too.", INFERRED, "cli's tests ask for STAGE"
    ),
    Behaviour(
        "deployed-sensitive",
        "A deployment's map shows sensitive values, or null or nothing in their place.",
        UNKNOWN,
        "no source",
    ),
    Behaviour("variable-filter", "Variables are listed by application or environment only.", SEEN, "cli"),
    Behaviour("sensitive", "A sensitive variable is listed without its value.", SEEN, "cli"),
    Behaviour("unique-variable", "A second variable of one name on an environment is refused.", INFERRED, "DRF"),
    Behaviour(
        "unique-prefix", "A prefix is unique per environment and type of service.", INFERRED, "cli's conventions"
    ),
    Behaviour("unique-domain", "A host name exists once in the whole installation.", INFERRED, "host names route"),
)
"""What Divio does that we depend on, beyond single calls."""
