"""A world in a file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.emulator.conftest import Estate, refusal
from tests.local_divio import LocalDivio


def test_a_file_keeps_everything_even_a_running_deployment(start_divio, tmp_path):
    divio = start_divio(data=tmp_path / "divio.sqlite", deploy_seconds=0)
    estate = Estate(divio)
    estate.full()
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
    assert refusal("--data", str(file)) == f"--data {file}: another local Divio is using it\n"


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
