"""From what a person writes (a name) to Divio's id, with near misses where it fits nothing. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from divio_provider.api.errors import Unresolved

MOST_NAMES = 12
"""Names that an error lists."""
_ID = re.compile(r"[a-z2-7]{26}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_id(text: str) -> bool:
    """Whether a text is certainly no name, but an id of Divio's.

    Divio writes ids as 26 characters of base 32 (seen in its answers), its OpenAPI document as uuids.

    >>> is_id("crce57yucffnjhb63yldeohmru"), is_id("Acme")
    (True, False)
    """
    return _ID.fullmatch(text) is not None


def resolve(kind: str, wanted: str, known: Iterable[tuple[str, Sequence[str]]]) -> str:
    """The id of what a person means.

    Args:
        kind: what is looked for, for the message, such as ``region``.
        wanted: a name in any letter case, or an id.
        known: ids, each with the names it goes by.

    Raises:
        Unresolved: nothing fits, or several things do; names near misses.

    >>> resolve("region", "frankfurt", [("aaa", ["Frankfurt"]), ("bbb", ["Ireland"])])
    'aaa'
    """
    candidates = [(uuid, [name for name in names if name]) for uuid, names in known]
    if not wanted.strip():
        raise Unresolved(f"no {kind} is named", hint=_listed(candidates))
    for uuid, _ in candidates:
        if uuid == wanted:
            return uuid
    for form in (str, str.casefold):
        fitting = list(dict.fromkeys(uuid for uuid, names in candidates if form(wanted) in map(form, names)))
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise Unresolved(
                f"{len(fitting)} of kind {kind} are called {wanted!r}", hint=f"Use one's id: {', '.join(fitting)}."
            )
    every = {name.casefold(): name for _, names in candidates for name in names}
    near = [every[one] for one in difflib.get_close_matches(wanted.casefold(), every, n=3)]
    meant = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    raise Unresolved(f"there is no {kind} {wanted!r}", hint=f"{meant}{_listed(candidates)}")


def _listed(candidates: Sequence[tuple[str, Sequence[str]]]) -> str:
    names = sorted({name for _, names in candidates for name in names[:1]})
    if not names:
        return "The token's account sees none at all."
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"There are: {', '.join(names[:MOST_NAMES])}{more}."
