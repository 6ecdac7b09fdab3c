"""The vocabulary of the contract: what is used of Divio's API, and how sure we are of it."""

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


SEEN, INFERRED, UNKNOWN = Certainty
MARKS = {"~": INFERRED, "?": UNKNOWN}


class Kind(StrEnum):
    """What a field holds."""

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
        name: as Divio spells it; ``object.field`` and ``list.field`` are within another one.
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


def parts(text: str) -> tuple[Part, ...]:
    """Fields or filters, as the contract writes them.

    Args:
        text: names in a row, each with ``~`` before it where it is inferred and ``?`` where it is unknown, and behind it
            ``:kind`` unless it is text, ``=WORD,WORD`` where we send only these, ``|null`` where it may be null.

    >>> [(one.name, one.certainty.value, one.kind.value, one.nullable) for one in parts("uuid:id ?region:id|null")]
    [('uuid', 'seen', 'id', False), ('region', 'unknown', 'id', True)]
    """
    return tuple(_part(word) for word in text.split())


def _part(word: str) -> Part:
    named, _, values = word.lstrip("".join(MARKS)).removesuffix("|null").partition("=")
    name, _, kind = named.partition(":")
    listed = tuple(values.split(",")) if values else ()
    return Part(name, MARKS.get(word[0], SEEN), Kind(kind or "text"), word.endswith("|null"), listed)


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
        """The path with Divio's ids in the place of its placeholders, each as one quoted segment.

        Raises:
            EmptyId: an id is empty or would address another path than its own: with an empty one, a deletion
                would go to the whole collection.

        >>> call = Call("x.get", "GET", "/apps/v3/applications/{uuid}/", SEEN, "divio-cli")
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


def collection(path: str) -> str:
    """The collection that a path, from the root of the host, belongs to.

    >>> collection("/apps/v3/deployments/{uuid}/logs")
    'deployments'
    """
    return path.split("/")[3]


@dataclass(frozen=True, slots=True)
class Manual:
    """There is no call for it that we know, or none is to be made: a person does it in the Control Panel.

    Attributes:
        reason: why, a clause for a sentence.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Something Divio does that the client, or what is built on it, depends on.

    Attributes:
        name: a short key, unique in the contract.
        certainty: how sure we are.
        source: who says so.
        statement: what we rely on, one sentence.
    """

    name: str
    certainty: Certainty
    source: str
    statement: str
