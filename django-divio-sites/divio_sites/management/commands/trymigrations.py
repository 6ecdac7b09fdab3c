"""`manage.py trymigrations`: whether code of before lives with a change's migrations, tried on a scratch PostgreSQL."""

import json
import os
import signal
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from divio_sites.trial.errors import TrialError
from divio_sites.trial.history import read_rows, rows_at
from divio_sites.trial.report import annotations, as_data, lines
from divio_sites.trial.run import Trial


class Command(BaseCommand):
    """Exit code 0: the declared phase is enough; 1: the change needs contract, or a person's word; 2: it could not be tried."""

    help = (
        "Try a change's migrations on a scratch database: expand (code of before goes on), contract, or cannot judge."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own form

    def add_arguments(self, parser: CommandParser) -> None:
        """What is applied, where, and what is declared."""
        base = parser.add_mutually_exclusive_group(required=True)
        base.add_argument(
            "--applied", metavar="FILE", type=Path, help="rows of django_migrations, as appliedmigrations prints them"
        )
        base.add_argument("--base", metavar="REV", help="a git revision: what the sites run now")
        parser.add_argument("--schema", metavar="FILE", type=Path, help="a pg_dump --schema-only of Live as the base")
        parser.add_argument(
            "--database", metavar="ALIAS", default="default", help="an alias of DATABASES (default: default)"
        )
        parser.add_argument(
            "--phase", choices=("expand", "contract"), default="expand", help="the release's phase (default: expand)"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: object, **options: Any) -> None:
        """Try it."""
        # An ended CI job drops its scratch databases too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            # Some migrations print; what is printed here is the report.
            with redirect_stdout(sys.stderr):
                applied = read_rows(options["applied"]) if options["applied"] else rows_at(options["base"])
                schema = _text(options["schema"]) if options["schema"] else ""
                trial = Trial(applied, options["database"], schema, _Progress(self.stderr)).run()
        except TrialError as error:
            raise CommandError(str(error), returncode=2) from None
        report(self, as_data(trial.results, trial.notices, options["phase"]), as_json=options["json"])


def report(command: BaseCommand, data: dict[str, Any], *, as_json: bool) -> None:
    """Print what was found, and exit with 1 where the declared phase is not enough."""
    if as_json:
        command.stdout.write(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        styles = {"expand": command.style.SUCCESS, "contract": command.style.ERROR}
        for line in lines(data, lambda verdict, text: styles.get(verdict, command.style.WARNING)(text)):
            command.stdout.write(line)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            command.stdout.write("\n".join(annotations(data)))
    if not data["fine"]:
        sys.exit(1)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrialError(
            f"--schema {file}: {getattr(error, 'strerror', None) or 'this is no text; write it by pg_dump --schema-only'}."
        ) from None


class _Progress:
    """A line on stderr, at most one a second."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._last = stream, time.monotonic()

    def __call__(self, what: str) -> None:
        """Say what is being done."""
        if time.monotonic() - self._last >= 1:
            self._last = time.monotonic()
            self._stream.write(f"trymigrations: {what}", self._stream.style_func)
