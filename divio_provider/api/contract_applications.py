"""What we rely on of applications, mirrors, environments and domains. Read together with the rest in ``contract.py``."""

from __future__ import annotations

from divio_provider.api.certainty import Call, Certainty, parts

SEEN, INFERRED, UNKNOWN = Certainty.SEEN, Certainty.INFERRED, Certainty.UNKNOWN
ONE = "{uuid}/"
APPLICATIONS = "/apps/v3/applications/"
ENVIRONMENTS = "/apps/v3/environments/"
DOMAINS = "/apps/v3/domains/"

_application = parts(
    seen="uuid:id name slug organisation:id? repository:id?", unknown="region:id? plan_group:id? created_at:time?"
)
_release_commands = "release_commands:list release_commands.label release_commands.command"
_application_sent = "name slug organisation:id plan_group:id region:id"
_environment = parts(
    seen="uuid:id slug branch? last_finished_deployment:object? last_finished_deployment.uuid:id",
    inferred="application:id?",
    unknown="deployed_url?",
)
_domain = parts(inferred="uuid:id", unknown="application:id? domain is_primary:boolean? is_redirect:boolean?")

LIST_APPLICATIONS = Call(
    "applications.list",
    "GET",
    APPLICATIONS,
    SEEN,
    "cli; organisation: handbook",
    filters=parts(seen="slug organisation:id"),
    reads=_application,
)
GET_APPLICATION = Call("applications.get", "GET", APPLICATIONS + ONE, SEEN, "cli", reads=_application)
CREATE_APPLICATION = Call(
    "applications.create",
    "POST",
    APPLICATIONS,
    SEEN,
    "cli",
    sends=parts(seen=f"{_application_sent} app_template {_release_commands} repository:id branch"),
    reads=_application,
)
UPDATE_APPLICATION = Call(
    "applications.update",
    "PATCH",
    APPLICATIONS + ONE,
    INFERRED,
    "DRF; the Control Panel renames (docs)",
    sends=parts(inferred="name"),
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
    "no source; see the known shapes",
    sends=parts(seen=_application_sent),
    reads=_application,
)
KNOWN_MIRROR_FIELDS = ("mirror_of", "mirror", "original", "source_application")
"""Fields of a new application that may name its original, most plausible first. Unknown: by analogy only."""
KNOWN_MIRROR_ACTIONS = (f"{APPLICATIONS}{{uuid}}/mirror/", f"{APPLICATIONS}{{uuid}}/duplicate/")
"""Calls on the original that may make a mirror. Unknown: by analogy with the copying of environments."""
MIRROR_ACTION_SENDS = parts(unknown="name slug organisation:id plan_group:id")

LIST_ENVIRONMENTS = Call(
    "environments.list",
    "GET",
    ENVIRONMENTS,
    SEEN,
    "cli; without a filter: unknown",
    filters=parts(seen="application:id"),
    reads=_environment,
)
GET_ENVIRONMENT = Call("environments.get", "GET", ENVIRONMENTS + ONE, SEEN, "cli", reads=_environment)
UPDATE_ENVIRONMENT = Call(
    "environments.set_branch",
    "PATCH",
    ENVIRONMENTS + ONE,
    SEEN,
    "scripts",
    sends=parts(seen="branch"),
    reads=_environment,
)

LIST_DOMAINS = Call(
    "domains.list",
    "GET",
    DOMAINS,
    SEEN,
    "docs name the collection alone",
    filters=parts(unknown="application:id"),
    reads=_domain,
)
CREATE_DOMAIN = Call(
    "domains.create",
    "POST",
    DOMAINS,
    INFERRED,
    "docs: domains are manageable by API",
    sends=parts(unknown="application:id domain is_primary:boolean is_redirect:boolean"),
    reads=_domain,
)
UPDATE_DOMAIN = Call(
    "domains.update",
    "PATCH",
    DOMAINS + ONE,
    UNKNOWN,
    "DRF",
    sends=parts(unknown="application:id is_primary:boolean is_redirect:boolean"),
)
DELETE_DOMAIN = Call("domains.delete", "DELETE", DOMAINS + ONE, UNKNOWN, "DRF")
DOMAIN_SENDS = ("application", "domain", "is_primary", "is_redirect")
"""Fields that a new domain must have in the live schema before ``auto`` writes any."""

ACTIVITIES = Call(
    "activities.list",
    "GET",
    "/apps/v3/application-activities/",
    INFERRED,
    "openapi names the operation, its filters and fields; the path is inferred",
    filters=parts(seen="application:id organisation:id type user_name"),
    reads=parts(seen="uuid:id application:id? created_at:time? type? description? user_name?"),
)

CALLS = (
    LIST_APPLICATIONS,
    GET_APPLICATION,
    CREATE_APPLICATION,
    UPDATE_APPLICATION,
    DELETE_APPLICATION,
    CREATE_MIRROR,
    LIST_ENVIRONMENTS,
    GET_ENVIRONMENT,
    UPDATE_ENVIRONMENT,
    LIST_DOMAINS,
    CREATE_DOMAIN,
    UPDATE_DOMAIN,
    DELETE_DOMAIN,
    ACTIVITIES,
)
