"""What a new world begins with: the organisation Acme, and what Divio offers it."""

from __future__ import annotations

from divio_provider.emulator.world import clock
from divio_provider.emulator.world.database import Database, Row

REGIONS = (("Frankfurt", "eu", "eu-central-1"), ("Ireland", "ie", "eu-west-1"))
PLAN_GROUPS = ("Standard", "Small")
SERVICES = (
    ("postgres", "PostgreSQL", "DATABASE", "A PostgreSQL database."),
    ("s3", "Amazon S3", "STORAGE", "A bucket for media files."),
)
MIGRATE = {"label": "Migrate", "command": "python manage.py migrate"}
# The documentation writes `identifier` in a template's services, divio-cli reads `id`: both are sent.
TEMPLATE_SERVICES = [{"identifier": one, "id": one, "prefix": "DEFAULT"} for one, _, _, _ in SERVICES]
TEMPLATES: tuple[tuple[str, str, str, list[Row], list[Row]], ...] = (
    ("django", "Django", "A Django project with a database and media storage.", [MIGRATE], TEMPLATE_SERVICES),
    ("empty", "Empty", "A Dockerfile and nothing else.", [], []),
)


def fill(db: Database) -> None:
    """Fills an empty database."""
    at = clock.stamp()
    with db.transaction():
        user = {"first_name": "Demo", "last_name": "User", "email": "demo@acme.example", "timezone": "UTC"}
        db.insert("users", {**user, "created_at": at})
        db.insert("organisations", {"name": "Acme", "created_at": at})
        regions = [db.insert("regions", {"name": name, "host": host, "place": place}) for name, host, place in REGIONS]
        for region in regions:
            for identifier, name, kind, description in SERVICES:
                service = {"identifier": identifier, "name": name, "type": kind, "description": description}
                db.insert("services", {**service, "region": region["uuid"]})
        for name in PLAN_GROUPS:
            db.insert("plan_groups", {"name": name, "regions": [region["uuid"] for region in regions]})
        for order, (identifier, name, description, commands, services) in enumerate(TEMPLATES, 1):
            template = {
                "identifier": identifier,
                "name": name,
                "short_description": description,
                "url": f"https://templates.example/{identifier}/archive.tar.gz",
                "is_default": order == 1,
                "order": order,
                "release_commands": commands,
                "services": services,
                "tags": [],
            }
            db.insert("app_templates", template)
