"""Errors that hit many resources of a run alike: a wrong token fails each of them, and is reported once.

Pulumi starts the process that runs our providers anew for every run, and one more for each explicit provider, which has a
token and an address of its own (SDK 3.272). So what this process has reported, this run has reported.
"""

import threading
import time
from typing import NamedTuple

from divio_provider.api.errors import DivioError, OutcomeUnknown, Unauthorized, Unreachable
from divio_provider.resources.host import engine

_SILENCE_S = 5.0
"""Seconds in which a refresh does not ask a host again that did not answer a repeated request."""


class Cause(NamedTuple):
    """What errors of several resources have in common: those with an equal `key`."""

    key: object
    words: str
    """The cause in a few words."""
    no_answer: bool = False
    """Whether no answer came at all, although the request was repeated."""

    @classmethod
    def of(cls, error: DivioError) -> "Cause":
        """The cause of an error of the client's.

        A token that is refused and an answer that does not come have nothing to do with the path. Any other answer is about
        the path that was asked.
        """
        everywhere = error.status is None or isinstance(error, Unauthorized)
        request = () if everywhere else (error.method, error.path)
        no_answer = isinstance(error, Unreachable | OutcomeUnknown) and error.status is None and error.attempts > 1
        return cls((type(error), error.problem, error.words, *request), error.problem, no_answer)


class RepeatedErrors:
    """The causes that were reported; any number of threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reported: set[object] = set()
        self._silent_until = 0.0

    def is_new(self, cause: Cause) -> bool:
        """Whether it has to be reported in full. Outside of a run of Pulumi's everything is."""
        if not engine.is_there():
            return True
        with self._lock:
            if cause.no_answer:
                self._silent_until = time.monotonic() + _SILENCE_S
            is_new = cause.key not in self._reported
            self._reported.add(cause.key)
            return is_new

    def got_no_answer(self) -> bool:
        """Whether a request got no answer a moment ago: a refresh then does not wait for each of its resources."""
        return time.monotonic() < self._silent_until


THIS_RUN = RepeatedErrors()
