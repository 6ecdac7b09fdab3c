"""`manage.py appliedmigrations`: which migrations are applied, for `trymigrations --applied`."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connections
from django.db.migrations.recorder import MigrationRecorder

from divio_sites.trial import TrialError, one_line
from divio_sites.trial.history import rows_on_disk


class Command(BaseCommand):
    help = "Print the applied migrations, an app's label and a migration's name on each line."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--files", action="store_true", help="those that this code has, without a database")
        parser.add_argument("--database", choices=list(connections), default="default", help="an alias of DATABASES")

    def handle(self, *_: object, files: bool, database: str, **__: Any) -> None:
        try:
            rows = rows_on_disk() if files else sorted(MigrationRecorder(connections[database]).applied_migrations())
        except (DatabaseError, ImproperlyConfigured) as error:
            raise TrialError(f"The database cannot be read (--files needs none): {one_line(error)}") from None
        self.stdout.write("\n".join(" ".join(row) for row in rows))
