"""The words of a declaration as checked types: validated once where they come in, trusted inside.

A refused value is answered by a sentence that says what would be right; `spec` adds file, line and key.
"""

import re
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from divio_provider.estate.declaration.document import Unquoted

LONGEST_SLUG = 57
"""Divio's own hosts are `<slug>-stage.<region>…`, and a label of a host name has at most 63 characters. Inferred."""

SLUG = rf"[a-z0-9](?:[a-z0-9-]{{0,{LONGEST_SLUG - 2}}}[a-z0-9])?"
WAVE_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*"
PREFIX = r"[A-Z][A-Z0-9_]*"
WORDS = ("all", "test", "live")
"""Scopes of secrets (`secrets.all.NAME`), from which a site of that slug could not be told."""
RESERVED_GROUPS = (*WORDS, "rest")
"""Words that stand for sites already, so that no group can be called so."""
SERVICE_TYPES = ("DATABASE", "STORAGE")
"""The types Divio is known to have (divio-cli 4)."""

_HOST_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"{_HOST_LABEL}(?:\.{_HOST_LABEL})+"
_DURATION = r"[1-9][0-9]*[smh]"
_UNITS = {"s": 1, "m": 60, "h": 3600}


def refuse(sentence: str) -> NoReturn:
    """Refuse a value in our own words, not pydantic's."""
    raise PydanticCustomError("estate", "{sentence}", {"sentence": sentence})


def quote_it(value: Unquoted) -> NoReturn:
    """Refuse what YAML's versions read differently."""
    refuse(unquoted(value.text, value.reading))


def unquoted(text: str, reading: str) -> str:
    """What to say about text that YAML does not take for text.

    >>> unquoted("no", "true or false")
    'no without quotes is true or false to YAML, not text; quote it: "no"'
    """
    return f'{text} without quotes is {reading} to YAML, not text; quote it: "{text}"'


def _slug(text: str) -> str:
    if re.fullmatch(SLUG, text):
        return text
    if len(text) > LONGEST_SLUG:
        refuse(f"a slug has at most {LONGEST_SLUG} characters, this one {len(text)}")
    near = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]", "-", text.lower())).strip("-")
    example = f", such as {near}" if near else ""
    return refuse(f"a slug is lower-case letters, digits and hyphens, not at its ends{example}")


def _name(text: str) -> str:
    if not text.strip():
        refuse("is empty; write a name")
    return text


def _wave_name(text: str) -> str:
    if not re.fullmatch(WAVE_NAME, text):
        refuse("a wave's name is letters, digits, hyphens and underscores, such as canary")
    return text


def _path(text: str) -> str:
    if not text.startswith("/"):
        refuse(f"a path begins with a slash: /{text}")
    return text


def _host(text: str) -> str:
    if "://" in text or "/" in text:
        refuse("is an address; write the host name alone, such as blog.acme.example")
    if ":" in text:
        refuse("has a port; write the host name alone, such as blog.acme.example")
    if text.startswith("*"):
        refuse("is a wildcard, which Divio sets up on request only; write the host names out")
    if text != text.lower():
        refuse(f"host names are written in lower case: {text.lower()}")
    if not text.isascii():
        refuse("host names with other letters are written as they stand in DNS (xn--…)")
    if len(text) > 253 or not re.fullmatch(_HOST, text):
        refuse("is not a host name; write one such as blog.acme.example")
    return text


def _reserved_key(text: str) -> str:
    slug, slash, number = text.partition("/")
    if slash and not re.fullmatch("[1-9][0-9]*", number):
        refuse("is neither a slug nor slug/id, such as acme-old or acme-old/3")
    _slug(slug)
    return text


def _service_key(text: str) -> str:
    type_, slash, prefix = text.partition("/")
    if type_ not in SERVICE_TYPES:
        near = next((known for known in SERVICE_TYPES if known == type_.upper()), None)
        hint = f"did you mean {near}?" if near else "write DATABASE or STORAGE, or one with a prefix: DATABASE/REPLICA"
        refuse(f"{type_ or 'an empty word'} is no type of service; {hint}")
    if slash and not re.fullmatch(PREFIX, prefix):
        refuse(f"a prefix is capital letters, digits and underscores, such as {type_}/REPLICA")
    return text


def _seconds(value: Any) -> int:  # noqa: ANN401 - the file may hold anything
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, str) and re.fullmatch(_DURATION, value):
        return int(value[:-1]) * _UNITS[value[-1]]
    return refuse("write a time such as 90s, 60m or 2h, or seconds as a number above 0")


def _group_name(text: str) -> str:
    if not re.fullmatch(WAVE_NAME, text):
        near = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-_") or "retail"
        refuse(f"a group's name is letters, digits, hyphens and underscores, such as {near}")
    if text in RESERVED_GROUPS:
        refuse(f"{text} is a word of this file; a group needs another name")
    return text


def _mark(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, Unquoted):
        quote_it(value)
    if isinstance(value, bool):
        refuse(unquoted(str(value).lower(), "true or false"))
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        refuse('takes a mark, any text or number that was not there before, such as 1 or "2026-12-01"')
    return value


def _wave_sites(value: Any) -> Any:  # noqa: ANN401
    if value == "rest":
        return value
    if isinstance(value, str) and value:
        return (value,)
    if isinstance(value, Unquoted):
        quote_it(value)
    if isinstance(value, list | tuple):
        for name in value:
            if isinstance(name, Unquoted):
                quote_it(name)
            if not isinstance(name, str) or not name:
                refuse("lists mirrors and groups, such as [acme-blog, retail]; something else stands among them")
        return tuple(value)
    return refuse("takes a mirror, a group, a list of these, such as [acme-blog, retail], or the word rest")


Slug = Annotated[str, AfterValidator(_slug), Field(json_schema_extra={"pattern": f"^{SLUG}$"})]
"""A site's key everywhere, and its slug on Divio."""

Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": r"\S"})]
"""Text that must not be blank."""

Host = Annotated[str, AfterValidator(_host), Field(json_schema_extra={"pattern": f"^{_HOST}$", "maxLength": 253})]
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

WaveName = Annotated[str, AfterValidator(_wave_name), Field(json_schema_extra={"pattern": f"^{WAVE_NAME}$"})]
"""The name of a wave."""

UrlPath = Annotated[str, AfterValidator(_path), Field(json_schema_extra={"pattern": "^/"})]
"""The path of an address, such as /."""

GroupName = Annotated[
    str,
    AfterValidator(_group_name),
    Field(json_schema_extra={"pattern": f"^(?!(?:{'|'.join(RESERVED_GROUPS)})$){WAVE_NAME}$"}),
]
"""The name of a group of mirrors."""

Mark = Annotated[
    str, PlainValidator(_mark), WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"\S"}, {"type": "integer"}]})
]
"""A word that means nothing but that it is another than before."""

_SITES_OR_GROUP = {"type": "string", "pattern": f"^{WAVE_NAME}$"}
WaveSites = Annotated[
    Literal["rest"] | tuple[str, ...],
    PlainValidator(_wave_sites),
    WithJsonSchema({"anyOf": [{"const": "rest"}, _SITES_OR_GROUP, {"type": "array", "items": _SITES_OR_GROUP}]}),
]
"""The mirrors and groups of a wave, or `rest`: all mirrors that are in no other."""
