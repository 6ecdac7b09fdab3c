"""The values of a declaration as checked types: validated once where they come in, trusted inside.

A refused value is answered by a sentence that says what would be right; `parser` adds file, line and key.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from divio_provider.estate.declaration.document import Unquoted

LONGEST_SLUG = 57
"""Divio's own hosts are `<slug>-stage.<region>…`, and a label of a host name has at most 63 characters. Inferred."""

PREFIX = r"[A-Z][A-Z0-9_]*"
SLUG = rf"[a-z0-9](?:[a-z0-9-]{{0,{LONGEST_SLUG - 2}}}[a-z0-9])?"
SECRET_SCOPES = ("all", "test", "live")
"""Scopes of secrets (`secrets.all.NAME`), from which a site of that slug could not be told."""
SITE_SLUG = f"(?!(?:{'|'.join(SECRET_SCOPES)})$){SLUG}"
REST = "rest"
"""What a wave says to have all mirrors that are in no other."""
SERVICE_TYPES = ("DATABASE", "STORAGE")
"""The types Divio is known to have (divio-cli 4)."""

SOME_TEXT = r"\s*\S[\s\S]*"

_WORD = r"[A-Za-z0-9][A-Za-z0-9_-]*"
# Words that stand for sites already, so that no group can be called so.
_GROUP = rf"(?!(?:{'|'.join(SECRET_SCOPES)}|{REST})$){_WORD}"
_HOST_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?=.{{1,253}}$){_HOST_LABEL}(?:\.{_HOST_LABEL})+"
_DURATION = r"[1-9][0-9]*[smh]"
_UNITS = {"s": 1, "m": 60, "h": 3600}


def refuse(sentence: str) -> NoReturn:
    """Refuse a value in our own words, not pydantic's."""
    raise PydanticCustomError("estate", "{sentence}", {"sentence": sentence})


def unquoted(text: str, reading: str) -> str:
    """What to say about text that YAML does not take for text.

    >>> unquoted("no", "true or false")
    'no without quotes is true or false to YAML, not text; quote it: "no"'
    """
    return f'{text} without quotes is {reading} to YAML, not text; quote it: "{text}"'


def quoted(value: Any, *, numbers: bool = True) -> Any:  # noqa: ANN401 - the file may hold anything
    """The value itself, unless it is text whose quotes are missing, such as an integer where no `numbers` may stand."""
    if isinstance(value, Unquoted):
        refuse(unquoted(value.text, value.reading))
    if isinstance(value, bool):
        refuse(unquoted(str(value).lower(), "true or false"))
    if isinstance(value, int) and not numbers:
        refuse(unquoted(str(value), "a number"))
    return value


@dataclass(frozen=True)
class Matching:
    """Text that a pattern matches from end to end; else `sentence` says what would be right, with the text for {}."""

    pattern: str
    sentence: str

    def _check(self, text: str) -> str:
        return text if re.fullmatch(self.pattern, text) else refuse(self.sentence.replace("{}", text))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^{self.pattern}$"}


def _slug(text: str) -> str:
    if re.fullmatch(SLUG, text):
        return text
    if len(text) > LONGEST_SLUG:
        refuse(f"a slug has at most {LONGEST_SLUG} characters, this one {len(text)}")
    near = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]", "-", text.lower())).strip("-")
    example = f", such as {near}" if near else ""
    return refuse(f"a slug is lower-case letters, digits and hyphens, not at its ends{example}")


def _lower(host: str) -> str:
    return host if host == host.lower() else refuse(f"host names are written in lower case: {host.lower()}")


def _reserved_key(text: str) -> str:
    slug, slash, number = text.partition("/")
    if slash and not re.fullmatch("[1-9][0-9]*", number):
        refuse("is neither a slug nor slug/id, such as acme-old or acme-old/3")
    _slug(slug)
    return text


