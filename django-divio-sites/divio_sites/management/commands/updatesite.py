"""`manage.py updatesite`, a release command of every site: the site's own row of `django_site`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from divio_sites import site_row


class Command(BaseCommand):
    """Bring the row of SITE_ID in line with DOMAIN and SITE_NAME, or say in one sentence why not (exit code 1)."""

    help = "Make or update this site's row in django_site, from SITE_ID, DOMAIN, SITE_NAME and ESTATE_SLUG."
    requires_system_checks = ()  # what is missing is said in one sentence

    def add_arguments(self, parser: CommandParser) -> None:
        """`--database`, as with Django's own commands."""
        parser.add_argument("--database", choices=tuple(connections), help="default: where your routers keep Site")

    def handle(self, *, database: str | None, **_: Any) -> None:
        """Print what was done."""
        self.stdout.write("\n".join(site_row.update(database)))
