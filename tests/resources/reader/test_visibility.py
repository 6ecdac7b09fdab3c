"""Gone or only hidden: what a refresh makes of an application that Divio no longer shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from divio_provider.api import Divio, Settings
from divio_provider.resources.application import ApplicationProvider
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.domain import DomainProvider
from divio_provider.resources.environment_variables import EnvironmentVariablesProvider
from divio_provider.resources.environment_variables.converge import converge
from divio_provider.resources.host.configuration import Configuration
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.mirror import MirrorProvider
from divio_provider.resources.service_instance import ServiceInstanceProvider
from tests.local_divio import LocalDivio

PLACE = {"organisation": "Acme", "region": "Frankfurt", "plan": "Standard"}
SITES = ("acme-main", "acme-blog", "acme-shop")
WAYS_OUT = ("another token", "nothing was dropped from the state")


@pytest.fixture(scope="module")
def divio() -> Iterator[LocalDivio]:
    """One with an original, deployed, and two mirrors."""
    with LocalDivio(deploy_seconds=0) as divio:
        world = divio.world()
        place = {field: world[f"{field}s"][0]["uuid"] for field in ("organisation", "region", "plan_group")}
        divio.post("/apps/v3/applications/", {"name": "Acme", "slug": "acme-main", **place})
        for environment in ("test", "live"):
            divio.deploy("acme-main", environment)
        for slug in SITES[1:]:
            divio.make_mirror("acme-main", slug)
        yield divio


@pytest.fixture(autouse=True)
def as_it_was(divio: LocalDivio) -> Iterator[None]:
    world = divio.world()
    yield
    divio.permit()
    divio.faults([])
    divio.replace_world(world)


class Resources:
    """The estate's resources as a state has them, read by a run of their own."""

    def __init__(self, divio: LocalDivio) -> None:
        self._divio = divio
        self.uuids = {slug: divio.application(slug)["uuid"] for slug in SITES}

    def read(self, provider: type[DivioProvider], id_: str, props: dict[str, Any], **environ: str) -> str | None:
        """The id that a refresh keeps; empty when it is gone."""
        settings = {"divio:apiUrl": self._divio.url, "divio:requestsPerSecond": "1000"}
        one = provider()
        one.configuration = Configuration.read(settings.get, {"DIVIO_TOKEN": self._divio.token, **environ})
        Divio.for_settings(one.configuration.settings).forget()
        return one.read(id_, props).id

    def original(self, **environ: str) -> str | None:
        props = {"slug": "acme-main", "name": "Acme", **PLACE, "uuid": self.uuids["acme-main"]}
        return self.read(ApplicationProvider, "acme-main", props, **environ)

    def mirror(self, slug: str = "acme-blog", **environ: str) -> str | None:
        of = {"original": "acme-main", "original_uuid": self.uuids["acme-main"]}
        return self.read(
            MirrorProvider,
            slug,
            {"slug": slug, "name": slug, **of, **PLACE, "uuid": self.uuids[slug]},
            **environ,
        )

    def variables(self, slug: str, **environ: str) -> str | None:
        of = {"original": "acme-main", "original_uuid": self.uuids["acme-main"]} if slug != "acme-main" else {}
        props = {
            "site": slug,
            "environment": "test",
            "application": self.uuids[slug],
            "variables": {},
            "sensitive": [],
            **of,
        }
        return self.read(EnvironmentVariablesProvider, f"{slug}/test", props, **environ)

    def converge(self, slug: str) -> dict[str, Any]:
        """What an update of its Test's variables gives, without a refresh before it."""
        news = {"site": slug, "environment": "test", "application": self.uuids[slug], "variables": {}, "generation": 1,
                "shared_generation": 1, "original": "acme-main", "original_uuid": self.uuids["acme-main"]}  # fmt: skip
        settings = Settings(token=self._divio.token, api_url=self._divio.url, requests_per_second=1000)
        return converge(Divio(settings), Configuration(settings), {}, news)

    def service(self, **environ: str) -> str | None:
        id_ = "acme-main/test/DATABASE/DEFAULT"
        props = {"site": "acme-main", "environment": "test", "application": self.uuids["acme-main"], "region": "Frankfurt",
                 "type": "DATABASE", "prefix": "DEFAULT", "service": "postgres"}  # fmt: skip
        return self.read(ServiceInstanceProvider, id_, props, **environ)

    def domain(self) -> str | None:
        props = {"host": "blog.example", "site": "acme-blog", "application": self.uuids["acme-blog"], "kind": "primary"}
        return self.read(DomainProvider, "blog.example", props)


@pytest.fixture
def resources(divio: LocalDivio) -> Resources:
    return Resources(divio)


