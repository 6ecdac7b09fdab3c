"""The contract: every path, verb, field, filter and behaviour of Divio's API that we rely on, and how sure we are.

Data, not prose: the nouns take their paths and verbs from here, `divio-estate doctor` holds it against the live API's
own schema, and `docs/contract.md` is written from it; so correcting an entry corrects all three. The entries stand in
the files beside this one, sorted by nouns.

Nothing here was checked against the live service. Sources: *cli* is divio-cli's source (4.0.5), *docs* are Divio's old
documentation (2022), *handbook* its present one, *openapi* Divio's rendered OpenAPI pages, *scripts* are public scripts
of Divio's users, *DRF* is what Django REST Framework usually does.
"""

from __future__ import annotations

from divio_provider.api import contract_applications, contract_catalogue, contract_deployments, contract_services
from divio_provider.api.certainty import Call, parts
from divio_provider.api.contract_applications import (
    ACTIVITIES,
    CREATE_APPLICATION,
    CREATE_DOMAIN,
    CREATE_MIRROR,
    DELETE_APPLICATION,
    DELETE_DOMAIN,
    DOMAIN_SENDS,
    GET_APPLICATION,
    GET_ENVIRONMENT,
    KNOWN_MIRROR_ACTIONS,
    KNOWN_MIRROR_FIELDS,
    LIST_APPLICATIONS,
    LIST_DOMAINS,
    LIST_ENVIRONMENTS,
    MIRROR_ACTION_SENDS,
    UPDATE_APPLICATION,
    UPDATE_DOMAIN,
    UPDATE_ENVIRONMENT,
)
from divio_provider.api.contract_behaviours import BEHAVIOURS
from divio_provider.api.contract_catalogue import (
    GET_PLAN_GROUP,
    LIST_ORGANISATIONS,
    LIST_PLAN_GROUPS,
    LIST_REGIONS,
    LIST_SERVICES,
    ME,
    SCHEMA,
    SISTER_SCHEMAS,
)
from divio_provider.api.contract_deployments import (
    CREATE_VARIABLE,
    DELETE_VARIABLE,
    GET_DEPLOYMENT,
    GET_VARIABLE,
    LIST_DEPLOYMENTS,
    LIST_VARIABLES,
    READ_DEPLOYED_VARIABLES,
    READ_DEPLOYMENT_LOG,
    START_DEPLOYMENT,
    UPDATE_VARIABLE,
)
from divio_provider.api.contract_services import (
    CREATE_BACKUP,
    CREATE_DOWNLOAD,
    CREATE_INSTANCE,
    CREATE_RESTORE,
    GET_BACKUP,
    GET_DOWNLOADED,
    GET_INSTANCE_BACKUP,
    GET_RESTORE,
    LIST_BACKUPS,
    LIST_DOWNLOADED,
    LIST_INSTANCES,
)

CALLS: tuple[Call, ...] = (
    *contract_catalogue.CALLS,
    *contract_applications.CALLS,
    *contract_deployments.CALLS,
    *contract_services.CALLS,
)
"""Every call of the client."""

PAGE = parts(seen="results:list next?")
"""What is around the items of a list. Without ``next`` a list would seem to end with its first page."""

__all__ = [
    "ACTIVITIES",
    "BEHAVIOURS",
    "CALLS",
    "CREATE_APPLICATION",
    "CREATE_BACKUP",
    "CREATE_DOMAIN",
    "CREATE_DOWNLOAD",
    "CREATE_INSTANCE",
    "CREATE_MIRROR",
    "CREATE_RESTORE",
    "CREATE_VARIABLE",
    "DELETE_APPLICATION",
    "DELETE_DOMAIN",
    "DELETE_VARIABLE",
    "DOMAIN_SENDS",
    "GET_APPLICATION",
    "GET_BACKUP",
    "GET_DEPLOYMENT",
    "GET_DOWNLOADED",
    "GET_ENVIRONMENT",
    "GET_INSTANCE_BACKUP",
    "GET_PLAN_GROUP",
    "GET_RESTORE",
    "GET_VARIABLE",
    "KNOWN_MIRROR_ACTIONS",
    "KNOWN_MIRROR_FIELDS",
    "LIST_APPLICATIONS",
    "LIST_BACKUPS",
    "LIST_DEPLOYMENTS",
    "LIST_DOMAINS",
    "LIST_DOWNLOADED",
    "LIST_ENVIRONMENTS",
    "LIST_INSTANCES",
    "LIST_ORGANISATIONS",
    "LIST_PLAN_GROUPS",
    "LIST_REGIONS",
    "LIST_SERVICES",
    "LIST_VARIABLES",
    "ME",
    "MIRROR_ACTION_SENDS",
    "PAGE",
    "READ_DEPLOYED_VARIABLES",
    "READ_DEPLOYMENT_LOG",
    "SCHEMA",
    "SISTER_SCHEMAS",
    "START_DEPLOYMENT",
    "UPDATE_APPLICATION",
    "UPDATE_DOMAIN",
    "UPDATE_ENVIRONMENT",
    "UPDATE_VARIABLE",
]
