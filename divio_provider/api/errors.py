"""Everything the client raises. No caller outside ``api/`` ever sees an exception of the HTTP library.

::

    DivioError
    ├── Misconfigured    the settings cannot work; nothing was sent
    ├── NoToken          no token was found; nothing was sent
    ├── ReadOnly         a write was asked for by a client that only reads; nothing was sent
    ├── EmptyId          an id or filter was empty; nothing was sent
    ├── Unresolved       a name fits no object, or several                       the message holds near misses
    ├── NotAMirror       what exists under the slug is not shown as a mirror of the original
    ├── Unreachable      the request never left: no connection                   the same again is safe
    ├── OutcomeUnknown   timeout, reset, any other 5xx: it may have happened     look first, then decide
    ├── Busy             429, or 503 with Retry-After: it did not happen         wait .wait_s, then again
    ├── NotUnderstood    an answer that is not Divio's: HTML, no JSON, other fields, a redirect elsewhere
    └── Refused          any other 4xx: the same again gets the same answer      never retried; .fields
        ├── Unauthorized    401: the token
        ├── Forbidden       403: the permissions
        ├── NotFound        404, which on Divio also means "not permitted"
        ├── AlreadyExists   400 on a natural key that is taken                   .uuid of what is in the way
        └── AlreadyRunning  400 because a deployment of the environment runs

A message carries method, path, status and Divio's own words: names of fields and Divio's sentences about them, never
the values that were sent, never headers, never a body in an unexpected shape.

An error about one of the client's settings names it as an attribute (``.setting``): where a user sets that is known to
whoever made the client, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

LONGEST_SENTENCE = 256
"""Characters of one of Divio's sentences that a message keeps. A gut feeling: longer ones are pages, not sentences."""

MOST_SENTENCES = 10
"""Sentences of Divio's that a message keeps."""

GENERAL_FIELDS = frozenset({"non_field_errors", "detail"})
"""Keys under which Divio speaks of the whole request (divio-cli reads the first, Django REST Framework has both)."""


class DivioError(Exception):
    """What went wrong between us and Divio, as one sentence for a person and as attributes for a program.

    Args:
        problem: what is wrong, without a full stop.
        method: HTTP verb of the request, empty when there was none.
        path: the request's path without its query, empty when there was none.
        status: HTTP status of the answer, None when there was none.
        fields: Divio's own words, field by field.
        hint: what the user can do, a sentence.
        setting: the field of ``Settings`` that may have to change; empty where it is none.
    """

    def __init__(
        self,
        problem: str,
        *,
        method: str = "",
        path: str = "",
        status: int | None = None,
        fields: Mapping[str, tuple[str, ...]] | None = None,
        hint: str = "",
        setting: str = "",
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.method = method
        self.path = path
        self.status = status
        self.fields: Mapping[str, tuple[str, ...]] = dict(fields or {})
        self.hint = hint
        self.setting = setting
        self.attempts = 1
        """How often the request was sent before giving up."""

    def __str__(self) -> str:
        request = f"{self.method} {self.path}: " if self.path else ""
        words = self.words
        tries = f" (after {self.attempts} attempts)" if self.attempts > 1 else ""
        sentence = f"{request}{self.problem}{': ' + words if words else ''}{tries}"
        if not self.hint:
            return sentence
        return f"{sentence}{'' if sentence.endswith(('.', '!', '?')) else '.'} {self.hint}"

    @property
    def words(self) -> str:
        """Divio's own words in one line, empty when it said nothing in the shape we know."""
        said = [
            sentence if field in GENERAL_FIELDS else f"{field}: {sentence}"
            for field, sentences in self.fields.items()
            for sentence in sentences
        ]
        cut = [one if len(one) <= LONGEST_SENTENCE else f"{one[: LONGEST_SENTENCE - 1]}…" for one in said]
        more = [f"and {len(cut) - MOST_SENTENCES} more"] if len(cut) > MOST_SENTENCES else []
        return "; ".join(cut[:MOST_SENTENCES] + more)


class Misconfigured(DivioError):
    """The settings cannot work; nothing was sent."""


class NoToken(DivioError):
    """No token was found; nothing was sent."""


class ReadOnly(DivioError):
    """A write was asked for by a client whose setting is ``read_only``; nothing was sent."""


class EmptyId(DivioError):
    """An id or a filter was empty; nothing was sent."""


class Unresolved(DivioError):
    """A name fits no object of Divio's, or more than one."""


class NotAMirror(DivioError):
    """Divio does not show the application as a mirror of the original; its text names slug and uuid."""


class Unreachable(DivioError):
    """No connection came about, so nothing happened; the same again is safe."""


class OutcomeUnknown(DivioError):
    """The answer was lost or says nothing; a write may have happened."""


class Busy(DivioError):
    """Divio did not do it, and asks to wait.

    Args:
        problem: what is wrong.
        wait_s: seconds Divio asked for, finite and not negative; None when it named none.
        **more: what every ``DivioError`` takes.
    """

    def __init__(self, problem: str, *, wait_s: float | None, **more: Any) -> None:  # noqa: ANN401
        super().__init__(problem, **more)
        self.wait_s = wait_s


class NotUnderstood(DivioError):
    """The answer is not what Divio's API says; nothing can be concluded from it."""


class Refused(DivioError):
    """Divio said no; the same request gets the same answer."""

    way_out: ClassVar[str] = ""
    """What a person may do about it."""


class Unauthorized(Refused):
    """Divio does not accept the token."""

    way_out = (
        "Divio does not accept the token: make a new one in the Control Panel (account, access tokens), and put it into "
        "DIVIO_TOKEN, or wherever this one was read from."
    )


class Forbidden(Refused):
    """Divio knows the token, and its account may not do this."""

    way_out = (
        "Divio knows the token, but its account may not do this: let an admin of the organisation give it the role."
    )


class NotFound(Refused):
    """Divio shows no such object to this account."""

    way_out = "On Divio that means missing or not permitted: compare with what the token's account sees."


class AlreadyExists(Refused):
    """The natural key (slug, name, host) is taken.

    Args:
        problem: what is in the way, by its name.
        uuid: Divio's id of what is in the way.
        refusal: Divio's own answer.
    """

    def __init__(self, problem: str, *, uuid: str, refusal: Refused) -> None:
        super().__init__(
            problem, method=refusal.method, path=refusal.path, status=refusal.status, fields=refusal.fields
        )
        self.uuid = uuid


class AlreadyRunning(Refused):
    """A deployment of the environment is running."""
