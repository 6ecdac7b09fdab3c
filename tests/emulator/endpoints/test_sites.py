"""The sites themselves."""

from __future__ import annotations


def test_a_site_answers_as_it_was_deployed(estate, divio):
    original = estate.original()
    estate.mirror("acme-shop", original)
    path = "/_sites/acme-shop/live/"
    assert divio.call("GET", path).status_code == 503
    assert divio.call("GET", "/_sites/nobody/live/").status_code == 404
    divio.set_variable("acme-shop", "live", "SITE_ID", "3")
    divio.deploy("acme-shop", "live")
    divio.set_variable("acme-shop", "live", "SITE_ID", "4")
    answer = divio.call("GET", f"{path}any/page", headers={"Host": "shop.acme.example"})
    assert answer.status_code == 200
    assert "acme-shop live SITE_ID 3" in answer.text
    divio.site("acme-shop", "live", status=500)
    assert divio.call("GET", path).status_code == 500
    divio.site("acme-shop", "live", status=None)
    assert divio.call("GET", path).status_code == 200
