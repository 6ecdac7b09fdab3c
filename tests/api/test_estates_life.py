"""What an estate needs beyond its sites: further environments, repositories, templates, backups, activities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from divio_provider.api import Divio, Settings, contract
from divio_provider.api.errors import AlreadyExists, Refused, Unresolved
from divio_provider.api.models import Backup, Download, RepositoryCreate, Restore
from tests.api.conftest import Reply, Seen, Server, listed
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


def test_an_environment_is_added_and_copied_once(client: Divio):
    application = client.applications.list()[0].uuid
    live = client.environments.find(application, "live")
    assert live
    added = client.environments.create(application, "stage", "develop")
    assert (added.slug, added.branch) == ("stage", "develop")
    copied = client.environments.copy(live.uuid, application, "live-copy")
    assert {one.slug for one in client.environments.list(application)} == {"test", "live", "stage", "live-copy"}
    with pytest.raises(AlreadyExists) as error:
        client.environments.copy(live.uuid, application, "live-copy")
    assert error.value.uuid == copied.uuid


def test_a_lost_answer_to_an_added_environment_makes_no_second_one(client: Divio, local_divio: LocalDivio):
    application = client.applications.list()[0].uuid
    local_divio.faults([{"method": "POST", "path": "/environments/$", "nth": 1, "drop": "after"}])
    try:
        added = client.environments.create(application, "stage", "main")
    finally:
        local_divio.faults([])
    environments = client.environments.list(application, fresh=True)
    assert [one.uuid for one in environments if one.slug == "stage"] == [added.uuid]


def test_a_repository_is_made_known_and_checked(client: Divio):
    organisation = client.organisations.resolve("Acme")
    new = RepositoryCreate(organisation=organisation, url="git@git.example.com:acme/site.git", key_type="ED25519")
    made = client.repositories.create(new)
    assert made.auth_info
    assert client.repositories.get(made.uuid).state == "CLONED"
    code = until(lambda: client.repositories.check(made.uuid, "main"), lambda code: code != "waiting")
    assert code == "success"


def test_no_error_repeats_a_repositorys_password(client: Divio):
    secret = "canary-passw0rd-0123456789"
    new = RepositoryCreate(organisation="nobody", url="nonsense", username="x", password=secret)
    assert secret not in repr(new)
    with pytest.raises(Refused) as error:
        client.repositories.create(new)
    assert secret not in str(error.value)


def test_a_template_is_found_by_name_or_identifier_with_what_it_expects(client: Divio):
    template = client.app_templates.get(client.app_templates.resolve("django"))
    assert template.url
    assert {(one.identifier, one.prefix) for one in template.services} == {("postgres", "DEFAULT"), ("s3", "DEFAULT")}
    assert template.release_commands[0]["command"] == "python manage.py migrate"
    with pytest.raises(Unresolved, match=r"Did you mean 'django'.*There are: "):
        client.app_templates.resolve("djagno")


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


def test_a_backup_is_made_restored_and_downloaded(client: Divio):
    live = client.environments.find(client.applications.list()[0].uuid, "live")
    assert live
    instances = [one.uuid for one in client.service_instances.list(live.uuid)]
    started = client.backups.create(live.uuid, instances, notes="before the release")
    backup: Backup = until(lambda: client.backups.get(started.uuid), lambda one: one.ended)
    assert backup.success == "SUCCESS"
    services = client.backups.services(backup)
    assert {one.service_instance for one in services} == set(instances)
    assert started.uuid in {one.uuid for one in client.backups.list(live.uuid)}
    held = [one.uuid for one in services]
    begun = client.backups.restore(backup.uuid, held)
    restore: Restore = until(lambda: client.backups.get_restore(begun.uuid), lambda one: one.finished)
    assert restore.success == "SUCCESS"
    for uuid in client.backups.download(backup.uuid, held):
        file: Download = until(lambda uuid=uuid: client.backups.get_download(uuid), lambda one: one.ended_at)
        assert file.download_url
        assert file.download_url not in repr(file)


def test_a_started_backup_is_not_started_twice_where_its_answer_is_lost(divio: Divio, server: Server):
    server.script(Reply(drop=True))
    with pytest.raises(Exception, match="backups"):
        divio.backups.create("e1", ["s1"])
    assert len(server.seen) == 1


def test_of_a_new_environment_only_the_id_must_be_in_the_answer(divio: Divio, server: Server):
    def answer(seen: Seen) -> Reply:
        if seen.method == "POST":
            return Reply(201, {"uuid": "e9"})
        if seen.path.endswith("/e9/"):
            return Reply(200, {"uuid": "e9", "slug": "stage", "application": "a1"})
        return Reply(200, listed())

    server.answer = answer
    assert divio.environments.copy("e1", "a1", "stage").slug == "stage"
    posted = next(seen for seen in server.seen if seen.method == "POST")
    assert (posted.path, posted.body) == (contract.COPY_ENVIRONMENT.url("e1"), {"new_slug": "stage"})
