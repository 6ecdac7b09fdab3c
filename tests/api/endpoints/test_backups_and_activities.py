"""What an estate needs beyond its sites: names, backups, activities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from divio_provider.api import Divio, Settings
from divio_provider.api.errors import Unresolved
from divio_provider.api.models import Backup
from tests.api.conftest import Reply, Server
from tests.emulator.conftest import Estate
from tests.local_divio import LocalDivio


@pytest.fixture(scope="module")
def local() -> Iterator[tuple[LocalDivio, dict[str, Any]]]:
    with LocalDivio(deploy_seconds=0) as divio:
        Estate(divio).original()
        yield divio, divio.world()


@pytest.fixture
def local_divio(local: tuple[LocalDivio, dict[str, Any]]) -> LocalDivio:
    divio, world = local
    divio.replace_world(world)
    return divio


@pytest.fixture
def client(local_divio: LocalDivio) -> Divio:
    return Divio(Settings(token=local_divio.token, api_url=local_divio.url, requests_per_second=1000))


def until(ask: Any, ended: Any) -> Any:
    for _ in range(500):
        found = ask()
        if ended(found):
            return found
    raise AssertionError(found)


def test_every_kind_of_name_resolves_with_near_misses(client: Divio):
    with pytest.raises(Unresolved, match=r"no region 'Frankfrut'.*There are: Frankfurt, Ireland"):
        client.regions.resolve("Frankfrut")
    with pytest.raises(Unresolved, match=r"no organisation 'Acmee'.*There are: Acme"):
        client.organisations.resolve("Acmee")
    with pytest.raises(Unresolved, match=r"no service 'postgers'.*There are: postgres, s3"):
        client.services.resolve(client.regions.resolve("Frankfurt"), "postgers")


def test_the_current_user_is_known(client: Divio):
    assert client.me.get().email == "demo@acme.example"


def test_activities_tell_what_happened_to_an_application(client: Divio):
    application = client.applications.list()[0].uuid
    client.applications.update(application, name="Renamed")
    activities = list(client.activities.list(application=application))
    assert activities
    assert {one.application for one in activities} <= {None, application}


def test_a_backup_is_made_and_looked_at(client: Divio):
    live = client.environments.find(client.applications.list()[0].uuid, "live")
    assert live
    instances = [one.uuid for one in client.service_instances.list(live.uuid)]
    started = client.backups.create(live.uuid, instances, notes="before the release")
    backup: Backup = until(lambda: client.backups.get(started.uuid), lambda one: one.ended)
    assert backup.success == "SUCCESS"
    services = client.backups.services(backup)
    assert {one.service_instance for one in services} == set(instances)
    assert started.uuid in {one.uuid for one in client.backups.list(live.uuid)}


def test_a_started_backup_is_not_started_twice_where_its_answer_is_lost(divio: Divio, server: Server):
    server.script(Reply(drop=True))
    with pytest.raises(Exception, match="backups"):
        divio.backups.create("e1", ["s1"])
    assert len(server.seen) == 1
