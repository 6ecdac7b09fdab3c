"""`manage.py updatesite`, a release command of every site: the site's own row of `django_site`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from divio_sites import site_row


class Command(BaseCommand):
    help = "Make or update this site's row in django_site, from SITE_ID, DOMAIN, SITE_NAME and ESTATE_SLUG."
    requires_system_checks = ()  # what is missing is said in one sentence

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", choices=tuple(connections), help="default: where your routers keep SiteOwner")

    def handle(self, *, database: str | None, **_: Any) -> None:
        self.stdout.write("\n".join(site_row.update(database)))
