"""Everything that the page lists, in one answer: it is fetched about twice a second, so it costs a handful of SELECTs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import Request

from divio_provider.emulator.endpoints import sites
from divio_provider.emulator.endpoints.deployments import LISTED
from divio_provider.emulator.simulation import deployment_progress
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row

ENVIRONMENTS = """
SELECT environments.uuid, environments.slug, environments.application, applications.slug AS application_slug,
    last_successful, deployed.image, id.value AS site_id, id.is_sensitive
FROM environments
JOIN applications ON applications.uuid = environments.application
LEFT JOIN deployments deployed ON deployed.uuid = last_successful
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


def shown(divio: Installation, request: Request) -> dict[str, Any]:
    """The whole installation, without a value that is sensitive or may be a DSN."""
    store = divio.store
    rows = store.rows(ENVIRONMENTS)
    newest = {row["environment"]: row for row in store.rows(NEWEST)}
    live = {row["application"]: row["image"] for row in rows if row["slug"] == "live"}
    applications = store.rows("SELECT uuid, slug, name, organisation, mirror_of FROM applications ORDER BY rowid")
    slugs = {row["uuid"]: row["slug"] for row in applications}
    domains: dict[str, list[str]] = defaultdict(list)
    for row in store.rows("SELECT application, domain FROM domains ORDER BY is_primary DESC, rowid"):
        domains[row["application"]].append(row["domain"])
    environments: dict[str, list[Row]] = defaultdict(list)
    originals = {row["uuid"]: row["mirror_of"] for row in applications}
    for row in rows:
        original = originals[row["application"]]
        shown = _environment(request, row, newest.get(row["uuid"]), live.get(original))
        environments[row["application"]].append(shown)
    return {
        "organisations": store.rows("SELECT uuid, name FROM organisations ORDER BY rowid"),
        "plan_groups": [row["name"] for row in store.rows("SELECT name FROM plan_groups ORDER BY rowid")],
        "applications": [
            {
                **{field: row[field] for field in ("uuid", "slug", "name", "organisation")},
                "mirror_of": slugs.get(row["mirror_of"]),
                "domains": domains[row["uuid"]],
                "environments": environments[row["uuid"]],
            }
            for row in applications
        ],
    }


def _environment(request: Request, row: Row, deployment: Row | None, image: str | None) -> Row:
    """An environment.

    Args:
        request: tells under which address the client reaches this Divio.
        row: the environment.
        deployment: its newest one; None when it was never deployed.
        image: what the Live environment of a mirror's original runs.
    """
    return {
        "uuid": row["uuid"],
        "slug": row["slug"],
        "site_id": None if row["is_sensitive"] else row["site_id"],
        "url": sites.url(request, row["application_slug"], row["slug"]) if row["last_successful"] else None,
        "is_behind": bool(image and row["image"] and row["image"] != image),
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
