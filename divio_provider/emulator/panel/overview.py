"""Everything that the page lists, in one answer: it is fetched about twice a second, so it costs a handful of SELECTs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import Request

from divio_provider.emulator.endpoints import sites
from divio_provider.emulator.endpoints.deployments import LISTED
from divio_provider.emulator.simulation import deployment_progress
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row

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


def shown(divio: AppState, request: Request) -> dict[str, Any]:
    """All that there is, without a value that is sensitive or may be a DSN."""
    db = divio.db
    newest = {row["environment"]: row for row in db.rows(NEWEST)}
    domains: dict[str, list[str]] = defaultdict(list)
    for row in db.rows("SELECT application, domain FROM domains ORDER BY is_primary DESC, rowid"):
        domains[row["application"]].append(row["domain"])
    environments: dict[str, list[Row]] = defaultdict(list)
    for row in db.rows(ENVIRONMENTS):
        environments[row["application"]].append(_environment(request, row, newest.get(row["uuid"])))
    return {
        "organisations": db.rows("SELECT uuid, name FROM organisations ORDER BY rowid"),
        "plan_groups": [row["name"] for row in db.rows("SELECT name FROM plan_groups ORDER BY rowid")],
        "applications": [
            {**row, "domains": domains[row["uuid"]], "environments": environments[row["uuid"]]}
            for row in db.rows(APPLICATIONS)
        ],
    }


def _environment(request: Request, row: Row, deployment: Row | None) -> Row:
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
