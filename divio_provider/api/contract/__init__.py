"""The contract: every call, field, filter and behaviour of Divio's API that we rely on, and how sure we are of it.

Data, not prose, a file an endpoint: the client takes paths and verbs from here, ``divio-estate doctor`` holds it against
the live API's own schema, and ``docs/reference/contract.md`` is written from it; so correcting an entry corrects all three.

Nothing here was checked against the live service. Sources: *cli* is divio-cli's source (4.0.5), *docs* are Divio's old
documentation (2022), *handbook* its present one, *openapi* Divio's rendered OpenAPI pages, *scripts* are public scripts
of Divio's users, *DRF* is what Django REST Framework usually does.
"""

from __future__ import annotations

from divio_provider.api.contract import (
    activities,
    applications,
    backups,
    catalogue,
    deployments,
    domains,
    environment_variables,
    environments,
    me,
    mirrors,
    schema,
    service_instances,
)
from divio_provider.api.contract.types import Call, parts

ENDPOINTS = (
    schema, me, catalogue, applications, mirrors, environments, domains, activities, deployments, environment_variables,
    service_instances, backups,
)  # fmt: skip
CALLS = tuple(call for endpoint in ENDPOINTS for call in vars(endpoint).values() if isinstance(call, Call))
"""Every call of the client."""

PAGE = parts("results:list next|null")
"""What is around the items of a list. Without ``next`` a list would seem to end with its first page."""
