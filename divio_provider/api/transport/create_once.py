"""Creating something exactly once, although the answer to the request may be lost.

A POST that may have happened is never repeated blindly, because a second one may make a second mirror: it is followed
by a look by the natural key (slug, name, host), and only when nothing is there by another POST, a bounded number of
times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from divio_provider.api.errors import AlreadyExists, DivioError, NotUnderstood, OutcomeUnknown, Refused
from divio_provider.api.transport.retry import backoff

if TYPE_CHECKING:
    from divio_provider.api.transport.transport import Transport


class Identified(Protocol):
    """An object of Divio's."""

    @property
    def uuid(self) -> str:
        """Its id."""
        ...


T = TypeVar("T", bound=Identified)

MOST_POSTS = 3
CONFLICTS = frozenset({400, 409})
"""Statuses under which a natural key may be taken: DRF says 400, others 409."""


def create_once(
    http: Transport,
    post: Callable[[], T | None],
    look: Callable[[], T | None],
    what: str,
) -> T:
    """Create something, or find out that a lost request of ours did.

    Args:
        http: the way to Divio, for its clock and patience.
        post: sends the POST; None where the answer has no body.
        look: finds the object by its natural key, past any cache; None when there is none.
        what: the object in words, for messages, such as ``application acme-main``.

    Raises:
        AlreadyExists: the natural key was taken before our first POST; carries the id of what is in the way.
        OutcomeUnknown: still unknown after the last POST.
    """
    for attempt in range(1, MOST_POSTS + 1):
        try:
            created = post()
        except OutcomeUnknown as lost:
            http.clock.sleep(backoff(attempt, http.policy, 0.0))
            found = _look_after(look, lost, what)
            if found is not None:
                return found
            if attempt == MOST_POSTS:
                lost.attempts = attempt
                lost.hint = f"We looked for {what}, and it is not there. Try again later."
                raise
        except Refused as refusal:
            found = look() if refusal.status in CONFLICTS else None
            if found is None:
                if "slug" in refusal.fields:
                    refusal.hint = (
                        f"The token's account sees no {what}: if the slug is taken, then by another organisation, or by "
                        f"what the account may not see."
                    )
                raise
            if attempt > 1:
                return found  # the POST before this one did happen, and was slower than our look
            raise AlreadyExists(f"{what} exists already", uuid=found.uuid, refusal=refusal) from None
        else:
            found = created if created is not None else look()
            if found is None:
                problem = f"Divio answered the creation of {what} without a body, and it cannot be found"
                raise NotUnderstood(problem)
            return found
    raise AssertionError(MOST_POSTS)  # the last attempt returns or raises


def _look_after(look: Callable[[], T | None], lost: OutcomeUnknown, what: str) -> T | None:
    try:
        return look()
    except DivioError as error:
        lost.hint = f"Looking for {what} failed as well ({error}), so it may exist."
        raise lost from None
