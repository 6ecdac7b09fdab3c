"""A hold says why, and until which day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from divio_provider.estate.declaration.sites import Hold
from tests.estate.declarations import FINE, data, said, spec


@pytest.mark.parametrize("written", ["2026-12-01", '"2026-12-01"', "'2026-12-01'"])
def test_a_day_is_read_with_and_without_quotes(written):
    assert said(FINE + f"    hold: {{reason: x, until: {written}}}\n") == []


@given(st.text(min_size=1).filter(str.strip), st.dates(min_value=date(1000, 1, 1), max_value=date(9999, 12, 30)))
def test_a_hold_is_over_the_day_after_its_last(reason, until):
    mirrors = {"acme-blog": {"name": "x", "hold": {"reason": reason, "until": until.isoformat()}}}
    hold = spec(mirrors=mirrors).mirrors["acme-blog"].hold
    assert hold == Hold(reason=reason, until=until)
    assert not hold.over(until)
    assert hold.over(until + timedelta(days=1))
    assert hold.said == f"{reason}, until {until}"


@given(st.dates())
def test_a_hold_without_a_day_is_never_over(today):
    hold = Hold(reason="moving")
    assert not hold.over(today)
    assert hold.said == "moving"


def test_a_hold_made_in_python_takes_a_date():
    held = {"acme-blog": {"name": "x", "hold": {"reason": "x", "until": date(2026, 12, 1)}}}
    assert spec(**data(mirrors=held)).mirrors["acme-blog"].hold == Hold(reason="x", until=date(2026, 12, 1))


@pytest.mark.parametrize("written", ["20261201", "2026-W48-1", "2026-12-01 12:00:00", "2026-12-1", "true", "[]", "''"])
def test_what_is_no_day_is_refused(written):
    (sentence,) = said(FINE + f"    hold: {{reason: x, until: {written}}}\n")
    assert sentence.endswith("hold.until: takes a day as year-month-day, such as 2026-12-01")
