"""`manage.py trymigrations`: whether code of before lives with a change's migrations, tried on a scratch PostgreSQL.

Exit code 0: the declared phase is enough; 1: the change needs contract, or a person's word; 2: it could not be tried.
"""

import signal
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from divio_sites.trial.history import read_rows, read_text, rows_at
from divio_sites.trial.report import report
from divio_sites.trial.run import Trial


class Command(BaseCommand):
    help = "Try migrations on a scratch database: expand (code of before goes on), contract, or cannot judge."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        base = parser.add_mutually_exclusive_group(required=True)
        base.add_argument("--applied", metavar="FILE", type=Path, help="rows, as appliedmigrations prints them")
        base.add_argument("--base", metavar="REV", help="a git revision: what the sites run now")
        parser.add_argument("--schema", metavar="FILE", type=Path, help="a pg_dump --schema-only of Live, as the base")
        parser.add_argument("--database", metavar="ALIAS", default="default", help="an alias of DATABASES (default)")
        parser.add_argument("--phase", choices=["expand", "contract"], default="expand", help="the release's (expand)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: object, **options: Any) -> None:
        # An ended CI job drops its scratch databases too. A migration may catch SystemExit, and is told apart by it.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self._last = time.monotonic()
        with redirect_stdout(sys.stderr):  # some migrations print; what is printed here is the report
            applied = read_rows(options["applied"]) if options["applied"] else rows_at(options["base"])
            schema = read_text("--schema", options["schema"]) if options["schema"] else ""
            try:
                trial = Trial(applied, options["database"], schema, self._tell)
            except KeyboardInterrupt:
                raise CommandError("trymigrations was interrupted.", returncode=130) from None
        report(self, trial, options["phase"], as_json=options["json"])

    def _tell(self, what: str) -> None:
        """Say on stderr what is being done, once a second."""
        if time.monotonic() - self._last >= 1:
            self._last = time.monotonic()
            self.stderr.write(f"trymigrations: {what}", self.style.NOTICE)
