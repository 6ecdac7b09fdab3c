"""What containers wrote, page by page."""

from __future__ import annotations

from tests.emulator.conftest import Estate

ENVIRONMENTS = "/apps/v3/environments/"


def test_a_log_is_read_forwards_for_ever_and_backwards_to_its_beginning(estate, divio, start_divio):
    del estate, divio
    divio = start_divio(deploy_seconds=0, page_size=2)
    Estate(divio).application("acme-main")
    path = f"{ENVIRONMENTS}{divio.environment('acme-main', 'test')['uuid']}/logs/"
    empty = divio.get(path)
    assert empty["results"] == []
    divio.deploy("acme-main", "test")
    new = divio.get(empty["next"])
    assert [set(line) for line in new["results"]] == [{"timestamp", "service", "message"}] * 2
    rest = divio.get(new["next"])
    assert len(rest["results"]) == 1
    end = divio.get(rest["next"])
    assert (end["results"], end["next"]) == ([], rest["next"])

    newest = divio.get(path)
    assert newest["results"] == [new["results"][1], *rest["results"]]
    older = divio.get(newest["previous"])
    assert older["results"] == [new["results"][0]]
    assert older["previous"] == newest["previous"], "at the beginning it repeats its own address"


def test_a_log_can_be_cut_by_time_and_holds_no_value(estate, divio):
    estate.application("acme-main")
    divio.set_variable("acme-main", "test", "PASSWORD", "s3cret-value", sensitive=True)
    divio.deploy("acme-main", "test")
    path = f"{ENVIRONMENTS}{divio.environment('acme-main', 'test')['uuid']}/logs/"
    assert divio.get(f"{path}?from_ts=2020-01-01T00:00")["results"]
    assert divio.get(f"{path}?to_ts=2020-01-01T00:00")["results"] == []
    assert "s3cret-value" not in str(divio.get(path))
    for query in ("from_ts=yesterday", "cursor=%00", "cursor=YWZ0ZXIgLTE=", "cursor=eA=="):
        answer = divio.call("GET", f"{path}?{query}")
        assert answer.status_code == 400
        assert "results" not in answer.json()
