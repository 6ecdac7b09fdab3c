"""What the page shows: everything that it lists in one answer, one application by itself, the log of a deployment."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import Request

from divio_provider.emulator.endpoints import sites
from divio_provider.emulator.endpoints.deployments import LISTED
from divio_provider.emulator.endpoints.serializers import get_or_404, not_found
from divio_provider.emulator.panel import redaction
from divio_provider.emulator.simulation import deployment_progress
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.simulation.images import branch_of
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row

APPLICATIONS = """
SELECT applications.uuid, applications.slug, applications.name, applications.organisation, original.slug AS mirror_of
FROM applications LEFT JOIN applications original ON original.uuid = applications.mirror_of ORDER BY applications.rowid
"""
ENVIRONMENTS = """
SELECT environments.uuid, environments.slug, environments.application, applications.slug AS application_slug,
    environments.last_successful, deployed.image, newest.image AS live_image, id.value AS site_id, id.is_sensitive
FROM environments
JOIN applications ON applications.uuid = environments.application
LEFT JOIN deployments deployed ON deployed.uuid = environments.last_successful
LEFT JOIN environments live ON live.application = applications.mirror_of AND live.slug = 'live'
LEFT JOIN deployments newest ON newest.uuid = live.last_successful
LEFT JOIN environment_variables id ON id.environment = environments.uuid AND id.name = 'SITE_ID'
ORDER BY environments.rowid
"""
NEWEST = f"""
SELECT {LISTED} FROM deployments WHERE uuid IN (
    SELECT (
        SELECT uuid FROM deployments WHERE environment = environments.uuid ORDER BY started_at DESC, rowid DESC LIMIT 1
    ) FROM environments
)
"""
MOST_DEPLOYMENTS = 20
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


def overview(divio: AppState, request: Request) -> dict[str, Any]:
    """All that there is, without a value that is sensitive or may be a DSN.

    It is fetched about twice a second, so it costs a handful of SELECTs.
    """
    db = divio.db
    newest = {row["environment"]: row for row in db.rows(NEWEST)}
    domains: dict[str, list[str]] = defaultdict(list)
    for row in db.rows("SELECT application, domain FROM domains ORDER BY is_primary DESC, rowid"):
        domains[row["application"]].append(row["domain"])
    environments: dict[str, list[Row]] = defaultdict(list)
    for row in db.rows(ENVIRONMENTS):
        environments[row["application"]].append(_listed_environment(request, row, newest.get(row["uuid"])))
    return {
        "organisations": db.rows("SELECT uuid, name FROM organisations ORDER BY rowid"),
        "plan_groups": [row["name"] for row in db.rows("SELECT name FROM plan_groups ORDER BY rowid")],
        "applications": [
            {**row, "domains": domains[row["uuid"]], "environments": environments[row["uuid"]]}
            for row in db.rows(APPLICATIONS)
        ],
    }


def _listed_environment(request: Request, row: Row, deployment: Row | None) -> Row:
    """An environment with its newest deployment; it is behind when its original's Live runs another image."""
    return {
        "uuid": row["uuid"],
        "slug": row["slug"],
        "site_id": None if row["is_sensitive"] else row["site_id"],
        "url": sites.url_of(request, row["application_slug"], row),
        "is_behind": bool(row["live_image"] and row["image"] and row["image"] != row["live_image"]),
        **(_deployment(deployment) if deployment else {"deployment": None, "state": "never"}),
    }


def _deployment(row: Row) -> Row:
    at = clock.now()
    return {
        "deployment": row["uuid"],
        "state": state(row),
        "stage": deployment_progress.status(row, at),
        "percent": deployment_progress.percent(row, at),
        "started_at": row["started_at"],
        "ended_at": row["ended_at"],
    }


def state(row: Row) -> str:
    """Of a deployment: `running` (also while it waits for its turn), `success` or `failure`."""
    if row["success"] is None:
        return "running"
    return "success" if row["success"] else "failure"


def application(divio: AppState, request: Request, slug: str) -> dict[str, Any]:
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
        MOST_DEPLOYMENTS,
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
