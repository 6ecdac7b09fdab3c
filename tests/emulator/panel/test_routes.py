"""The control panel, judged without a browser."""

from __future__ import annotations

from tests.emulator.conftest import Estate
from tests.local_divio import LocalDivio


def test_the_page_loads_nothing_from_elsewhere(divio: LocalDivio) -> None:
    page = divio.call("GET", "/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for name, kind in (("panel.js", "text/javascript"), ("panel.css", "text/css"), ("icon.svg", "image/svg+xml")):
        file = divio.call("GET", f"/_panel/{name}")
        assert file.headers["Content-Type"].startswith(kind)
        assert "http://" not in file.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in file.text
    assert divio.call("GET", "/_panel/../server.py").status_code == 404
    assert divio.call("GET", "/_panel/nothing.js").status_code == 404


def test_what_has_not_changed_is_not_sent_again(divio: LocalDivio, estate: Estate) -> None:
    estate.application("acme-main")
    first = divio.call("GET", "/_panel/overview")
    again = divio.call("GET", "/_panel/overview", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_panel_does_what_the_api_does_and_shows_no_value(divio: LocalDivio, estate: Estate) -> None:
    estate.application("acme-main")
    environment = divio.environment("acme-main", "live")["uuid"]
    body = {"environment": environment, "name": "URL", "value": "postgres://u:canary@db.example/x"}
    made = divio.call("POST", "/_panel/do/apps/v3/environment-variables/", body)
    assert made.json() == {"status": 201, "refused": None}
    assert divio.variables("acme-main", "live") == {"URL": "postgres://u:canary@db.example/x"}
    again = divio.call("POST", "/_panel/do/apps/v3/environment-variables/", body)
    assert again.json()["status"] == 400
    assert again.json()["refused"] == {"non_field_errors": ["The fields environment, name must make a unique set."]}
    assert "canary" not in divio.call("GET", "/_panel/applications/acme-main").text


def test_no_other_page_can_press_the_buttons(divio: LocalDivio, estate: Estate) -> None:
    uuid = estate.application("acme-main")["uuid"]
    path = f"/_panel/do/apps/v3/applications/{uuid}/"
    assert divio.call("DELETE", path, headers={"Origin": "http://elsewhere.example"}).status_code == 403
    assert divio.application("acme-main")
    assert divio.call("POST", "/_panel/do/_emulator/world", {}).status_code == 404
    assert divio.call("DELETE", path, headers={"Origin": divio.url}).json()["status"] == 204
    assert divio.application("acme-main") is None
