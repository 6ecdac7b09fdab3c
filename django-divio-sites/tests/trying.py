"""Tries many changes in one process: reads one JSON object (name to change) and prints a line of JSON for each.

Each change becomes a git repository whose commit is its base and whose working tree is its head, as on a branch.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.test.utils import override_settings

_APPS = (
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "divio_sites",
    "django.contrib.sites",
)


def _git(*words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.email=a@b.example", "-c", "user.name=x", *words], check=True, capture_output=True
    )


def _write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _tried(change: dict[str, Any]) -> dict[str, Any]:
    from divio_sites.triage import Triage  # noqa: PLC0415 - once Django is set up
    from divio_sites.trial.history import rows_at  # noqa: PLC0415
    from divio_sites.trial.report import as_data  # noqa: PLC0415
    from divio_sites.trial.run import Trial  # noqa: PLC0415

    own = {path.partition("/")[0] for path in (*change["base"], *change["head"])}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)
        _git("init", "-q")
        _write(folder, change["base"])
        _git("add", "-A")
        _git("commit", "-qm", "base")
        for path in set(change["base"]) - set(change["head"]):
            (folder / path).unlink()
        _write(folder, change["head"])
        for module in [one for one in sys.modules if one.partition(".")[0] in own]:
            del sys.modules[module]
        sys.path.insert(0, name)
        try:
            with override_settings(INSTALLED_APPS=[*_APPS, *change["apps"]]):
                trial = Trial(rows_at("HEAD"), "default")
                found = as_data(trial.steps, trial.notices, "expand")
                triage = Triage(rows_at("HEAD"))
                return {**found, "triage": as_data(triage.steps, triage.notices, "expand")["operations"]}
        finally:
            sys.path.remove(name)
            os.chdir("/")


def main() -> None:
    """Configure Django with the server of `PGHOST`, and try all."""
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "configured",
                "USER": "postgres",
                "HOST": os.environ["PGHOST"],
            }
        },
        INSTALLED_APPS=_APPS,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SITE_ID=1,
        USE_TZ=True,
    )
    django.setup()
    # Some migrations print.
    answers, sys.stdout = sys.stdout, sys.stderr
    for name, change in json.load(sys.stdin).items():
        try:
            found = _tried(change)
        except Exception as error:  # noqa: BLE001 - told by the test of that change
            found = {"error": f"{type(error).__name__}: {error}", "operations": [], "triage": []}
        print(json.dumps([name, found]), file=answers, flush=True)


if __name__ == "__main__":
    main()
