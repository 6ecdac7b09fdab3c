"""`manage.py migrateoriginal`, a release command of every site: the original migrates, mirrors wait for it."""

import time
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from divio_sites.environment import ORIGINAL, SiteEnvironment

_LOCK = 519_774_411  # any constant: PostgreSQL's advisory locks are numbers, and each database has its own


class Command(BaseCommand):
    help = "Migrate where ESTATE_ROLE is original; elsewhere wait until the database has all migrations of this code."
    requires_system_checks = ()  # `migrate` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=tuple(connections))
        # Divio stops a release command after 30 minutes; well before, this one says what is missing.
        parser.add_argument("--wait", type=int, default=600, metavar="SECONDS", help="at most")

    def handle(self, *, database: str, wait: int, verbosity: int, **_: Any) -> None:
        original = SiteEnvironment("ESTATE_ROLE").role == ORIGINAL  # a mirror that guesses wrong would migrate
        until, told = time.monotonic() + wait, ""
        try:
            while problem := _busy(database) if original else _missing(database):
                left = until - time.monotonic()
                if left <= 0:
                    remedy = "try again later" if original else "deploy the original with this release, then this site"
                    raise CommandError(f"{problem} after {wait} s: {remedy}.")
                if told != (told := problem):
                    self.stderr.write(f"{problem}; waiting {left:.0f} s more at most.", str)
                time.sleep(min(1.0, left))
        except (OperationalError, ImproperlyConfigured) as error:
            raise CommandError(f"The database {database!r} cannot be reached, or DATABASE_URL is not set.") from error
        if original:
            call_command("migrate", database=database, interactive=False, skip_checks=False, verbosity=verbosity)
            connections[database].close()  # with it goes the lock
        else:
            self.stdout.write("The database has all migrations of this code.")


def _missing(database: str) -> str:
    """What this code needs and the database lacks; what the database has beyond it is no trouble."""
    executor = MigrationExecutor(connections[database])
    names = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    return f"The database {database!r} lacks {', '.join(names[:3])}{' …' if names[3:] else ''}" if names else ""


def _busy(database: str) -> str:
    """Take the lock by which the original's processes migrate one after the other, on PostgreSQL; or say who has it."""
    # Tried again and again, because CREATE INDEX CONCURRENTLY waits for whoever sits in a query for the lock.
    with connections[database].cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({_LOCK})" if cursor.db.vendor == "postgresql" else "SELECT 1")
        return "" if cursor.fetchone()[0] else f"Another process migrates the database {database!r}"
