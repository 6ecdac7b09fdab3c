"""A line for each call that changes something: names and outcomes, never values."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from divio_provider.api.client import Divio
from divio_provider.api.errors import Misconfigured, ReadOnly, Refused
from divio_provider.api.models import ApplicationCreate
from divio_provider.api.settings import Settings
from divio_provider.api.transport.audit import Audit
from tests.local_divio import LocalDivio

CANARY = "canary-0815-value"


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture
def divio(local_divio: LocalDivio, file: Path) -> Divio:
    return Divio(Settings(local_divio.token, local_divio.url, requests_per_second=1000, audit=str(file)))


def new_application(divio: Divio, slug: str = "acme-main") -> ApplicationCreate:
    organisation = divio.organisations.resolve("Acme")
    return ApplicationCreate(
        name="Acme",
        slug=slug,
        organisation=organisation,
        plan_group=divio.plan_groups.resolve("Standard", organisation),
        region=divio.regions.resolve("Frankfurt"),
    )


def test_each_change_is_a_line_and_no_reading_is(divio: Divio, file: Path):
    application = divio.applications.create(new_application(divio))
    live = divio.environments.find(application.uuid, "live")
    assert live is not None
    variable = divio.environment_variables.create(live.uuid, "SMTP_PASSWORD", CANARY, is_sensitive=True)
    divio.environment_variables.update(variable.uuid, value=CANARY + "-2", name="SMTP_PASSWORD")
    divio.environment_variables.delete(variable.uuid, name="SMTP_PASSWORD")
    lines = lines_of(file)
    assert [(line["method"], line["about"], line["outcome"]) for line in lines] == [
        ("POST", "Acme", "done"),
        ("POST", "SMTP_PASSWORD", "done"),
        ("PATCH", "SMTP_PASSWORD", "done"),
        ("DELETE", "SMTP_PASSWORD", "done"),
    ]
    assert lines[1]["fields"] == ["environment", "is_sensitive", "name", "value"]
    assert CANARY not in file.read_text()
    assert divio.settings.token is not None
    assert divio.settings.token not in file.read_text()


def test_what_was_refused_is_a_line_too(divio: Divio, file: Path):
    divio.applications.create(new_application(divio))
    with pytest.raises(Refused):
        divio.applications.create(new_application(divio))
    assert [line["outcome"] for line in lines_of(file)] == ["done", "Refused 400"]


def test_what_never_left_is_told_as_such(local_divio: LocalDivio, file: Path):
    divio = Divio(Settings(local_divio.token, local_divio.url, read_only=True, audit=str(file)))
    with pytest.raises(ReadOnly):
        divio.applications.delete("some-uuid")
    assert [line["outcome"] for line in lines_of(file)] == ["ReadOnly"]


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        (
            {"CI_JOB_URL": "https://gitlab.example/1", "GITLAB_USER_LOGIN": "ada", "CI_COMMIT_SHA": "c0ffee"},
            {"run": "https://gitlab.example/1", "actor": "ada", "commit": "c0ffee", "stack": ""},
        ),
        (
            {"USER": "grace"},
            {"run": "", "actor": "grace", "commit": "", "stack": "live"},
        ),
    ],
)
def test_the_run_is_told_from_the_environment(file: Path, environ: Mapping[str, str], told: Mapping[str, str]):
    Audit(str(file), environ, told["stack"]).record(datetime(2026, 11, 22, tzinfo=UTC), "POST", "/x/", None, "", "done")
    line = lines_of(file)[0]
    assert {key: line[key] for key in told} == told


def test_a_file_that_cannot_be_written_stops_before_anything_is_changed(tmp_path: Path):
    with pytest.raises(Misconfigured, match=r"the audit's file .* cannot be written"):
        Divio(Settings("token", audit=str(tmp_path / "no-such-folder" / "audit.jsonl")))


WRITER = """
import sys
from datetime import UTC, datetime
from divio_provider.api.transport.audit import Audit

audit = Audit(sys.argv[1], {"USER": sys.argv[2]})
for _ in range(200):
    audit.record(datetime(2026, 11, 22, tzinfo=UTC), "POST", "/x/" + "y" * 5000, None, sys.argv[2], "done")
"""


def test_processes_that_share_a_file_never_tear_a_line(file: Path):
    names = [f"writer-{number}" for number in range(3)]
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(file), name]) for name in names]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(lines_of(file)) == 600


def test_nobody_else_may_read_the_file(file: Path):
    Audit(str(file), {})
    assert file.stat().st_mode & 0o777 == 0o600
