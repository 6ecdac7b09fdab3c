"""`manage.py migrateoriginal`, a release command of every site: the original migrates, mirrors wait for it."""

import time
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from divio_sites.environment import ORIGINAL, SiteEnvironment

_LATER, _DEPLOY = "try again later", "deploy the original with this release, then this site"
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
        try:
            connections[database].ensure_connection()
            self._wait(wait, database, *((_lock, _LATER) if original else (_missing, _DEPLOY)))
        except OperationalError as error:
            raise CommandError(f"The database {database!r} cannot be reached.") from error
        if not original:
            self.stdout.write("The database has all migrations of this code.")
            return
        options = {"database": database, "verbosity": verbosity, "stdout": self.stdout, "stderr": self.stderr}
        try:
            call_command("migrate", interactive=False, skip_checks=False, **options)
        finally:
            connections[database].close()  # with it goes the lock

    def _wait(self, seconds: int, database: str, problem_now: Callable[[str], str], remedy: str) -> None:
        """Wait until there is no problem, and say every 30 seconds which; raise CommandError in the end."""
        until, told = time.monotonic() + seconds, ("", 0.0)
        while problem := problem_now(database):
            left = until - time.monotonic()
            if left <= 0:
                raise CommandError(f"{problem} after {seconds} s: {remedy}.")
            if told != (told := (problem, left // 30)):
                self.stderr.write(f"{problem}; waiting {left:.0f} s more at most.", str)
            time.sleep(min(1.0, left))


def _missing(database: str) -> str:
    """What this code needs and the database lacks; what the database has beyond it is no trouble."""
    executor = MigrationExecutor(connections[database])
    names = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"The database {database!r} lacks {', '.join(names[:3])}{more}" if names else ""


def _lock(database: str) -> str:
    """Take the lock by which the original's processes migrate one after the other, on PostgreSQL; or say who has it."""
    if connections[database].vendor != "postgresql":
        return ""
    # Tried again and again, because CREATE INDEX CONCURRENTLY waits for whoever sits in a query for the lock.
    with connections[database].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        return "" if cursor.fetchone()[0] else f"Another process migrates the database {database!r}"
