"""A release passes the original's Test only with its rehearsal, whatever happened to the run before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from divio_provider.api.client import Divio
from divio_provider.api.settings import Settings
from divio_provider.resources.deployment.observer import Observer
from divio_provider.resources.deployment.release_gate import ReleaseGate
from divio_provider.resources.deployment.targets import Target
from divio_provider.resources.host.error_reporting import Failed
from tests.emulator.conftest import Estate
from tests.local_divio import LocalDivio

MIRRORS = ("acme-blog", "acme-shop")
NEWS: dict[str, Any] = {
    "name": "original-test",
    "kind": "original",
    "release": "2026-11",
    "verify": {"path": "/", "status": 200, "timeout": 0.2},
    "mirrors": dict.fromkeys(MIRRORS, ""),
    "rehearsal": {"source": "this-step"},
}


@pytest.fixture(scope="module")
def level() -> Iterator[tuple[LocalDivio, dict[str, Any]]]:
    """An original and two mirrors whose Tests are deployed; nobody has a release yet."""
    with LocalDivio(deploy_seconds=0) as divio:
        estate = Estate(divio)
        original = estate.original()
        for slug in MIRRORS:
            estate.mirror(slug, original)
            divio.deploy(slug, "test")
        yield divio, divio.world()


@pytest.fixture
def divio(level: tuple[LocalDivio, dict[str, Any]]) -> LocalDivio:
    divio, world = level
    divio.replace_world(world)
    return divio


def begun(divio: LocalDivio, olds: dict[str, Any] | None = None, environment: str = "test", **more: Any) -> ReleaseGate:
    """The step after its beginning, as the next run of a stack with these old outputs takes it."""
    client = Divio(Settings(token=divio.token, api_url=divio.url, requests_per_second=1000))
    step = ReleaseGate(client, olds or {}, {**NEWS, **more})
    uuid = divio.application("acme-main")["uuid"]
    target = Target(site="acme-main", environment=environment, application=uuid)
    step.begin(Observer(client, "original", "2026-11", None), target)
    return step


def release(divio: LocalDivio, environment: str) -> None:
    """What a run did before it was killed: nothing of it is in any state."""
    divio.set_variable("acme-main", environment, "ESTATE_RELEASE", "2026-11")
    divio.deploy("acme-main", environment)


def test_a_site_that_the_release_breaks_is_named(divio: LocalDivio):
    step = begun(divio)
    release(divio, "test")
    divio.site("acme-shop", "test", status=500)
    assert step.end() == {"acme-shop": "answered before and now answers 500 at / instead of 200"}


def test_a_site_that_was_broken_before_does_not_count(divio: LocalDivio):
    divio.site("acme-shop", "test", status=500)
    step = begun(divio)
    release(divio, "test")
    assert step.end() == {}
    assert step.excluded == {"acme-shop": "its Test answers 500 at / instead of 200"}


def test_after_a_run_that_was_killed_every_site_counts(divio: LocalDivio):
    release(divio, "test")
    divio.site("acme-shop", "test", status=500)
    assert begun(divio).end() == {"acme-shop": "is current and now answers 500 at / instead of 200"}
    assert begun(divio, {"release": "2026-10"}).end().keys() == {"acme-shop"}


def test_a_release_that_is_on_live_already_is_rehearsed_no_more(divio: LocalDivio):
    release(divio, "test")
    release(divio, "live")
    divio.site("acme-shop", "test", status=500)
    assert begun(divio).end() == {}


def test_the_next_run_asks_again_and_remembers_who_does_not_count(divio: LocalDivio):
    release(divio, "test")
    divio.site("acme-blog", "test", status=503)
    left_out = {"acme-blog": "its Test answers 503 at / instead of 200"}
    olds = {"release": "2026-11", "broken": {"acme-shop": "answered before and now answers 500"}, "excluded": left_out}
    divio.site("acme-shop", "test", status=500)
    again = begun(divio, olds)
    assert again.end() == {"acme-shop": "answered before and now answers 500 at / instead of 200"}
    assert again.excluded == left_out
    divio.site("acme-shop", "test", status=200)
    assert begun(divio, olds).end() == {}


def test_a_stack_of_live_alone_wants_the_originals_test_to_run_the_release(divio: LocalDivio):
    with pytest.raises(Failed, match="Test does not run release 2026-11 yet"):
        begun(divio, environment="live", name="original-live", rehearsal={"source": "another-stack", "found": {}})
    release(divio, "test")
    begun(divio, environment="live", name="original-live", rehearsal={"source": "another-stack", "found": {}})
    divio.site("acme-shop", "test", status=500)
    with pytest.raises(Failed, match="acme-shop's Test is current and now answers 500"):
        begun(divio, environment="live", name="original-live", rehearsal={"source": "another-stack", "found": {}})
    told = {"release": "2026-11", "excluded": {"acme-shop": "it was broken before"}}
    begun(divio, environment="live", name="original-live", rehearsal={"source": "another-stack", "found": told})


def test_a_release_goes_no_further_where_the_original_did_not_get_it(divio: LocalDivio):
    step = begun(divio)
    target = Target(site="acme-main", environment="test", application="a")
    refused, waits = (
        target.unfinished_because("refused", "Divio refused THEME"),
        target.unfinished_because("waits", "waits for itself"),
    )
    with pytest.raises(
        Failed, match="release 2026-11 is not deployed, so it goes no further: acme-main test: Divio refused"
    ):
        step.check_finished({"acme-main/test": [refused]}, {"acme-main/test": target})
    pending = Target(site="acme-main", environment="test")
    step.check_finished({"acme-main/test": [waits]}, {"acme-main/test": pending})
