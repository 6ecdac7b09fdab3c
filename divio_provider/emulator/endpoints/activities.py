"""What happened to an application, as Divio's dashboard tells it.

Known: filters and fields, from Divio's documentation of the API. Chosen: the path, the kinds, the sentences; only what
concerns an estate is noted, never a value.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints.filters import filters
from divio_provider.emulator.endpoints.serializers import Query, Shown, found
from divio_provider.emulator.simulation.app_state import Installation
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store


class Activity(Shown):
    """Something that happened."""

    uuid: str
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


def note(store: Store, application: str, kind: str, description: str, **context: Any) -> None:
    """Remembers what happens to an application, inside `store.change()`."""
    row = {
        "uuid": clock.new_id(),
        "application": application,
        "created_at": clock.stamp(clock.now()),
        "type": kind,
        "description": description,
        "context": context,
    }
    store.insert("activities", row)


def note_environment(store: Store, environment: str, kind: str, description: str, **context: Any) -> None:
    """The same, about an environment by its id."""
    row = found(store, "environments", environment)
    note(store, row["application"], kind, f"{description} on {row['slug']}", environment=environment, **context)


def routes(divio: Installation) -> APIRouter:
    """`/apps/v3/application-activities/`, newest first."""
    router = APIRouter(prefix="/apps/v3/application-activities", tags=["application-activities"])
    store = divio.store

    @router.get(
        "/", response_model=list[Activity], openapi_extra=filters("application", "organisation", "type", "user_name")
    )
    async def activities(request: Request) -> Response:
        query = Query(request, "activities")
        query.filter("application")
        query.filter("organisation", "application IN (SELECT uuid FROM applications WHERE organisation IN ({}))")
        query.filter("type")
        query.filter("user_name", "EXISTS (SELECT 1 FROM users WHERE first_name || ' ' || last_name IN ({}))")
        return query.page(
            store,
            divio.settings.page_size,
            lambda rows: [_shown(store, row) for row in rows],
            order="created_at DESC, rowid DESC",
        )

    @router.get("/{uuid}/", response_model=Activity)
    async def activity(uuid: str) -> Response:
        return JSONResponse(_shown(store, found(store, "activities", uuid)))

    return router


def _shown(store: Store, row: Row) -> Row:
    user = store.row("SELECT * FROM users ORDER BY rowid") or {}
    return {
        **row,
        "organisation": found(store, "applications", row["application"])["organisation"],
        "user": user.get("uuid"),
        "impersonated": False,
        "user_name": f"{user.get('first_name')} {user.get('last_name')}",
        "user_email": user.get("email"),
        "user_is_removed": False,
    }
