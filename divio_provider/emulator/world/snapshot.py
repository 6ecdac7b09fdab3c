"""The whole world at once: a new one, a copy, and its replacement."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from divio_provider.emulator.endpoints.serializers import GENERAL, Invalid
from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Row, Store
from divio_provider.emulator.world.schema import TABLES

REGIONS = (("Frankfurt", "eu", "eu-central-1"), ("Ireland", "ie", "eu-west-1"))
PLAN_GROUPS = ("Standard", "Small")
SERVICES = (
    ("postgres", "PostgreSQL", "DATABASE", "A PostgreSQL database."),
    ("s3", "Amazon S3", "STORAGE", "A bucket for media files."),
)


def begin(store: Store) -> None:
    """Fills an empty store: the organisation Acme and what Divio offers it."""
    at = clock.stamp(clock.now())
    regions = [{"uuid": clock.new_id(), "name": name, "host": host, "place": place} for name, host, place in REGIONS]
    with store.change():
        user = {"first_name": "Demo", "last_name": "User", "email": "demo@acme.example", "timezone": "UTC"}
        store.insert("users", {"uuid": clock.new_id(), **user, "created_at": at})
        store.insert("organisations", {"uuid": clock.new_id(), "name": "Acme", "created_at": at})
        for region in regions:
            store.insert("regions", region)
            for identifier, name, kind, description in SERVICES:
                service = {"identifier": identifier, "name": name, "type": kind, "description": description}
                store.insert("services", {"uuid": clock.new_id(), **service, "region": region["uuid"]})
        for name in PLAN_GROUPS:
            plan = {"uuid": clock.new_id(), "name": name, "regions": [region["uuid"] for region in regions]}
            store.insert("plan_groups", plan)
        for template in _templates():
            store.insert("app_templates", template)


def _templates() -> list[Row]:
    # The documentation writes `identifier` in a template's services, divio-cli reads `id`: both are sent.
    services = [{"identifier": identifier, "id": identifier, "prefix": "DEFAULT"} for identifier, _, _, _ in SERVICES]
    migrate = {"label": "Migrate", "command": "python manage.py migrate"}
    return [
        _template(1, "django", "Django", "A Django project with a database and media storage.", [migrate], services),
        _template(2, "empty", "Empty", "A Dockerfile and nothing else.", [], []),
    ]


def _template(order: int, identifier: str, name: str, about: str, commands: list[Row], services: list[Row]) -> Row:
    return {
        "uuid": clock.new_id(),
        "identifier": identifier,
        "name": name,
        "short_description": about,
        "url": f"https://templates.example/{identifier}/archive.tar.gz",
        "is_default": order == 1,
        "order": order,
        "release_commands": commands,
        "services": services,
        "tags": [],
    }


def shown(store: Store) -> dict[str, list[Row]]:
    """Every table with every row, in order of creation. Posted back, it is the same world."""
    return {table: store.rows(f"SELECT * FROM {table} ORDER BY rowid") for table in TABLES}


def replace(store: Store, data: Mapping[str, Any]) -> None:
    """Puts another world in place of this one; a table that is left out is empty.

    Raises:
        Invalid: the data is no world; the present one is untouched.
    """
    unknown = sorted(set(data) - set(TABLES))
    if unknown:
        raise Invalid({GENERAL: [f"A world has no {unknown[0]}; it has {', '.join(TABLES)}."]})
    table = ""
    try:
        with store.change():
            store.run("PRAGMA defer_foreign_keys = ON")
            for table in reversed(list(TABLES)):
                store.run(f"DELETE FROM {table}")
            for table in TABLES:
                rows = data.get(table, [])
                if not isinstance(rows, list):
                    raise Invalid({table: [f"Expected a list of rows, but got {type(rows).__name__}."]})
                for row in rows:
                    store.insert(table, _checked(table, row))
            table = GENERAL
    except sqlite3.Error as error:
        raise Invalid({table or GENERAL: [f"These rows do not make a world: {error}."]}) from error


def _checked(table: str, row: object) -> Row:
    if not isinstance(row, dict):
        raise Invalid({table: [f"Expected an object for every row, but got {type(row).__name__}."]})
    unknown = sorted(set(row) - set(TABLES[table]))
    if unknown:
        raise Invalid({table: [f"A row has no {unknown[0]}; it has {', '.join(TABLES[table])}."]})
    return row
