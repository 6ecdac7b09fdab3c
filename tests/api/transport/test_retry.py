"""Tables for the pure decisions: how long to wait, and whether at all."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from divio_provider.api.errors import (
    Busy,
    DivioError,
    Misconfigured,
    NotUnderstood,
    OutcomeUnknown,
    Refused,
    Unreachable,
)
from divio_provider.api.transport.retry import IDEMPOTENT, Policy, backoff, pause_after, retry_after

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("-0", 0.0),
        ("1.5", 1.5),
        ("Thu, 01 Jan 2026 00:00:09 GMT", 9.0),
        ("Thu, 01 Jan 2026 01:00:09 +0100", 9.0),
        ("Thursday, 01-Jan-26 00:00:09 GMT", 9.0),
        ("Thu Jan  1 00:00:09 2026", 9.0),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0),
        ("999999999999", 999999999999.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251635161599.0 + 0),
        (None, None),
        ("", None),
        ("   ", None),
        ("-1", None),
        ("-inf", None),
        ("inf", None),
        ("nan", None),
        ("1e400", None),
        ("soon", None),
        ("7 seconds", None),
        ("0x10", None),
        ("7,8", None),
        ("Thu, 32 Jan 2026 00:00:09 GMT", None),
        ("Fri, 31 Dec 100000 23:59:59 GMT", None),
        ("\x00", None),
        ("9" * 5000, None),
    ],
)
def test_retry_after_is_read_or_ignored_but_never_believed_blindly(header: str | None, seconds: float | None) -> None:
    read = retry_after(header, NOW)
    if header and "9999 " in header:
        assert read is not None
        assert math.isfinite(read)
    else:
        assert read == seconds


@given(st.text())
def test_no_header_breaks_the_reading(header: str) -> None:
    read = retry_after(header, NOW)
    assert read is None or (math.isfinite(read) and read >= 0)


BUSY = Busy("busy", wait_s=7)
SILENT = Busy("busy", wait_s=None)
FOR_AGES = Busy("busy", wait_s=1e9)


@pytest.mark.parametrize(
    ("error", "method", "again"),
    [
        (OutcomeUnknown("lost"), "GET", True),
        (OutcomeUnknown("lost"), "PATCH", True),
        (OutcomeUnknown("lost"), "PUT", True),
        (OutcomeUnknown("lost"), "DELETE", True),
        (OutcomeUnknown("lost"), "POST", False),
        (BUSY, "POST", True),
        (SILENT, "POST", True),
        (Unreachable("no connection"), "POST", True),
        (Unreachable("no connection"), "GET", True),
        (Refused("no"), "GET", False),
        (NotUnderstood("HTML"), "GET", False),
        (Misconfigured("no"), "GET", False),
    ],
)
def test_only_what_is_safe_and_of_use_is_sent_again(error: DivioError, method: str, again: bool) -> None:
    assert (pause_after(error, method, 1, 0.0, Policy(), 0.0) is not None) == again


def test_what_divio_asks_for_is_obeyed_up_to_our_longest_wait() -> None:
    policy = Policy(longest_wait_s=30)
    assert pause_after(BUSY, "GET", 1, 0.0, policy, 0.0) == 7
    assert pause_after(FOR_AGES, "GET", 1, 0.0, policy, 0.0) == 30
    assert pause_after(Busy("busy", wait_s=0), "GET", 1, 0.0, policy, 0.0) == policy.first_wait_s


def test_attempts_and_the_deadline_both_end_it() -> None:
    policy = Policy(attempts=3, deadline_s=10)
    lost = OutcomeUnknown("lost")
    assert pause_after(lost, "GET", 2, 0.0, policy, 0.0) is not None
    assert pause_after(lost, "GET", 3, 0.0, policy, 0.0) is None
    assert pause_after(lost, "GET", 1, 9.9, policy, 0.0) is None
    assert pause_after(BUSY, "GET", 1, 4.0, policy, 0.0) is None


@given(
    attempt=st.integers(1, 10**9),
    elapsed=st.floats(0, 1e6),
    chance=st.floats(0, 1, exclude_max=True),
    wait=st.none() | st.floats(0, 1e308),
    method=st.sampled_from([*sorted(IDEMPOTENT), "POST"]),
)
def test_no_pause_is_longer_than_promised(
    attempt: int, elapsed: float, chance: float, wait: float | None, method: str
) -> None:
    policy = Policy(attempts=10**9 + 1)
    pause = pause_after(Busy("busy", wait_s=wait), method, attempt, elapsed, policy, chance)
    if pause is not None:
        assert 0 <= pause <= policy.longest_wait_s
        assert elapsed + pause < policy.deadline_s


def test_pauses_double_and_spread() -> None:
    policy = Policy(first_wait_s=0.5, longest_wait_s=30)
    assert [backoff(n, policy, 0.0) for n in (1, 2, 3, 7, 10**6)] == [0.5, 1, 2, 30, 30]
    assert backoff(3, policy, 0.999) == pytest.approx(1.0, abs=0.01)
