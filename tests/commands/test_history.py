"""`divio-estate history` reads what the audit kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from divio_provider.api.audit import Audit
from tests.commands.command import divio_estate


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    audit = Audit(str(path), {"USER": "ada", "PULUMI_STACK": "live"})
    at = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    audit.record(at, "POST", "/apps/v3/environment-variables/", {"name": "THEME", "value": "x"}, "", "done")
    audit.record(at, "POST", "/apps/v3/deployments/", {"environment": "e"}, "", "Busy 429")
    return path


def test_it_shows_who_changed_what(file: Path):
    done = divio_estate("history", str(file), cwd=file.parent)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[-2].split() == [
        "2026-11-22T12:30:00",
        "live",
        "ada",
        "POST",
        "/apps/v3/environment-variables/",
        "THEME",
        "done",
    ]
    assert "Busy 429" in lines[-1]


def test_it_finds_the_calls_about_something(file: Path):
    done = divio_estate("history", str(file), "--about", "THEME", "--json", cwd=file.parent)
    assert [entry["about"] for entry in json.loads(done.stdout)] == ["THEME"]
    assert (
        "no call about nothing is recorded"
        in divio_estate("history", str(file), "--about", "nothing", cwd=file.parent).stdout
    )


def test_what_cannot_be_read_is_a_sentence(file: Path):
    missing = divio_estate("history", "nowhere.jsonl", cwd=file.parent)
    assert (missing.returncode, missing.stderr) == (2, "nowhere.jsonl: cannot be read: No such file or directory\n")
    file.write_text("not an audit\n")
    torn = divio_estate("history", str(file), cwd=file.parent)
    assert torn.returncode == 2
    assert "audit.jsonl:1: is no line of an audit" in torn.stderr
    unnamed = divio_estate("history", cwd=file.parent)
    assert (unnamed.returncode, "--stack" in unnamed.stderr) == (2, True)
