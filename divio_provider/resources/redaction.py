"""Keeping secrets out of what people read: a deployment's log can hold anything its code prints."""

import re
from collections.abc import Iterable

MASK = "[secret]"

_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]+(?=@)")
_SHORTEST = 4  # shorter values occur in ordinary words, and hide nothing


def redact(text: str, secrets: Iterable[str | None]) -> str:
    """`text` without any of `secrets` and without the credentials of any address in it.

    >>> redact("cannot reach postgres://user:pw@db/site with key s3cret", ["s3cret"])
    'cannot reach postgres://[secret]@db/site with key [secret]'
    """
    for secret in sorted({item for item in secrets if item and len(item) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _CREDENTIALS.sub(MASK, text)
