"""What the page may show of a value. Masked here, on the server: what a page never got, nobody finds in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

DOTS = "••••••"
SHORTEST = 4
"""Sensitive values shorter than this stay in a log: they would be found in every other word."""

ADDRESS = re.compile(r"\b([a-zA-Z][a-zA-Z0-9+.-]*)://(\S*)")
WHOLE = re.compile(r"\b([a-zA-Z][a-zA-Z0-9+.-]*)://.*@", re.DOTALL)
WEB = ("http", "https")


def value(text: str) -> str:
    """A variable's value without the credentials of a DSN.

    Passwords may hold blanks and `@`: from the first address on, everything up to the last `@` is masked.
    """
    return ADDRESS.sub(_address, WHOLE.sub(rf"\1://{DOTS}@", text))


def log(text: str, secrets: Iterable[str]) -> str:
    """A log without credentials, and without these values, wherever they stand."""
    for secret in sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, DOTS)
    return ADDRESS.sub(_address, text)


def credentials(text: str) -> list[str]:
    """What must not stand in a log by itself: the DSN, and the password in it, as written and decoded."""
    _, separator, rest = text.partition("://")
    user, at, _ = rest.rpartition("@")
    password = user.partition(":")[2]
    return [text, password, unquote(password)] if separator and at and password else []


def _address(match: re.Match[str]) -> str:
    scheme, rest = match[1], match[2]
    credentials, at, place = rest.rpartition("@")
    if at and credentials:
        place = f"{DOTS}@{place}"
    # A storage's keys may also stand in the query; that of a web page is only worth hiding beside a password.
    if scheme.lower() not in WEB and "?" in place:
        place = f"{place.partition('?')[0]}?{DOTS}"
    return f"{scheme}://{place}"
