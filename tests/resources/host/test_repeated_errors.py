"""A cause that hits everything is told once a run, hides nothing else, and lets nothing pass for done or gone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from divio_provider.api.errors import Refused, Unauthorized
from divio_provider.resources.application import ApplicationProvider
from divio_provider.resources.environment_variables import EnvironmentVariablesProvider
from divio_provider.resources.host.repeated_errors import Cause
from divio_provider.resources.mirror import MirrorProvider
from tests.local_divio import LocalDivio
from tests.resources.provider_process import Engine, Host

PLACE = {"organisation": "Acme", "region": "Frankfurt", "plan": "Standard"}
ESTATE = {"original": "acme-main", "original_uuid": "uuid-of-main"}
NO_PAUSES = "import time\nreal = time.sleep\ntime.sleep = lambda seconds: real(min(seconds, 0.01))\n"
"""What the host's Python runs first."""


@pytest.fixture(scope="module")
def divio() -> Iterator[LocalDivio]:
    with LocalDivio(deploy_seconds=0) as divio:
        world = divio.world()
        place = {field: world[f"{field}s"][0]["uuid"] for field in ("organisation", "region", "plan_group")}
        divio.post("/apps/v3/applications/", {"name": "Acme", "slug": "acme-main", **place})
        divio.deploy("acme-main", "test")
        divio.deploy("acme-main", "live")
        divio.make_mirror("acme-main", "acme-blog")
        yield divio


@pytest.fixture(autouse=True)
def no_faults(divio: LocalDivio) -> Iterator[None]:
    yield
    divio.faults([])
    divio.permit()


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Any]:
    """Starts the process of one run: it has an engine, and a token of the local Divio's unless another is given."""
    (tmp_path / "sitecustomize.py").write_text(NO_PAUSES)
    with Engine() as engine:
        hosts: list[Host] = []

        def start(url: str, token: str = "demo-token") -> Host:
            host = Host(tmp_path, engine.address, PYTHONPATH=str(tmp_path), DIVIO_TOKEN=token)
            host.configure({"divio:apiUrl": url, "divio:requestsPerSecond": "1000"})
            hosts.append(host)
            return host

        yield start
        for host in hosts:
            host.__exit__()


def state(host: Host, sites: int = 12) -> dict[str, dict[str, Any]]:
    """The outputs of an estate's resources as a state holds them, by id."""
    main = {"slug": "acme-main", "name": "Acme", **PLACE}
    outputs = {"acme-main": host.check(ApplicationProvider, main)[0] | {"uuid": "uuid-of-main", "adopted": False}}
    for slug in (f"acme-{number}" for number in range(sites)):
        mirror = host.check(MirrorProvider, {"slug": slug, "name": slug, **ESTATE, **PLACE})[0]
        variables = {"site": slug, "environment": "test", "application": f"uuid-of-{slug}", **ESTATE}
        declared = {"variables": {"SITE_ID": "2"}, "sensitive": [], "shared": ["DATABASE_URL"]}
        outputs[slug] = mirror | {"uuid": f"uuid-of-{slug}", "adopted": False, "unfinished": {}}
        outputs[f"{slug}/test"] = host.check(EnvironmentVariablesProvider, variables | declared)[0] | {"unfinished": {}}
    return outputs


def refreshed(host: Host, outputs: dict[str, dict[str, Any]]) -> list[str]:
    """What is told when all are read, four at a time as the engine does; every other one is as the state has it."""

    def told(id_: str) -> str:
        try:
            never_removed, inputs = host.read(id_, outputs[id_])
        except grpc.RpcError as error:
            return str(error.details()).strip()
        assert never_removed == id_
        assert {name: outputs[id_][name] for name in inputs} == inputs
        assert outputs[id_].keys() - inputs.keys() <= {"__provider", "uuid", "adopted", "unfinished"}
        return ""

    with ThreadPoolExecutor(4) as pool:
        return [text for text in pool.map(told, outputs) if text]


def failure(host: Host, inputs: dict[str, Any]) -> str:
    with pytest.raises(grpc.RpcError) as error:
        host.create(inputs)
    return str(error.value.details()).strip()


