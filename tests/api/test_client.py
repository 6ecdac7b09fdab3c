"""Every noun once, on the real local Divio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from divio_provider.api import Divio, Settings
from divio_provider.api.contract.domains import ByApi
from divio_provider.api.contract.mirrors import ByAction, ByField
from divio_provider.api.contract.types import Manual
from divio_provider.api.endpoints.mirrors import UNKNOWN
from divio_provider.api.errors import (
    AlreadyExists,
    AlreadyRunning,
    Forbidden,
    NotAMirror,
    NotFound,
    Refused,
    Unauthorized,
    Unresolved,
)
from divio_provider.api.models import Application, ApplicationCreate, Deployment, MirrorCreate
from divio_provider.api.transport.retry import Policy
from tests.local_divio import LocalDivio

StartDivio = Callable[..., LocalDivio]


@pytest.fixture(scope="module")
def shared() -> Iterator[LocalDivio]:
    """One process for all tests that need no flags of their own: starting it is the slowest part."""
    with LocalDivio(deploy_seconds=0) as divio:
        yield divio


@pytest.fixture(scope="module")
def empty_world(shared: LocalDivio) -> dict[str, list[dict[str, Any]]]:
    return shared.world()


@pytest.fixture
def local_divio(shared: LocalDivio, empty_world: dict[str, list[dict[str, Any]]]) -> LocalDivio:
    shared.faults([])
    shared.replace_world(empty_world)
    shared.clear_calls()
    return shared


def client(local: LocalDivio, **settings: object) -> Divio:
    given = Settings(token=local.token, api_url=local.url, requests_per_second=1000, **settings)  # type: ignore[arg-type]
    return Divio(given, policy=Policy(first_wait_s=0.05))


def new_application(divio: Divio, slug: str) -> Application:
    organisation = divio.organisations.resolve("acme")
    return divio.applications.create(
        ApplicationCreate(
            name=slug.title(),
            slug=slug,
            organisation=organisation,
            region=divio.regions.resolve("Frankfurt"),
            plan_group=divio.plan_groups.resolve("Standard", organisation),
        )
    )


def mirror_of(original: Application, divio: Divio, slug: str) -> MirrorCreate:
    assert original.organisation
    return MirrorCreate(
        name=slug.title(),
        slug=slug,
        organisation=original.organisation,
        region=divio.regions.resolve("Frankfurt"),
        plan_group=divio.plan_groups.resolve("Small", original.organisation),
    )


def ended(divio: Divio, started: Deployment) -> Deployment:
    end = time.monotonic() + 20
    while (now := divio.deployments.get(started.uuid)).running:
        assert time.monotonic() < end, now
    return now


def test_every_noun_speaks_with_a_divio(local_divio: LocalDivio) -> None:
    divio = client(local_divio)
    assert divio.me.get().email
    application = new_application(divio, "acme-main")
    assert divio.applications.find("acme-main") == divio.applications.get(application.uuid)
    assert divio.applications.find("acme-mai") is None
    assert [one.slug for one in divio.applications.list(application.organisation)] == ["acme-main"]
    assert divio.applications.update(application.uuid, name="Acme").name == "Acme"
    assert divio.mirrors.relation(divio.applications.get(application.uuid)) is None

    test = divio.environments.find(application.uuid, "test")
    assert test is not None
    assert test.last_finished_deployment is None
    assert {one.slug for one in divio.environments.list()} == {"test", "live"}
    assert divio.environments.set_branch(test.uuid, "develop").branch == "develop"
    assert divio.environments.set_branch(test.uuid, "main").branch == "main"

    region = divio.regions.resolve("Frankfurt")
    service = divio.services.resolve(region, "postgres")
    instance = divio.service_instances.create(test.uuid, region, service, "DEFAULT")
    assert [one.uuid for one in divio.service_instances.list(test.uuid)] == [instance.uuid]
    with pytest.raises(AlreadyExists) as taken:
        divio.service_instances.create(test.uuid, region, service, "DEFAULT")
    assert taken.value.uuid == instance.uuid

    plain = divio.environment_variables.create(test.uuid, "THEME", " blue ", is_sensitive=False)
    secret = divio.environment_variables.create(test.uuid, "PASSWORD", "hunter2", is_sensitive=True)
    assert divio.environment_variables.update(plain.uuid, value="red").value == "red"
    assert divio.environment_variables.update(secret.uuid, value="hunter3", is_sensitive=True).value is None
    assert {one.name: one.value for one in divio.environment_variables.list([test.uuid])} == {
        "THEME": "red",
        "PASSWORD": None,
    }
    with pytest.raises(AlreadyExists) as there:
        divio.environment_variables.create(test.uuid, "THEME", "green", is_sensitive=False)
    assert there.value.uuid == plain.uuid

    done = ended(divio, divio.deployments.start(test.uuid, "AUTO"))
    assert done.success is True
    assert divio.server_date is not None
    deployed = divio.deployments.variables(done.uuid)
    assert deployed["THEME"] == "red"
    assert deployed["PASSWORD"] == "hunter3"
    assert (deployed["DATABASE_URL"] or "").startswith("postgres://")
    assert divio.deployments.log(done.uuid)
    last = divio.deployments.last_successful(test.uuid)
    assert last is not None
    assert last.uuid == done.uuid
    assert [one.uuid for one in divio.deployments.list(test.uuid)] == [done.uuid]

    divio.environment_variables.delete(plain.uuid)
    divio.environment_variables.delete(plain.uuid)  # gone already is fine
    assert [one.name for one in divio.environment_variables.list([test.uuid])] == ["PASSWORD"]

    assert divio.capabilities.domains("auto") == ByApi()
    domain = divio.domains.create(application.uuid, "www.acme.example", is_primary=True)
    assert divio.domains.find("WWW.acme.example") == domain
    divio.domains.update(domain.uuid, is_redirect=True, is_primary=False)
    changed = divio.domains.find("www.acme.example", application.uuid)
    assert changed is not None
    assert changed.is_redirect
    divio.domains.delete(domain.uuid)
    assert divio.domains.list(application.uuid) == ()

    divio.applications.delete(application.uuid)
    divio.applications.delete(application.uuid)
    assert divio.applications.list() == ()
    with pytest.raises(NotFound, match="missing or not permitted"):
        divio.applications.get(application.uuid)


@pytest.mark.parametrize(
    ("flag", "shape"),
    [
        ("field:mirror_of", ByField("mirror_of")),
        ("field:source_application", ByField("source_application")),
        (
            "action:/apps/v3/applications/{uuid}/mirror/",
            ByAction("/apps/v3/applications/{uuid}/mirror/"),
        ),
    ],
)
def test_auto_finds_the_shape_that_the_schema_shows(
    start_divio: StartDivio, flag: str, shape: ByField | ByAction
) -> None:
    with_mirrors = start_divio(deploy_seconds=0, mirrors=flag)
    divio = client(with_mirrors)
    assert divio.capabilities.mirrors("auto") == shape
    original = new_application(divio, "acme-main")
    mirror = divio.mirrors.create(shape, original, mirror_of(original, divio, "acme-blog"))
    assert divio.mirrors.relation(mirror, shape) == original.uuid
    with pytest.raises(AlreadyExists) as taken:
        divio.mirrors.create(shape, original, mirror_of(original, divio, "acme-blog"))
    assert taken.value.uuid == mirror.uuid
    with pytest.raises(Refused):
        divio.applications.delete(original.uuid)


def test_a_configured_field_is_used_although_no_source_knows_it(start_divio: StartDivio) -> None:
    divio = client(start_divio(deploy_seconds=0, mirrors="field:copy_of"))
    assert isinstance(divio.capabilities.mirrors("auto"), Manual)
    shape = divio.capabilities.mirrors("field:copy_of")
    assert isinstance(shape, ByField)
    original = new_application(divio, "acme-main")
    mirror = divio.mirrors.create(shape, original, mirror_of(original, divio, "acme-blog"))
    assert divio.mirrors.relation(mirror, shape) == original.uuid
    assert divio.mirrors.relation(mirror) is UNKNOWN


def test_without_an_offer_mirrors_are_for_a_person(start_divio: StartDivio) -> None:
    local = start_divio(deploy_seconds=0, mirrors="none")
    divio = client(local)
    shape = divio.capabilities.mirrors("auto")
    assert isinstance(shape, Manual)
    original = new_application(divio, "acme-main")
    local.make_mirror("acme-main", "acme-blog")
    found = divio.applications.find("acme-blog")
    assert found is not None
    assert divio.mirrors.relation(found) == original.uuid


def test_an_ignored_field_does_not_pass_for_a_mirror(start_divio: StartDivio) -> None:
    divio = client(start_divio(deploy_seconds=0, mirrors="none"))
    original = new_application(divio, "acme-main")
    with pytest.raises(NotAMirror, match="acme-blog") as error:
        divio.mirrors.create(ByField("mirror_of"), original, mirror_of(original, divio, "acme-blog"))
    made = divio.applications.find("acme-blog")
    assert made is not None
    assert made.uuid in str(error.value)


def test_a_second_deployment_says_that_one_runs(start_divio: StartDivio) -> None:
    divio = client(start_divio(deploy_seconds=60))
    application = new_application(divio, "acme-main")
    test = divio.environments.find(application.uuid, "test")
    assert test is not None
    divio.deployments.start(test.uuid)
    with pytest.raises(AlreadyRunning):
        divio.deployments.start(test.uuid)


def test_a_bad_build_mode_does_not_pass_for_a_running_deployment(local_divio: LocalDivio) -> None:
    divio = client(local_divio)
    application = new_application(divio, "acme-main")
    test = divio.environments.find(application.uuid, "test")
    assert test is not None
    with pytest.raises(Refused) as error:
        divio.deployments.start(test.uuid, "NONSENSE")  # type: ignore[arg-type]
    assert not isinstance(error.value, AlreadyRunning)


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_makes_neither_a_second_thing_nor_none(local_divio: LocalDivio, drop: str) -> None:
    divio = client(local_divio)
    local_divio.faults([{"method": "POST", "path": r"/applications/$", "nth": 1, "drop": drop}])
    original = new_application(divio, "acme-main")
    local_divio.faults([{"method": "POST", "path": r"/applications/$", "nth": 1, "drop": drop}])
    mirror = divio.mirrors.create(ByField("mirror_of"), original, mirror_of(original, divio, "acme-blog"))
    assert sorted(one.slug for one in divio.applications.list()) == ["acme-blog", "acme-main"]
    assert divio.mirrors.relation(mirror) == original.uuid
    test = divio.environments.find(original.uuid, "test")
    assert test is not None

    local_divio.faults([{"method": "POST", "nth": 1, "drop": drop}])
    variable = divio.environment_variables.create(test.uuid, "A", "1", is_sensitive=True)
    local_divio.faults([{"method": "POST", "nth": 1, "drop": drop}])
    region = divio.regions.resolve("Frankfurt")
    service = divio.services.resolve(region, "s3")
    instance = divio.service_instances.create(test.uuid, region, service, "DEFAULT")
    local_divio.faults([{"method": "POST", "nth": 1, "drop": drop}])
    domain = divio.domains.create(original.uuid, "www.acme.example")
    local_divio.faults([{"method": "POST", "nth": 1, "drop": drop}])
    deployment = divio.deployments.start(test.uuid)
    local_divio.faults([])

    world = local_divio.world()
    assert ended(divio, deployment).success is True
    assert [one.uuid for one in divio.deployments.list(test.uuid)] == [deployment.uuid]
    assert [one.uuid for one in divio.environment_variables.list([test.uuid])] == [variable.uuid]
    assert [one.uuid for one in divio.service_instances.list(test.uuid)] == [instance.uuid]
    assert [one.uuid for one in divio.domains.list()] == [domain.uuid]
    assert world


def test_hundreds_of_environments_are_read_in_a_few_requests(local_divio: LocalDivio) -> None:
    divio = client(local_divio)
    for number in range(25):
        new_application(divio, f"site-{number}")
    environments = [one.uuid for one in divio.environments.list(fresh=True)]
    assert len(environments) == 50
    for uuid in environments:
        divio.environment_variables.create(uuid, "SITE", uuid, is_sensitive=False)
    local_divio.clear_calls()
    found = divio.environment_variables.list(environments)
    assert [one.value for one in found] == environments
    assert len(local_divio.calls()) == 2
    divio.environment_variables.list(environments[:3])
    assert len(local_divio.calls()) == 2


def test_small_pages_lose_nothing(start_divio: StartDivio) -> None:
    divio = client(start_divio(deploy_seconds=0, page_size=2))
    for number in range(5):
        new_application(divio, f"site-{number}")
    assert len(divio.applications.list()) == 5
    assert len(divio.environments.list()) == 10


def test_a_wrong_token_is_told_apart_and_shown_nowhere(local_divio: LocalDivio) -> None:
    divio = Divio(Settings(token="wrong-token-123", api_url=local_divio.url, requests_per_second=1000))
    with pytest.raises(Unauthorized, match="DIVIO_TOKEN") as error:
        divio.me.get()
    assert not isinstance(error.value, Forbidden)
    assert "wrong-token-123" not in str(error.value)


def test_a_misspelled_name_is_answered_with_near_misses(local_divio: LocalDivio) -> None:
    divio = client(local_divio)
    with pytest.raises(Unresolved, match="Did you mean 'Frankfurt'"):
        divio.regions.resolve("Frankfrut")
    with pytest.raises(Unresolved, match="There are: Small, Standard"):
        divio.plan_groups.resolve("Business", divio.organisations.resolve("Acme"))
