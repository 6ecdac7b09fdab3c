"""What a stack's state knows of `SITE_ID`s goes into git."""

from divio_provider.estate.planning.pins import missing_pins
from divio_provider.estate.planning.site_ids import Register
from tests.estate.declarations import spec


def test_sites_get_pins_and_those_that_are_gone_reservations():
    estate = spec(mirrors={"acme-blog": {"name": "x"}})
    assert missing_pins(estate, Register({"acme-main": 1, "acme-blog": 2}, {"gone": 3})) == {
        ("mirrors", "acme-blog", "site_id"): 2,
        ("site_ids", "reserved", "gone"): 3,
    }
