"""Lists come in pages."""

from __future__ import annotations

APPLICATIONS = "/apps/v3/applications/"


def test_pages_carry_absolute_addresses_that_keep_the_filters(estate, divio):
    for number in range(5):
        estate.application(f"site-{number}")
    first = divio.get(f"{APPLICATIONS}?page_size=2&organisation={estate.organisation}&unknown=x")
    assert first["count"] == 5
    assert first["previous"] is None
    assert first["next"].startswith(f"{divio.url}{APPLICATIONS}?")
    assert f"organisation={estate.organisation}" in first["next"]
    slugs = [row["slug"] for row in divio.all(f"{APPLICATIONS}?page_size=2")]
    assert slugs == [f"site-{number}" for number in range(5)]
    last = divio.get(f"{APPLICATIONS}?page_size=2&page=3")
    assert last["next"] is None
    assert "page=2" in last["previous"]
    assert divio.call("GET", f"{APPLICATIONS}?page=9").status_code == 404


def test_no_page_is_longer_than_the_flag_says(start_divio):
    divio = start_divio(page_size=1)
    assert len(divio.get("/apps/v3/regions/?page_size=100")["results"]) == 1
    assert len(divio.all("/apps/v3/regions/")) == 2
