"""One application as the page shows it, and the logs of its deployments."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from divio_provider.emulator.endpoints import sites
from divio_provider.emulator.endpoints.serializers import get_or_404, not_found
from divio_provider.emulator.panel import redaction
from divio_provider.emulator.panel.overview import state
from divio_provider.emulator.simulation import deployment_progress
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.simulation.images import branch_of
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row

NEWEST = 20
"""Deployments shown; how many there are stands beside them."""

APPLICATION = """
SELECT applications.uuid, applications.slug, applications.name, applications.created_at, organisations.name AS organisation,
    plan_groups.name AS plan_group, regions.name AS region, repositories.url AS repository, original.slug AS mirror_of,
    applications.mirror_of AS original
FROM applications
JOIN organisations ON organisations.uuid = applications.organisation
JOIN plan_groups ON plan_groups.uuid = applications.plan_group
JOIN regions ON regions.uuid = applications.region
LEFT JOIN repositories ON repositories.uuid = applications.repository
LEFT JOIN applications original ON original.uuid = applications.mirror_of
WHERE applications.slug = ?
"""


def shown(divio: AppState, request: Request, slug: str) -> dict[str, Any]:
    """An application with all that belongs to it, or 404."""
    db = divio.db
    row = db.row(APPLICATION, slug) or not_found()
    uuid, original = row["uuid"], row.pop("original")
    return {
        **row,
        "repository": redaction.value(row["repository"]) if row["repository"] else None,
        "domains": db.rows(
            "SELECT uuid, domain, is_primary, is_redirect FROM domains WHERE application = ? "
            "ORDER BY is_primary DESC, rowid",
            uuid,
        ),
        "environments": [
            _environment(db, request, environment, {"slug": slug, "mirror_of": original})
            for environment in db.rows("SELECT * FROM environments WHERE application = ? ORDER BY rowid", uuid)
        ],
    }


def _environment(db: Database, request: Request, row: Row, application: Row) -> Row:
    uuid = row["uuid"]
    deployed = db.get("deployments", row["last_successful"])
    carried = deployed["variables"] if deployed else {}
    variables = db.rows("SELECT * FROM environment_variables WHERE environment = ? ORDER BY name", uuid)
    deployments = db.rows(
        'SELECT uuid, started_at, ended_at, success, build_mode, branch, "commit", image FROM deployments '
        "WHERE environment = ? ORDER BY started_at DESC, rowid DESC LIMIT ?",
        uuid,
        NEWEST,
    )
    return {
        "uuid": uuid,
        "slug": row["slug"],
        "branch": branch_of(db, row, application),
        "url": sites.url_of(request, application["slug"], row),
        "variables": [_variable(variable, carried) for variable in variables],
        "service_instances": db.rows(
            "SELECT service_instances.prefix, service_instances.type, service_status, services.name AS service "
            "FROM service_instances JOIN services ON services.uuid = service WHERE environment = ? "
            "ORDER BY service_instances.rowid",
            uuid,
        ),
        "deployments": {
            "count": db.value("SELECT count(*) FROM deployments WHERE environment = ?", uuid),
            "newest": [{**deployment, "state": state(deployment)} for deployment in deployments],
        },
    }


def _variable(row: Row, carried: dict[str, str]) -> Row:
    """A variable; `value` is null when it is sensitive, `is_masked` says that the rest of it is not shown either."""
    text = None if row["is_sensitive"] else redaction.value(row["value"])
    return {
        "uuid": row["uuid"],
        "name": row["name"],
        "value": text,
        "is_sensitive": row["is_sensitive"],
        "is_masked": text != row["value"],
        "is_deployed": carried.get(row["name"]) == row["value"],
    }


def log(db: Database, uuid: str) -> str:
    """What a deployment has written, without what is secret in its environment, or 404."""
    row = get_or_404(db, "deployments", uuid)
    sensitive = db.rows(
        "SELECT name, value FROM environment_variables WHERE environment = ? AND is_sensitive = 1", row["environment"]
    )
    # A log repeats what was carried then, which may have been changed since.
    secrets = [variable["value"] for variable in sensitive]
    carried = row["variables"]
    names = [*row["sensitive"], *(variable["name"] for variable in sensitive)]
    secrets += [carried[name] for name in names if name in carried]
    secrets += [secret for value in carried.values() for secret in redaction.credentials(value)]
    return redaction.log(deployment_progress.log(row, clock.now()), secrets)