def _service_key(text: str) -> str:
    type_, slash, prefix = text.partition("/")
    if type_ not in SERVICE_TYPES:
        hint = "write DATABASE or STORAGE, or one with a prefix: DATABASE/REPLICA"
        if type_.upper() in SERVICE_TYPES:
            hint = f"did you mean {type_.upper()}?"
        refuse(f"{type_ or 'an empty word'} is no type of service; {hint}")
    if slash and not re.fullmatch(PREFIX, prefix):
        refuse(f"a prefix is capital letters, digits and underscores, such as {type_}/REPLICA")
    return text


def _group(text: str) -> str:
    near = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-_") or "retail"
    sentence = f"a group's name is letters, digits, hyphens and underscores, such as {near}"
    return text if re.fullmatch(_WORD, text) else refuse(sentence)


def _seconds(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, str) and re.fullmatch(_DURATION, value) and len(value) < 10:
        return int(value[:-1]) * _UNITS[value[-1]]
    return refuse("write a time such as 90s, 60m or 2h, or seconds as a number above 0")


def _mark(value: Any) -> str:  # noqa: ANN401
    if not isinstance(quoted(value), int | str) or not str(value).strip():
        refuse('takes a mark, any text or number that was not there before, such as 1 or "2026-12-01"')
    return str(value)


def _wave_sites(value: Any) -> str | tuple[str, ...]:  # noqa: ANN401
    if isinstance(value, list | tuple):
        if not all(isinstance(quoted(name), str) and name for name in value):
            refuse("lists mirrors and groups, such as [acme-blog, retail]; something else stands among them")
        return tuple(value)
    if not isinstance(quoted(value), str) or not value:
        refuse("takes a mirror, a group, a list of these, such as [acme-blog, retail], or the word rest")
    return str(value)


Slug = Annotated[
    str, AfterValidator(_slug), Matching(SITE_SLUG, "{} is a word of this file; a site needs another slug")
]
"""A site's key everywhere, and its slug on Divio."""
Name = Annotated[str, Matching(SOME_TEXT, "is empty; write a name")]
"""Text that must not be blank."""
Host = Annotated[
    str,
    Matching(r"[^/]*", "is an address; write the host name alone, such as blog.acme.example"),
    Matching(r"[^:]*", "has a port; write the host name alone, such as blog.acme.example"),
    Matching(r"(?!\*)[\s\S]*", "is a wildcard, which Divio sets up on request only; write the host names out"),
    AfterValidator(_lower),
    Matching(r"[\x00-\x7f]*", "host names with other letters are written as they stand in DNS (xn--…)"),
    Matching(_HOST, "is not a host name; write one such as blog.acme.example"),
]
"""A host name, such as blog.acme.example."""
SiteId = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""A `SITE_ID`. Django keeps it in a 32-bit column."""
ReservedKey = Annotated[str, AfterValidator(_reserved_key)]
"""A slug, or slug/id for an id that a site had before it was given another."""
ServiceKey = Annotated[str, AfterValidator(_service_key)]
"""A type of service, with a prefix where it is not DEFAULT."""
Seconds = Annotated[
    int,
    PlainValidator(_seconds),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^{_DURATION}$"}]}),
]
"""A time: 90s, 60m, 2h, or seconds."""
WaveName = Annotated[str, Matching(_WORD, "a wave's name is letters, digits, hyphens and underscores, such as canary")]
"""The name of a wave."""
UrlPath = Annotated[str, Matching(r"/[\s\S]*", "a path begins with a slash: /{}")]
"""The path of an address, such as /."""
GroupName = Annotated[
    str, AfterValidator(_group), Matching(_GROUP, "{} is a word of this file; a group needs another name")
]
"""The name of a group of mirrors."""
Mark = Annotated[
    str, PlainValidator(_mark), WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"\S"}, {"type": "integer"}]})
]
"""A word that means nothing but that it is another than before."""
_SITE_OR_GROUP = {"type": "string", "pattern": f"^{_WORD}$"}
WaveSites = Annotated[
    str | tuple[str, ...],
    PlainValidator(_wave_sites),
    WithJsonSchema({"anyOf": [{"const": REST}, _SITE_OR_GROUP, {"type": "array", "items": _SITE_OR_GROUP}]}),
]
"""A mirror, a group, a list of these, or `rest`: all mirrors that are in no other wave."""
