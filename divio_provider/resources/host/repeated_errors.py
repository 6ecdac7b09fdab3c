"""What a run has told of errors that hit many of its resources alike: a wrong token fails each of them.

Pulumi starts the process that runs our providers anew for every run, and one more for each explicit provider, which has a
token and an address of its own (pulumi/dynamic of SDK 3.272). So what this process has told, this run has told.
"""

import threading
import time
from typing import NamedTuple

from divio_provider.api.errors import DivioError, OutcomeUnknown, Unauthorized, Unreachable
from divio_provider.resources.host import engine

_SILENCE_S = 5.0
"""How long nobody asks a host again that gave no answer, in spite of all repetitions."""


class Cause(NamedTuple):
    """What errors of several resources have in common.

    Attributes:
        key: two errors with the same key have the same cause.
        words: a few words for it.
        no_answer: whether no answer came at all, although the request was repeated.
    """

    key: object
    words: str
    no_answer: bool = False

    @classmethod
    def of(cls, error: DivioError) -> "Cause":
        """The cause of an error of the client's.

        A token that is refused and an answer that does not come have nothing to do with the path. Any other answer is about
        the path that was asked.

        >>> from divio_provider.api.errors import Refused
        >>> one, other = (Unauthorized("answered 401", path=path, status=401) for path in ("/a", "/b"))
        >>> Cause.of(one) == Cause.of(other)
        True
        >>> one, other = (Refused("answered 400", path=path, status=400) for path in ("/a", "/b"))
        >>> Cause.of(one) == Cause.of(other)
        False
        """
        everywhere = error.status is None or isinstance(error, Unauthorized)
        request = () if everywhere else (error.method, error.path)
        no_answer = isinstance(error, Unreachable | OutcomeUnknown) and error.status is None and error.attempts > 1
        return cls((type(error), error.problem, error.words, *request), error.problem, no_answer)


class RepeatedErrors:
    """The causes that were told; any number of threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: set[object] = set()
        self._silent_until = 0.0

    def is_new(self, cause: Cause) -> bool:
        """Whether it has to be told now: nobody else told it. Outside of a run of Pulumi's everything is told."""
        if not engine.is_there():
            return True
        with self._lock:
            if cause.no_answer:
                self._silent_until = time.monotonic() + _SILENCE_S
            is_new = cause.key not in self._told
            self._told.add(cause.key)
            return is_new

    def got_no_answer(self) -> bool:
        """Whether a request got no answer only a moment ago: then a refresh of many resources does not wait for each."""
        return time.monotonic() < self._silent_until


THIS_RUN = RepeatedErrors()
