"""Custom domains of Live."""

from __future__ import annotations

DOMAINS = "/apps/v3/domains/"


def test_a_host_name_belongs_to_one_site_and_can_move(estate, divio):
    main, shop = estate.application("acme-main"), estate.application("acme-shop")
    domain = divio.post(DOMAINS, {"application": main["uuid"], "domain": "shop.acme.example", "is_primary": True})
    body = {"application": shop["uuid"], "domain": "shop.acme.example"}
    assert list(divio.call("POST", DOMAINS, body).json()) == ["domain"]
    moved = divio.patch(f"{DOMAINS}{domain['uuid']}/", {"application": shop["uuid"]})
    assert moved == domain | {"application": shop["uuid"]}
    assert divio.all(f"{DOMAINS}?application={main['uuid']}") == []
    assert divio.all(f"{DOMAINS}?application={shop['uuid']}") == [moved]
    divio.delete(f"{DOMAINS}{domain['uuid']}/")


def test_there_is_one_primary_domain(estate, divio):
    main = estate.application("acme-main")
    for host in ("a.acme.example", "b.acme.example"):
        divio.post(DOMAINS, {"application": main["uuid"], "domain": host, "is_primary": True})
    rows = divio.all(f"{DOMAINS}?application={main['uuid']}")
    assert [row["is_primary"] for row in rows] == [False, True]


def test_domains_reach_live_with_its_next_deployment(estate, divio):
    main = estate.original()
    assert divio.deployed("acme-main", "live")["DOMAIN"] == "acme-main.eu.aldryn.io"
    for host, flags in (("www", {"is_primary": True}), ("b", {}), ("a", {}), ("old", {"is_redirect": True})):
        divio.post(DOMAINS, {"application": main["uuid"], "domain": f"{host}.acme.example", **flags})
    assert divio.deployed("acme-main", "live")["DOMAIN"] == "acme-main.eu.aldryn.io"
    divio.deploy("acme-main", "live")
    divio.deploy("acme-main", "test")
    deployed = divio.deployed("acme-main", "live")
    assert deployed["DOMAIN"] == "www.acme.example"
    assert deployed["DOMAIN_ALIASES"] == "a.acme.example,b.acme.example"
    assert deployed["DOMAIN_REDIRECTS"] == "old.acme.example"
    assert divio.deployed("acme-main", "test")["DOMAIN"] == "acme-main-stage.eu.aldryn.io"
