"""What a run has read once: lists shared by concurrent readers, and forgotten when we write.

A refresh reads hundreds of resources at a time, and each wants to look at the same few lists: the first asks Divio,
the others wait for its answer. Gates and proofs ask ``fresh``, past all of this.

Not for: longer than a run. A process that lives on calls ``forget``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TypeVar, cast

from divio_provider.api.errors import OutcomeUnknown

V = TypeVar("V")


class Cache:
    """Answers by noun and key, each read by one thread for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: dict[tuple[str, str], Future[object]] = {}

    def read(self, noun: str, key: str, load: Callable[[], V], *, fresh: bool = False) -> V:
        """One answer, as ``read_many`` gives several."""
        return self.read_many(noun, [key], lambda _: {key: load()}, fresh=fresh)[key]

    def read_many(
        self, noun: str, keys: Sequence[str], load: Callable[[Sequence[str]], Mapping[str, V]], *, fresh: bool = False
    ) -> dict[str, V]:
        """Several answers, asking Divio together for all that nobody has asked for yet.

        Args:
            noun: the collection, as writes name it.
            keys: which parts of it.
            load: asks Divio for the keys it is given, and answers for each of them.
            fresh: ask now, whatever is known; later readers share the answers.
        """
        mine: dict[str, Future[object]] = {}
        wanted: dict[str, Future[object]] = {}
        with self._lock:
            for key in keys:
                future = self._futures.get((noun, key))
                if future is None or (fresh and key not in mine):
                    future = mine[key] = self._futures[noun, key] = Future()
                wanted[key] = future
        if mine:
            self._load(noun, mine, load)
        return {key: cast("V", future.result()) for key, future in wanted.items()}

    def peek(self, noun: str, key: str) -> object:
        """An answer that the run has read already; None where it has not, without asking."""
        with self._lock:
            future = self._futures.get((noun, key))
        return future.result() if future is not None and future.done() and future.exception() is None else None

    def _load(
        self, noun: str, mine: Mapping[str, Future[object]], load: Callable[[Sequence[str]], Mapping[str, V]]
    ) -> None:
        try:
            answers = load(list(mine))
            for key, future in mine.items():
                future.set_result(answers[key])
        except BaseException as error:
            with self._lock:
                for key, future in mine.items():
                    if self._futures.get((noun, key)) is future:
                        del self._futures[noun, key]  # what could not be read is asked for again
            shared = error if isinstance(error, Exception) else OutcomeUnknown("another thread was interrupted")
            for future in mine.values():
                if not future.done():
                    future.set_exception(shared)
            raise

    def forget(self, noun: str | None = None, key: str | None = None) -> None:
        """Ask anew from here on: for a part of a collection, the whole of it, or everything."""
        with self._lock:
            for one in list(self._futures):
                if noun in (None, one[0]) and key in (None, one[1]):
                    del self._futures[one]