@pytest.mark.parametrize(
    ("address", "token", "text", "words"),
    [
        ("{url}", "wrong", "make a new one in the Control Panel", "answered 401"),
        ("{url}", "", "Set the environment variable DIVIO_TOKEN", "there is no token for Divio's API"),
        ("http://127.0.0.1:{unused}", "demo-token", "The setting is divio:apiUrl", "the host takes no connection"),
        ("http://api.divio.invalid", "demo-token", "The setting is divio:apiUrl", "the host's name is not known"),
        ("{https}", "demo-token", "GET /apps/v3/applications/", "the encrypted connection failed"),
    ],
    ids=["wrong token", "no token", "no server", "no name", "no encryption"],
)
def test_what_hits_everything_is_told_once_and_nothing_is_taken_for_gone(
    divio: LocalDivio, run: Any, address: str, token: str, text: str, words: str
):
    url = address.format(url=divio.url, https=divio.url.replace("http:", "https:"), unused=unused_port())
    host: Host = run(url, token)
    outputs = state(host)
    told = refreshed(host, outputs)
    assert len(told) == 1, told
    assert text in told[0]
    assert words in told[0]
    # Nothing is taken for done either: it fails, in a few words.
    assert failure(host, outputs["acme-main"]) == f"divio: as above: {words}"
    assert text in refreshed(run(url, token), outputs)[0], "the next run tells it again"


def test_a_hidden_organisation_is_told_once(divio: LocalDivio, run: Any):
    divio.permit(organisations=[])
    host: Host = run(divio.url)
    outputs = state(host)
    mirrors = {id_: props for id_, props in outputs.items() if "/" not in id_}
    told = refreshed(host, mirrors)
    assert len(told) == 1, told
    assert 'its organisation "Acme"' in told[0]
    assert failure(host, outputs["acme-0"]) == 'divio: as above: Divio does not show the organisation "Acme"'


def test_a_cause_that_ends_hides_nothing_that_comes_after_it(divio: LocalDivio, run: Any):
    host: Host = run(divio.url)
    outputs = state(host, sites=2)
    outputs["acme-main"]["uuid"] = divio.application("acme-main")["uuid"]
    divio.faults([{"path": "/apps/v3/applications/", "status": 401, "body": {"detail": "Invalid token."}}])
    assert len(refreshed(host, outputs)) == 1

    divio.faults([{"path": "/apps/v3/applications/", "status": 403, "body": {"detail": "Not this account."}}])
    told = refreshed(host, outputs)
    assert len(told) == 1, "another cause is told in full, too"
    assert "Not this account." in told[0]

    divio.faults([])
    told = refreshed(host, outputs)
    assert len(told) == 1, "what only now can be seen is told"
    assert "hidden looks the same as deleted" in told[0]
    host.create(outputs["acme-main"])


def test_what_hits_one_site_only_is_told_in_full_for_each(divio: LocalDivio, run: Any):
    host: Host = run(divio.url)
    blog = divio.application("acme-blog")["uuid"]
    main = divio.application("acme-main")["uuid"]
    for slug in ("one", "two"):
        props = {"slug": slug, "name": slug, "original": "acme-blog", "original_uuid": main, **PLACE, "region": "Oslo"}
        assert "Oslo" in failure(host, host.check(MirrorProvider, props)[0])
    for environment, said in (("test", "Not one."), ("live", "Not two.")):
        place = {"site": "acme-blog", "environment": environment, "application": blog}
        variables = {**place, "variables": {"A": "a"}, "sensitive": []}
        divio.faults([{"method": "POST", "path": "/environment-variables/", "status": 403, "body": {"detail": said}}])
        assert said in failure(host, host.check(EnvironmentVariablesProvider, variables)[0])


def test_a_token_that_is_refused_is_one_cause_whatever_the_path_and_any_other_answer_is_not():
    causes = [Cause.of(Unauthorized("answered 401", path=path, status=401)) for path in ("/a", "/b")]
    assert causes[0] == causes[1]
    causes = [Cause.of(Refused("answered 400", path=path, status=400)) for path in ("/a", "/b")]
    assert causes[0] != causes[1]
