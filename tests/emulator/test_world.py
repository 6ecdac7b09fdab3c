"""The world as a whole: copied, kept in a file, used by many at once; and the program's own manners."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import typer
from typer.testing import CliRunner

from divio_provider.cli.emulator import emulator
from divio_provider.emulator.settings import BadFlag, settings
from tests.emulator.conftest import Estate
from tests.local_divio import ROOT, LocalDivio


def full(estate: Estate) -> None:
    """An estate with something in every table."""
    divio = estate.divio
    original = estate.original()
    estate.mirror("acme-shop", original)
    divio.set_variable("acme-shop", "live", "SITE_ID", "2")
    divio.set_variable("acme-shop", "live", "PASSWORD", "s3cret", sensitive=True)
    divio.deploy("acme-shop", "live")
    divio.site("acme-shop", "test", status=500)
    divio.push("acme-main")
    divio.post("/apps/v3/domains/", {"application": original["uuid"], "domain": "www.acme.example"})
    repository = {"organisation": estate.organisation, "url": "git@git.example:acme/main.git", "key_type": "ED25519"}
    divio.post("/apps/v3/repositories/", repository)
    backup = estate.backup("acme-main", "live")
    parts = backup["service_instance_backups"]
    divio.post("/apps/v3/backup-downloads/", {"backup": backup["uuid"], "service_instance_backups": parts})
    restores = [{"service_instance_backup": part} for part in parts]
    divio.post("/apps/v3/backup-restores/", {"backup": backup["uuid"], "service_instance_restores": restores})


def test_a_world_posted_back_is_the_same_world(estate, divio):
    full(estate)
    world = divio.world()
    divio.replace_world(json.loads(json.dumps(world)))
    assert divio.world() == world
    assert divio.application("acme-shop")
    assert all(world.values())


@pytest.mark.parametrize(
    "data",
    [
        {"sites": []},
        {"users": {}},
        {"users": [1]},
        {"users": [{"name": "x"}]},
        {"users": [{"uuid": "x"}]},
        {"mirrors": []},
        {"services": [{"uuid": "x", "name": "", "type": "", "description": "", "identifier": "", "region": "nowhere"}]},
    ],
)
def test_what_is_no_world_changes_nothing(estate, divio, data):
    full(estate)
    before = divio.world()
    assert divio.call("POST", "/_emulator/world", data).status_code == 400
    assert divio.world() == before


def test_a_file_keeps_everything_even_a_running_deployment(start_divio, tmp_path):
    divio = start_divio(data=tmp_path / "divio.sqlite", deploy_seconds=0)
    estate = Estate(divio)
    full(estate)
    divio.site("acme-main", "test", deploy_seconds=0.5)
    running = divio.start_deployment("acme-main", "test")
    before = divio.world()
    divio.restart(mirrors="none")
    assert divio.finished(running["uuid"])["success"] is True
    after = divio.world()
    untouched = set(before) - {"deployments", "environments"}
    assert {table: after[table] for table in untouched} == {table: before[table] for table in untouched}
    assert len(after["deployments"]) == len(before["deployments"])
    assert divio.application("acme-shop")["mirror_of"] == divio.application("acme-main")["uuid"]


def test_a_file_has_one_owner(start_divio, tmp_path):
    file = tmp_path / "divio.sqlite"
    start_divio(data=file)
    assert sentence("--data", str(file)) == f"--data {file}: another local Divio is using it\n"


def test_many_clients_at_once_lose_nothing(estate, divio):
    estate.application("acme-main")
    environment = divio.environment("acme-main", "test")["uuid"]

    def write(number: int) -> int:
        client = LocalDivio()
        client.url = divio.url
        body = {"environment": environment, "name": f"N{number % 100}", "value": str(number)}
        return client.call("POST", "/apps/v3/environment-variables/", body).status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(write, range(200)))
    assert sorted(statuses) == [201] * 100 + [400] * 100
    assert len(divio.variables("acme-main", "test")) == 100


def test_five_hundred_sites_are_listed_quickly(estate, divio):
    world = divio.world()
    main = estate.application("acme-main")
    template = next(row for row in divio.world()["applications"] if row["uuid"] == main["uuid"])
    for number in range(500):
        uuid = f"application{number:015}"
        mirror = {"uuid": uuid, "slug": f"site-{number}", "name": f"Site {number}", "mirror_of": main["uuid"]}
        world["applications"].append(template | mirror)
        for slug in ("test", "live"):
            environment = {"uuid": f"{slug}{number:022}", "application": uuid, "slug": slug, "branch": "main"}
            world["environments"].append(environment | {"secret_key": "x", "site": {}})
    world["applications"].insert(0, template)
    divio.replace_world(world)
    divio.clear_calls()
    assert len(divio.all("/apps/v3/applications/")) == 501
    assert len(divio.all("/apps/v3/environments/")) == 1000
    assert divio.application("site-499")
    # A quiet machine needs 3 ms for a page; what this must catch is a scan per row.
    assert sorted(call["ms"] for call in divio.calls())[len(divio.calls()) // 2] < 50


def test_the_way_in_is_one_line_and_the_way_out_is_quick(start_divio):
    divio = start_divio(token="t0ken")
    assert divio.get("/iam/v3/me/")["email"]
    start = time.monotonic()
    assert divio.stop() == 0
    assert time.monotonic() - start < 3
    assert "Traceback" not in "".join(divio.log)


def test_an_interrupt_ends_it_cleanly():
    command = [sys.executable, "-m", "divio_provider.emulator", "--port", "0", "--token", "t0ken"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert line.startswith("local Divio answers on http://127.0.0.1:")
    assert line.endswith(" (token t0ken)\n")
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err


def sentence(*flags: str) -> str:
    """What the program says of flags that it cannot use."""
    command = [sys.executable, "-m", "divio_provider.emulator", "--port", "0", *flags]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=20, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr


def test_a_bad_flag_is_one_sentence(tmp_path):
    for flags in (
        {"mirrors": "field"},
        {"mirrors": "field:Not a field"},
        {"mirrors": "action:/apps/v3/applications/mirror/"},
        {"mirrors": "action:/apps/v3/applications/{uuid}/{name}/"},
        {"mirrors": "perhaps"},
        {"rate_limit": "fast"},
        {"rate_limit": "0"},
        {"port": 70000},
        {"latency": -1},
        {"latency": float("nan")},
        {"deploy_seconds": -1},
        {"page_size": 0},
        {"token": "two words"},
        {"data": tmp_path},
    ):
        with pytest.raises(BadFlag) as error:
            settings(**flags)
        flag = next(iter(flags)).replace("_", "-")
        assert str(error.value).startswith(f"--{flag}")
    other = tmp_path / "notes.txt"
    other.write_text("not a database, but long enough to be taken for one\n" * 50)
    for text in (sentence("--mirrors", "perhaps"), sentence("--data", str(other)), sentence("--host", "192.0.2.1")):
        assert text.count("\n") == 1
        assert "Traceback" not in text
    assert other.read_text().startswith("not a database")


def test_the_command_says_the_same_of_a_bad_flag():
    app = typer.Typer()
    app.command()(emulator)
    done = CliRunner().invoke(app, ["--mirrors", "perhaps"])
    assert done.exit_code == 2
    assert done.output.startswith("--mirrors perhaps: give field:NAME")
    assert done.output.count("\n") == 1
