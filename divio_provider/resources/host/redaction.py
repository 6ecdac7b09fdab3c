"""Keeping secrets out of what people read: a deployment's log can hold anything its code prints."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

MASK = "[secret]"

_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]+(?=@)")
_SHORTEST = 4  # shorter values occur in ordinary words, and hide nothing


_PASSWORD = re.compile(r"://[^\s/@:]*:([^\s/@]+)@")


def redact(text: str, secrets: Iterable[str | None]) -> str:
    """`text` without `secrets`, the password of one that is an address, and the credentials of any address in it.

    >>> redact("cannot reach postgres://user:pw@db/site with key s3cret", ["s3cret"])
    'cannot reach postgres://[secret]@db/site with key [secret]'
    >>> redact("password hunter2 was refused", ["postgres://user:hunter2@db/site"])
    'password [secret] was refused'
    """
    hidden = {part for secret in secrets if secret for part in _parts(secret) if len(part) >= _SHORTEST}
    for secret in sorted(hidden, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _CREDENTIALS.sub(MASK, text)


def _parts(secret: str) -> Iterator[str]:
    yield secret
    for password in _PASSWORD.findall(secret):
        # A program reads it out of the address, and prints it as it was before it was quoted.
        yield from (password, unquote(password))
