"""What the control API records and refuses."""

from __future__ import annotations


def test_calls_are_recorded_and_those_of_the_control_api_are_not(divio):
    divio.call("GET", "/apps/v3/applications/?slug=a&slug=b")
    divio.call("POST", "/apps/v3/applications/", {})
    divio.call("GET", "/_sites/a/live/")
    divio.world()
    calls = divio.calls()
    assert [(call["method"], call["path"], call["query"], call["status"]) for call in calls] == [
        ("GET", "/apps/v3/applications/", "slug=a&slug=b", 200),
        ("POST", "/apps/v3/applications/", "", 400),
    ]
    assert all(set(call) == {"method", "path", "query", "status", "at", "ms"} for call in calls)
    assert calls[0]["at"] < calls[1]["at"]
    divio.clear_calls()
    assert divio.calls() == []


def test_a_setting_of_a_site_with_a_mistake_is_refused(estate, divio):
    estate.application("acme-main")
    bodies: list[object] = [{"stauts": 500}, {"status": 5}, {"deployment": "maybe"}, []]
    for body in bodies:
        assert divio.call("PUT", "/_emulator/sites/acme-main/live", body).status_code == 400
    assert divio.call("PUT", "/_emulator/sites/nobody/live", {}).status_code == 404
    assert divio.call("POST", "/_emulator/sites/acme-main/live/rotate").status_code == 400
