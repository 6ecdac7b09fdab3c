"""How sure we are of what we use of Divio's API: the vocabulary in which ``contract.py`` is written.

Not for: the facts themselves (``contract.py``), or how a request travels (``transport.py``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from divio_provider.api.errors import EmptyId

PLACEHOLDER = re.compile(r"\{[^{}]*\}")


class Certainty(StrEnum):
    """How a statement about Divio's API came about."""

    SEEN = "seen"
    """A public source shows it."""
    INFERRED = "inferred"
    """Concluded from what was seen, or from what Django REST Framework usually does."""
    UNKNOWN = "unknown"
    """No source says anything; we had to choose. Not the same as absent."""


class Kind(StrEnum):
    """What a field holds on the wire."""

    ID = "id"
    """One of Divio's ids: an opaque string."""
    TEXT = "text"
    TIME = "time"
    """ISO 8601, a string."""
    NUMBER = "number"
    BOOLEAN = "boolean"
    LIST = "list"
    MAP = "map"
    """An object of names that are not known before."""
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Part:
    """A field or filter of a call.

    Attributes:
        name: as on the wire; ``object.field`` and ``list.field`` are within another one.
        certainty: how sure we are that Divio knows it.
        kind: what it holds.
        nullable: whether the client can do without it: with a null in an answer.
        values: all that we send in it, where these are words of Divio's.
    """

    name: str
    certainty: Certainty
    kind: Kind = Kind.TEXT
    nullable: bool = False
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As ``parts`` reads it: ``uuid:id``, ``repository:id?``, ``trigger=MANUAL|PULL``."""
        kind = "" if self.kind is Kind.TEXT else f":{self.kind}"
        values = f"={'|'.join(self.values)}" if self.values else ""
        return f"{self.name}{kind}{values}{'?' if self.nullable else ''}"


def parts(*, seen: str = "", inferred: str = "", unknown: str = "") -> tuple[Part, ...]:
    """Fields or filters, by how sure we are of them.

    Args:
        seen: names in a row, each with ``:kind`` unless it is text, ``=WORD|WORD`` where we send only these, and
            ``?`` where it may be null.
        inferred: the same.
        unknown: the same.

    >>> [str(one) for one in parts(seen="uuid:id name?", unknown="region:id?")]
    ['uuid:id', 'name?', 'region:id?']
    """
    listed = ((seen, Certainty.SEEN), (inferred, Certainty.INFERRED), (unknown, Certainty.UNKNOWN))
    return tuple(_part(word, certainty) for words, certainty in listed for word in words.split())


def _part(word: str, certainty: Certainty) -> Part:
    named, _, values = word.removesuffix("?").partition("=")
    name, _, kind = named.partition(":")
    listed = tuple(values.split("|")) if values else ()
    return Part(name, certainty, Kind(kind or "text"), word.endswith("?"), listed)


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of Divio's API that the client relies on.

    Attributes:
        name: ``noun.verb``, unique in the contract.
        method: the HTTP verb, upper case.
        path: from the root of the host, with ``{uuid}`` for ids.
        certainty: how sure we are that path and verb exist.
        source: who says so.
        filters: query parameters that we send.
        sends: fields of the body that we send.
        reads: fields of the answer that we use.
    """

    name: str
    method: str
    path: str
    certainty: Certainty
    source: str
    filters: tuple[Part, ...] = ()
    sends: tuple[Part, ...] = ()
    reads: tuple[Part, ...] = ()

    def url(self, *ids: str) -> str:
        """The path with ids in the place of its placeholders, each as one quoted segment.

        Args:
            *ids: Divio's ids in the order of the placeholders, opaque strings.

        Raises:
            EmptyId: an id is empty or would address another path than its own: with an empty one, a deletion
                would go to the whole collection.

        >>> call = Call("x.get", "GET", "/apps/v3/applications/{uuid}/", Certainty.SEEN, "divio-cli")
        >>> call.url("5dder6dmmjaojm6yykrrjkbi3u")
        '/apps/v3/applications/5dder6dmmjaojm6yykrrjkbi3u/'
        >>> call.url("a/b")
        '/apps/v3/applications/a%2Fb/'
        """
        expected = len(PLACEHOLDER.findall(self.path))
        if len(ids) != expected:
            message = f"{self.name} takes {expected} ids, not {len(ids)}"
            raise TypeError(message)
        for one in ids:
            if one.strip() in {"", ".", ".."}:
                raise EmptyId(f"an id is empty or no id ({one!r})", method=self.method, path=self.path)
        remaining = iter(ids)
        return PLACEHOLDER.sub(lambda _: quote(next(remaining), safe=""), self.path)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Something Divio does that the client, or what is built on it, depends on.

    Attributes:
        name: a short key, unique in the contract.
        statement: what we rely on, one sentence.
        certainty: how sure we are.
        source: who says so.
    """

    name: str
    statement: str
    certainty: Certainty
    source: str
