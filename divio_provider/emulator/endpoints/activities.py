"""What happened to an application, as Divio's dashboard tells it.

Known: filters and fields, from Divio's documentation of the API. Chosen: the path, the kinds, the sentences; only what
concerns an estate is noted, never a value.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from divio_provider.emulator.endpoints.pagination import by_columns, state_of
from divio_provider.emulator.endpoints.routing import add_detail, add_list
from divio_provider.emulator.endpoints.serializers import Object, get_or_404
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row

FILTERS = {
    **by_columns("application"),
    "organisation": "application IN (SELECT uuid FROM applications WHERE organisation IN ({}))",
    **by_columns("type"),
    "user_name": "EXISTS (SELECT 1 FROM users WHERE first_name || ' ' || last_name IN ({}))",
}


class Activity(Object):
    """Something that happened."""

    application: str
    organisation: str
    created_at: str
    user: str
    impersonated: bool
    type: str
    description: str
    context: dict[str, Any]
    user_name: str
    user_email: str
    user_is_removed: bool


def note(db: Database, application: str, kind: str, description: str, **context: Any) -> None:
    """Remembers what happens to an application, inside `db.transaction()`."""
    row = {"application": application, "created_at": clock.stamp(), "type": kind, "description": description}
    db.insert("activities", {**row, "context": context})


def note_environment(db: Database, environment: str, kind: str, description: str) -> None:
    """The same, about an environment by its id."""
    row = get_or_404(db, "environments", environment)
    note(db, row["application"], kind, f"{description} on {row['slug']}", environment=environment)


def routes(_: AppState) -> APIRouter:
    """`/apps/v3/application-activities/`, newest first."""
    router = APIRouter(prefix="/apps/v3/application-activities", tags=["application-activities"])
    add_list(router, "/", "activities", Activity, filters=FILTERS, show=_show, order="created_at DESC, rowid DESC")
    add_detail(router, "/{uuid}/", "activities", Activity, name="activity", show=_show)
    return router


def _show(request: Request, rows: list[Row]) -> list[Row]:
    db = state_of(request).db
    user = db.row("SELECT * FROM users ORDER BY rowid") or {}
    author = {
        "user": user.get("uuid"),
        "impersonated": False,
        "user_name": f"{user.get('first_name')} {user.get('last_name')}",
        "user_email": user.get("email"),
        "user_is_removed": False,
    }
    return [
        {**row, "organisation": get_or_404(db, "applications", row["application"])["organisation"], **author}
        for row in rows
    ]
