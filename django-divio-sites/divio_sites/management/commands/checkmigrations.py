"""`manage.py checkmigrations`: which migrations of a change need a trial or two steps, told in seconds without a database.

Exit code 0: every operation is expand; 1: one is contract, or only a trial can tell; 2: it could not be read.
"""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from divio_sites.triage import Triage
from divio_sites.trial.history import Applied, read_rows, rows_at
from divio_sites.trial.report import report


class Command(BaseCommand):
    help = "Say of a change's migrations, without a database: expand, contract, or try it (trymigrations)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        base = parser.add_mutually_exclusive_group(required=True)
        base.add_argument("--applied", metavar="FILE", type=Path, help="rows, as appliedmigrations prints them")
        base.add_argument("--base", metavar="REV", help="a git revision: what the sites run now")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: object, applied: Path | None, base: str, json: bool, **options: Any) -> None:
        with redirect_stdout(sys.stderr):  # some migrations print; what is printed here is the report
            found = self._look(read_rows(applied) if applied else rows_at(base), **options)
        report(self, found, options.get("phase", "expand"), as_json=json)

    def _look(self, applied: Applied, **_: Any) -> Any:
        return Triage(applied)
