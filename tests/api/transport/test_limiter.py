"""The limiter on a clock that only moves when somebody sleeps, and once on the real one."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from divio_provider.api.transport.limiter import Limiter, shared_limiter
from tests.api.conftest import FakeClock


def departures(limiter: Limiter, clock: FakeClock, threads: int, each: int) -> list[float]:
    times: list[float] = []
    lock = threading.Lock()

    def go() -> None:
        for _ in range(each):
            limiter.wait()
            # Only this thread's departure moves nothing; others may sleep on meanwhile, so a later time is possible.
            with lock:
                times.append(clock.monotonic())

    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(go) for _ in range(threads)]:
            future.result()
    return times


@settings(max_examples=25)
@given(rate=st.floats(0.1, 500), each=st.integers(1, 12))
def test_four_threads_never_exceed_the_rate(rate: float, each: int) -> None:
    clock = FakeClock()
    began = clock.monotonic()
    departures(Limiter(rate, clock), clock, 4, each)
    # One may leave at once, every other one an interval after the one before.
    assert clock.monotonic() - began >= (4 * each - 1) / rate * (1 - 1e-9)


@settings(max_examples=50)
@given(
    rate=st.floats(0.5, 200),
    idle=st.lists(st.floats(0, 5), min_size=1, max_size=30),
    window=st.floats(0.01, 10),
)
def test_no_window_holds_more_than_its_share(rate: float, idle: list[float], window: float) -> None:
    clock = FakeClock()
    limiter = Limiter(rate, clock)
    times = []
    for pause in idle:
        clock.sleep(pause)
        limiter.wait()
        times.append(clock.monotonic())
    for start in times:
        inside = [one for one in times if start <= one < start + window]
        assert len(inside) <= window * rate + 1 + 1e-6


def test_a_late_sleeper_does_not_make_the_next_one_early() -> None:
    class LateClock(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds + 0.09)

    clock = LateClock()
    limiter = Limiter(10, clock)
    times = []
    for _ in range(20):
        limiter.wait()
        times.append(clock.monotonic())
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.1 - 1e-9


def test_a_pause_holds_everybody() -> None:
    clock = FakeClock()
    limiter = Limiter(1000, clock)
    limiter.wait()
    limiter.pause(30)
    before = clock.monotonic()
    limiter.wait()
    assert clock.monotonic() - before >= 30


def test_real_threads_on_the_real_clock() -> None:
    limiter = Limiter(100)
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(limiter.wait) for _ in range(41)]:
            future.result()
    assert time.monotonic() - began >= 0.4


def test_one_host_and_token_share_a_limiter_and_the_lower_rate() -> None:
    one = shared_limiter("https://shared.example", "t", 1000)
    assert shared_limiter("https://shared.example", "t", 50) is one
    assert shared_limiter("https://shared.example", "other", 50) is not one
    assert shared_limiter("https://other.example", "t", 50) is not one
    began = time.monotonic()
    for _ in range(6):
        one.wait()
    assert time.monotonic() - began >= 0.1
