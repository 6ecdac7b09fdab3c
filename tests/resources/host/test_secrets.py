"""No verb tells a secret, whatever stops it: in its error, in its process's output, debug flags included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from divio_provider.resources.environment_variables import EnvironmentVariablesProvider
from tests.local_divio import LocalDivio
from tests.resources.provider_process import Host

TOKEN = "token-canary-0815-4711"
SECRET = "canary-0815-smtp-password"
THEME = "plain-0815-theme"

CUSTOMIZED = """
import logging, os, sys, time
logging.basicConfig(level=logging.DEBUG)
time.sleep = lambda _seconds: None
if os.environ.get("TEST_CRASH"):
    import requests

    sent = requests.Session.send

    def send(self, request, **settings):
        if request.method == "GET":
            return sent(self, request, **settings)
        try:
            raise ValueError(f"inner: {dict(request.headers)}")
        except ValueError as error:
            raise RuntimeError(f"outer: {request.body!r}") from error

    requests.Session.send = send
"""
"""What the host's Python runs first: all that any library logs goes to stderr, pauses are over at once, and if asked
for, every write ends in an exception that nobody foresaw, with all secrets in its text and its cause's."""

PAGE = f"<html><body>Proxy error. You sent Authorization: Token {TOKEN} and {SECRET}</body></html>"

FAULTS: dict[str, list[dict[str, Any]]] = {
    "a refusal that quotes the value": [
        {
            "method": "POST",
            "path": "/environment-variables/",
            "status": 400,
            "body": {"value": [f"{SECRET} is too long."]},
        }
    ],
    "a refusal that quotes the token": [
        {"path": "/environment", "status": 403, "body": {"detail": f"Token {TOKEN} may not do this."}}
    ],
    "a page instead of an answer": [{"path": "/apps/", "status": 502, "body": PAGE}],
    "a page that refuses": [{"path": "/apps/", "status": 403, "body": PAGE}],
    "a page that is fine": [{"path": "/apps/", "status": 200, "body": PAGE}],
}


@pytest.fixture(scope="module")
def divio() -> Iterator[LocalDivio]:
    with LocalDivio(deploy_seconds=0, token=TOKEN) as divio:
        divio.post(
            "/apps/v3/applications/",
            {
                "name": "Main",
                "slug": "main",
                "organisation": divio.get("/iam/v3/organisations/")["results"][0]["uuid"],
                "plan_group": divio.get("/billing/v3/application-plan-groups/")["results"][0]["uuid"],
                "region": divio.get("/apps/v3/regions/")["results"][0]["uuid"],
            },
        )
        yield divio


def attempt(divio: LocalDivio, folder: Path, faults: list[list[dict[str, Any]]], **environ: str) -> list[str]:
    """What a user is told when variables are set, once for each of these rules; nothing that anybody can read of the
    process holds a secret."""
    (folder / "sitecustomize.py").write_text(CUSTOMIZED)
    environ = {"PYTHONPATH": str(folder), "DIVIO_TOKEN": TOKEN, "TEST_URL": divio.url, **environ}
    settings = {"divio:apiUrl": environ["TEST_URL"], "divio:requestsPerSecond": "1000", "divio:audit": "audit.jsonl"}
    variables = {
        "site": "main",
        "environment": "test",
        "application": divio.application("main")["uuid"],
        "variables": {"SMTP_PASSWORD": SECRET, "THEME": THEME},
        "sensitive": ["SMTP_PASSWORD"],
    }
    told = []
    with Host(folder, **environ) as host:
        host.configure(settings)
        inputs, _ = host.check(EnvironmentVariablesProvider, variables)
        for rules in faults:
            divio.faults(rules)
            try:
                told.append(str(host.create(inputs)[1]["unfinished"]))
            except grpc.RpcError as error:
                told.append(error.details() or "")
            finally:
                divio.faults([])
        logged = host.errors
    assert "DEBUG:urllib3.connectionpool" in logged, "the libraries do log"
    everything = "".join([*told, logged, (folder / "audit.jsonl").read_text()])
    assert TOKEN not in everything
    assert SECRET not in everything
    return told


def test_what_divio_or_a_proxy_answers_is_told_without_a_secret(divio: LocalDivio, tmp_path: Path):
    quoted, *others = attempt(divio, tmp_path, list(FAULTS.values()), DIVIO_DEBUG="1")
    assert "repeat what was sent" in quoted
    assert all("Traceback" in text for text in others)
    assert all(str(status) in text for status, text in zip((403, 502, 403, 200), others, strict=True))


def test_a_wrong_token_is_told_without_it(divio: LocalDivio, tmp_path: Path):
    (told,) = attempt(divio, tmp_path, [[]], DIVIO_DEBUG="1", DIVIO_TOKEN=f"{TOKEN}-wrong")
    assert "401" in told


def test_that_nobody_is_there_is_told_without_a_secret(divio: LocalDivio, tmp_path: Path):
    (told,) = attempt(divio, tmp_path, [[]], DIVIO_DEBUG="1", TEST_URL="http://127.0.0.1:1")
    assert "the host takes no connection" in told


@pytest.mark.parametrize("debug", ["", "1"])
def test_an_error_that_nobody_foresaw_is_told_without_a_secret(divio: LocalDivio, tmp_path: Path, debug: str):
    (told,) = attempt(divio, tmp_path, [[]], DIVIO_DEBUG=debug, TEST_CRASH="1")
    assert told.count("failed with an unexpected error (transport.py, line ") == 1
    assert "RuntimeError: outer: " in told
    assert "[secret]" in told
    assert ("Traceback" in told, "inner: " in told) == (bool(debug), bool(debug)), "its cause is for who looks for it"