def delete(divio: LocalDivio, slug: str) -> None:
    divio.delete(f"/apps/v3/applications/{divio.application(slug)['uuid']}/")


def test_a_deleted_mirror_is_gone_with_its_variables(divio, resources):
    delete(divio, "acme-blog")
    assert resources.mirror() == ""
    assert resources.variables("acme-blog") == ""
    assert resources.mirror("acme-shop") == "acme-shop"
    assert resources.variables("acme-main") == "acme-main/test"


def test_nothing_is_gone_with_the_organisation(divio, resources):
    divio.permit(organisations=[])
    for read in (resources.original, resources.mirror):
        with pytest.raises(Failed, match=r'organisation "Acme" \(it shows none\)') as error:
            read()
        assert all(words in str(error.value) for words in WAYS_OUT)
    for read in (lambda: resources.variables("acme-blog"), lambda: resources.variables("acme-main"), resources.service):
        with pytest.raises(Failed) as error:
            read()
        assert all(words in str(error.value) for words in WAYS_OUT)
    assert resources.domain() == "blog.example"


def test_another_organisations_token_is_told_what_it_sees(divio, resources):
    world = divio.world()
    beta = {**world["organisations"][0], "uuid": "beta", "name": "Beta"}
    divio.replace_world({**world, "organisations": [*world["organisations"], beta]})
    divio.permit(organisations=["Beta"])
    with pytest.raises(Failed, match=r'neither acme-main nor its organisation "Acme" \(it shows Beta\)'):
        resources.original()


def test_an_original_is_gone_only_where_a_person_says_so(divio, resources):
    for slug in reversed(SITES):
        delete(divio, slug)
    reads = (
        resources.original,
        resources.mirror,
        resources.service,
        lambda **more: resources.variables("acme-shop", **more),
    )
    for read in reads:
        with pytest.raises(Failed, match="DIVIO_DELETED=acme-main"):
            read()
        assert read(DIVIO_DELETED="acme-main") == ""


def test_a_mirror_is_not_gone_while_its_original_is_hidden(divio, resources):
    divio.permit(applications=["acme-shop"])
    with pytest.raises(Failed, match=r"neither acme-blog .* nor its original acme-main"):
        resources.mirror()
    with pytest.raises(Failed, match=r"neither acme-blog .* nor its original acme-main"):
        resources.variables("acme-blog")
    assert resources.mirror("acme-shop") == "acme-shop"


def test_a_refusal_tells_hidden_from_gone(divio, resources):
    divio.permit(applications=["acme-main"])
    divio.faults([{"path": f"/applications/{resources.uuids['acme-blog']}/$", "status": 403}])
    with pytest.raises(Failed, match="exists on Divio, but the token's account may not see it"):
        resources.mirror()


def test_another_slug_is_not_gone(divio, resources):
    world = divio.world()
    for item in world["applications"]:
        item["slug"] = item["slug"].replace("acme-blog", "acme-journal")
    divio.replace_world(world)
    with pytest.raises(Failed, match="has the slug acme-journal on Divio now"):
        resources.mirror()


def test_a_list_that_lost_one_does_not_make_it_gone(divio, resources):
    shown = divio.get("/apps/v3/applications/")
    shown["results"] = [item for item in shown["results"] if item["slug"] != "acme-blog"]
    divio.faults([{"path": "/applications/$", "status": 200, "body": shown}])
    assert resources.mirror() == "acme-blog"


def test_a_refresh_that_finds_everything_asks_for_lists_alone(divio, resources):
    divio.clear_calls()
    resources.original()
    resources.mirror()
    asked = {call["path"] for call in divio.calls()}
    names = {"/iam/v3/organisations/", "/apps/v3/regions/", "/billing/v3/application-plan-groups/"}
    assert asked == {"/apps/v3/applications/", *names}


def test_an_update_is_not_left_unfinished_for_a_lost_permission(divio, resources):
    divio.permit(organisations=[])
    with pytest.raises(Failed, match=r"neither acme-blog .* nor its original acme-main"):
        resources.converge("acme-blog")


def test_an_update_of_what_was_deleted_meanwhile_waits_for_a_refresh(divio, resources):
    delete(divio, "acme-blog")
    assert "pulumi up --refresh" in resources.converge("acme-blog")["unfinished"]["acme-blog"][0]["text"]
    divio.make_mirror("acme-main", "acme-blog")
    assert "pulumi up --refresh" in resources.converge("acme-blog")["unfinished"]["acme-blog"][0]["text"]


def test_a_visible_application_without_its_service_has_lost_it(resources):
    assert resources.service() == ""
