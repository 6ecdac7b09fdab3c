"""The providers in their own process, as the engine calls them: pickled, with doubles and unknown values."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest

from divio_provider.resources.application import ApplicationProvider
from divio_provider.resources.environment_variables import EnvironmentVariablesProvider
from tests.local_divio import LocalDivio
from tests.resources.provider_process import Engine, Host

UNKNOWN = pulumi.runtime.rpc.UNKNOWN

APPLICATION = {"slug": "main", "name": "Main", "organisation": "Acme", "region": "Frankfurt", "plan": "Standard"}
VARIABLES: dict[str, Any] = {
    "site": "main",
    "environment": "test",
    "variables": {"THEME": "blue", "WORKERS": 4},
    "sensitive": [],
    "shared": [],
    "ownership": "owned",
}


def test_an_application_lives_its_whole_life(local_divio: LocalDivio, tmp_path: Path):
    with Host(tmp_path, DIVIO_TOKEN=local_divio.token) as host:
        host.configure({"divio:apiUrl": local_divio.url, "divio:requestsPerSecond": "1000"})
        inputs, refused = host.check(ApplicationProvider, APPLICATION)
        assert refused == []
        id_, outputs = host.create(inputs)
        assert id_ == "main"
        assert outputs["uuid"] == local_divio.application("main")["uuid"]
        assert host.create(inputs) == (id_, outputs), "it is found, not made twice"
        id_, shown = host.read("main", outputs)
        assert id_ == "main"
        assert {**shown, "__provider": inputs["__provider"]} == inputs, "what is read is what was declared"
        host.delete("main", outputs)
        host.delete("main", outputs)
        assert local_divio.application("main") is None
        with pytest.raises(grpc.RpcError, match="hidden looks the same as deleted"):
            host.read("main", outputs)
    with Host(tmp_path, DIVIO_TOKEN=local_divio.token, DIVIO_DELETED="main") as host:
        host.configure({"divio:apiUrl": local_divio.url})
        assert host.read("main", outputs)[0] == ""


def test_numbers_arrive_as_they_were_written(local_divio: LocalDivio, tmp_path: Path):
    with Host(tmp_path, DIVIO_TOKEN=local_divio.token) as host:
        host.configure({"divio:apiUrl": local_divio.url, "divio:requestsPerSecond": "1000"})
        _, application = host.create(host.check(ApplicationProvider, APPLICATION)[0])
        inputs, refused = host.check(EnvironmentVariablesProvider, VARIABLES | {"application": application["uuid"]})
        assert refused == []
        host.create(inputs)
        assert local_divio.variables("main", "test") == {"THEME": "blue", "WORKERS": "4"}


@pytest.mark.parametrize(
    "variables", [UNKNOWN, {"THEME": UNKNOWN}, {"THEME": "blue", "SITE_ID": UNKNOWN}], ids=["all", "one", "the id"]
)
def test_what_is_not_known_yet_is_no_reason_to_refuse(tmp_path: Path, variables: Any):
    mirror = VARIABLES | {
        "original": "acme",
        "original_uuid": UNKNOWN,
        "application": UNKNOWN,
        "shared": ["DATABASE_URL"],
    }
    if variables == {"THEME": UNKNOWN}:
        variables["SITE_ID"] = "2"
    with Host(tmp_path) as host:
        _, refused = host.check(EnvironmentVariablesProvider, mirror | {"variables": variables})
        assert refused == []


def test_no_token_is_needed_until_something_is_asked(local_divio: LocalDivio, tmp_path: Path):
    with Host(tmp_path) as host:
        host.configure({"divio:apiUrl": local_divio.url})
        inputs, refused = host.check(ApplicationProvider, APPLICATION)
        assert refused == []
        assert host.diff("main", inputs, inputs) == []
        assert local_divio.calls() == []
        with pytest.raises(grpc.RpcError) as error:
            host.create(inputs)
        said = error.value.details() or ""
        assert "DIVIO_TOKEN" in said
        assert "Traceback" not in said
        assert local_divio.calls() == []


def test_the_process_ends_with_its_engine(tmp_path: Path):
    with Engine() as engine, Host(tmp_path, engine.address) as host:
        host.configure({})
        host.check(ApplicationProvider, APPLICATION)
        assert host.process.poll() is None
        engine.end()
        host.process.wait(timeout=2)


def test_the_process_stays_while_its_engine_is_there(tmp_path: Path):
    with Engine() as engine, Host(tmp_path, engine.address) as host:
        host.configure({})
        host.check(ApplicationProvider, APPLICATION)
        with pytest.raises(subprocess.TimeoutExpired):
            host.process.wait(timeout=1.5)
