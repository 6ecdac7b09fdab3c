"""`manage.py trymigrations`: whether code of before lives with a change's migrations, tried on a scratch PostgreSQL.

Exit code 0: the declared phase is enough; 1: the change needs contract, or a person's word; 2: it could not be tried.
"""

import signal
import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connections

from divio_sites.management.commands import checkmigrations
from divio_sites.trial.history import Applied, read_text
from divio_sites.trial.run import Trial


class Command(checkmigrations.Command):
    help = "Try migrations on a scratch database: expand (code of before goes on), contract, or cannot judge."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--schema", metavar="FILE", type=Path, help="a pg_dump --schema-only of Live, as the base")
        parser.add_argument("--database", choices=list(connections), default="default", help="an alias of DATABASES")
        parser.add_argument("--phase", choices=["expand", "contract"], default="expand", help="the release's (expand)")

    def _look(self, applied: Applied, *, schema: Path | None = None, database: str = "", **_: Any) -> Trial:
        # An ended CI job drops its scratch databases too. A migration may catch SystemExit, and is told apart by it.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self._last = time.monotonic()
        try:
            return Trial(applied, database, read_text("--schema", schema) if schema else "", self._tell_each_second)
        except KeyboardInterrupt:
            raise CommandError("trymigrations was interrupted.", returncode=130) from None

    def _tell_each_second(self, what: str) -> None:
        if time.monotonic() - self._last >= 1:
            self._last = time.monotonic()
            self.stderr.write(f"trymigrations: {what}", self.style.NOTICE)
