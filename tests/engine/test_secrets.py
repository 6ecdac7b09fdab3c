"""No secret leaves its place: not in state, history or backups, not in a command's output, not in an error.

Every other test here ends with the same search (`promises.keeps_its_promises`); these try harder.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import divio_estate
from tests.engine.conftest import NewProject, leaks_of, secrets_of
from tests.engine.project import CANARY, Project

TOKEN = "token-in-the-configuration-0815"


def test_the_search_would_find_a_leak(project: Project):
    assert leaks_of(project) == []
    assert len(secrets_of(project.divio)) > 10
    secret = project.divio.deployed("acme-main", "test")["DATABASE_URL"]
    (project.folder / "state" / "note.txt").write_text(f"remember {secret}")
    assert leaks_of(project) == [str(project.folder / "state" / "note.txt")]
    (project.folder / "state" / "note.txt").unlink()


def test_the_canary_is_on_divio_and_masked_everywhere_else(project: Project):
    assert project.divio.deployed("acme-shop", "live")["SMTP_PASSWORD"] == CANARY
    assert project.divio.variables("acme-shop", "live")["SMTP_PASSWORD"] is None, "sensitive on Divio"
    project.up("--refresh")
    project.pulumi("stack", "export", "--stack", "demo")
    project.pulumi("stack", "output", "--stack", "demo", "--json")
    project.pulumi("stack", "history", "--stack", "demo", "--json")
    kept = [path for path, _ in project.files()]
    assert any("history" in path.parts for path in kept)
    assert any("backups" in path.parts for path in kept)
    assert leaks_of(project) == []


@pytest.mark.slow
def test_a_changed_secret_shows_as_changed_and_not_as_a_value(project: Project):
    project.set_secret("secrets.acme-shop.SMTP_PASSWORD", "another-" + CANARY)
    before = project.ledger()
    run = project.preview()
    assert run.of_type("EnvironmentVariables") == {"acme-shop/test": "update", "acme-shop/live": "update"}
    assert "[secret]" in run.output
    project.up()
    assert project.divio.deployed("acme-shop", "live")["SMTP_PASSWORD"] == "another-" + CANARY
    assert sorted(project.ledger()[len(before) :]) == ["acme-shop/live", "acme-shop/test"]
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_failing_deployment_whose_log_holds_secrets_is_told_without_them(project: Project):
    divio = project.divio
    dsn = divio.deployed("acme-shop", "live")["DATABASE_URL"]
    password = dsn.partition("://")[2].partition("@")[0].rpartition(":")[2]
    log = f"DATABASE_URL {dsn} cannot be reached\npassword {password} is wrong\nSMTP_PASSWORD {CANARY} was refused"
    divio.site("acme-shop", "live", deployment="fail", log=log)
    spec = project.declared()
    spec["mirrors"]["acme-shop"]["live"] = {"variables": {"THEME": "dark"}}
    project.declare(spec)
    run = project.up(check=False)
    assert run.code != 0
    for words in ("cannot be reached", "is wrong", "was refused"):
        assert words in run.output, "the log's tail is there"
    for secret in (dsn, password, CANARY):
        assert secret not in run.output
    project.up("--refresh", check=False)
    assert leaks_of(project) == []


@pytest.mark.slow
def test_a_variable_that_divio_quotes_in_its_refusal_is_not_repeated(project: Project):
    project.set_secret("secrets.acme-shop.SMTP_PASSWORD", "another-" + CANARY)
    body = {"value": [f"another-{CANARY} is not allowed."]}
    project.divio.faults([{"method": "PATCH", "path": "/environment-variables/", "status": 400, "body": body}])
    run = project.up(check=False)
    assert "acme-shop" in run.output
    assert leaks_of(project) == []


@pytest.mark.slow
def test_a_token_of_the_configuration_stays_encrypted(project: Project, start):
    divio = start(token=TOKEN)
    divio.replace_world(project.divio.world())
    path = project.folder / "stacks" / "Pulumi.demo.yaml"
    path.write_text(path.read_text().replace(project.divio.url, divio.url))
    project.pulumi("config", "set", "--stack", "demo", "--secret", "divio:token", TOKEN)
    spec = project.declared()
    spec["mirrors"]["acme-shop"]["live"] = {"variables": {"THEME": "dark"}}
    project.declare(spec)
    project.up(environ={"DIVIO_TOKEN": None})
    assert divio.deployed("acme-shop", "live")["THEME"] == "dark"
    project.up("--refresh", "--expect-no-changes", environ={"DIVIO_TOKEN": None})
    assert TOKEN not in "".join(text for _, text in project.files())
    assert TOKEN not in "".join(run.output for run in project.runs)


def test_a_wrong_token_is_one_sentence_without_the_token(project: Project):
    run = project.up("--refresh", check=False, environ={"DIVIO_TOKEN": "wrong-token-4242"})
    assert run.code != 0
    assert "401" in run.output
    assert "wrong-token-4242" not in run.output
    assert "wrong-token-4242" not in "".join(text for _, text in project.files())


CALLS_OF_PULUMI = re.compile(r'"msg":"(Unm|M)arshaling property for RPC\[.*"v":9}')
"""Lines of Pulumi's own log that hold what travels between its processes; there are none below -v=9."""


@pytest.mark.slow
def test_debug_flags_show_nothing_but_what_pulumi_itself_writes_of_its_calls(new_project: NewProject, tmp_path: Path):
    """Of a secret of the configuration Pulumi tells all, for those who ask it to record its calls; so says
    docs/concepts/state-and-secrets.md. What is Divio's (DSNs, keys, the token in the environment) is in none of these calls."""
    project = new_project(audit="audit.jsonl")
    project.add_stack("demo")
    calls, trace = tmp_path / "calls.json", tmp_path / "trace"
    flags = ("-v=11", "--logtostderr", "--logflow", "--debug", "--tracing", f"file:{trace}")
    run = project.up(*flags, environ={"DIVIO_DEBUG": "1", "PULUMI_DEBUG_GRPC": str(calls)})
    project.runs.remove(run)
    secrets = secrets_of(project.divio)
    assert len(secrets) > 10
    divios = secrets - {CANARY}
    for recorded in (run.output, calls.read_text(), trace.read_bytes().decode(errors="replace")):
        assert recorded
        assert not [secret for secret in divios if secret in recorded]
    assert '"v":9}' in run.output
    rest = [line for line in run.output.splitlines() if not CALLS_OF_PULUMI.search(line)]
    assert not [line for line in rest if CANARY in line]
    assert "Traceback" not in run.output


@pytest.mark.slow
def test_a_stacks_status_shows_no_secret(project: Project):
    """The other commands are searched for secrets in tests/commands."""
    project.divio.site("acme-news", "live", deployment="fail", log=f"could not use {CANARY}")
    project.divio.finished(project.divio.start_deployment("acme-news", "live")["uuid"])
    environ: dict[str, Any] = {**project.environ, "DIVIO_DEBUG": "1"}
    seen = ""
    for form, changes, code in (((), {}, 1), (("--json",), {}, 1), ((), {"DIVIO_TOKEN": "wrong-token-4242"}, 2)):
        ran = divio_estate("status", "--stack", "demo", *form, cwd=project.folder, **{**environ, **changes})
        assert ran.returncode == code, ran.stderr
        seen += ran.stdout + ran.stderr
    assert "its last deployment failed" in seen
    assert "401" in seen
    assert not [secret for secret in (*secrets_of(project.divio), "wrong-token-4242") if secret in seen]
