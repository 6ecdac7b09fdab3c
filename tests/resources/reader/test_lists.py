"""What a refresh reads: whole lists of the account where they are cheaper, and each of them once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from divio_provider.api import Divio, Settings
from divio_provider.resources.reader.lists import Reader
from tests.local_divio import LocalDivio


def add(divio: LocalDivio, slug: str) -> None:
    world = divio.world()
    place = {field: world[f"{field}s"][0]["uuid"] for field in ("organisation", "region", "plan_group")}
    divio.post("/apps/v3/applications/", {"name": slug, "slug": slug, **place})


@pytest.mark.parametrize(
    ("applications", "lists_of_environments"),
    [(1, 1), (2, 2), (3, 1), (7, 1)],
)
def test_environments_are_asked_for_whichever_way_is_cheaper(
    local_divio: LocalDivio, applications: int, lists_of_environments: int
) -> None:
    slugs = [f"site-{number}" for number in range(applications)]
    for slug in slugs:
        add(local_divio, slug)
    divio = Divio(Settings(token=local_divio.token, api_url=local_divio.url, requests_per_second=1000))
    local_divio.clear_calls()

    def read(slug: str) -> set[str]:
        reader = Reader(divio)
        found = reader.application(slug)
        assert found is not None
        return set(reader.environments(found.uuid))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, slugs * 2)) == [{"test", "live"}] * applications * 2
    asked = Counter(call["path"] for call in local_divio.calls())
    assert asked == {"/apps/v3/applications/": 1, "/apps/v3/environments/": lists_of_environments}


def test_the_variables_of_an_estate_are_one_list(local_divio: LocalDivio) -> None:
    add(local_divio, "acme-main")
    for environment in ("test", "live"):
        local_divio.deploy("acme-main", environment)
    for number in range(3):
        local_divio.make_mirror("acme-main", f"mirror-{number}")
    local_divio.set_variable("mirror-1", "live", "A", "1")
    divio = Divio(Settings(token=local_divio.token, api_url=local_divio.url, requests_per_second=1000))
    local_divio.clear_calls()
    shown = {}
    for application in divio.applications.list():
        reader = Reader(divio)
        for slug, found in reader.environments(application.uuid).items():
            shown[application.slug, slug] = reader.variables(application.uuid, found.uuid)
    assert [item.name for item in shown["mirror-1", "live"]] == ["A"]
    assert len(shown) == 8
    assert len([call for call in local_divio.calls() if "environment-variables" in call["path"]]) == 1
