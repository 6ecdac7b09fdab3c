"""The values of a declaration as checked types: validated once where they come in, trusted inside.

A refused value is answered by a sentence that says what would be right; `parser` adds file, line and key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, NoReturn

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from divio_provider.estate.declaration.base_model import OR_INTEGER
from divio_provider.estate.declaration.yaml_source import Unquoted

LONGEST_SLUG = 57
"""Divio's own hosts are `<slug>-stage.<region>…`, and a label of a host name has at most 63 characters. Inferred."""

SECRET_SCOPES = ("all", "test", "live")
"""Scopes of secrets (`secrets.all.NAME`), from which a site of that slug could not be told."""
REST = "rest"
"""What a wave says to have all mirrors that are in no other."""
SERVICE_TYPES = ("DATABASE", "STORAGE")
"""The types Divio is known to have (divio-cli 4)."""

_SLUG = rf"[a-z0-9](?:[a-z0-9-]{{0,{LONGEST_SLUG - 2}}}[a-z0-9])?"
_SITE_SLUG = f"(?!(?:{'|'.join(SECRET_SCOPES)})$){_SLUG}"
_SOME_TEXT = r"\s*\S[\s\S]*"
_WORD = r"[A-Za-z0-9][A-Za-z0-9_-]*"
# Words that stand for sites already, so that no group can be called so.
_GROUP = rf"(?!(?:{'|'.join(SECRET_SCOPES)}|{REST})$){_WORD}"
_HOST_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?=.{{1,253}}$){_HOST_LABEL}(?:\.{_HOST_LABEL})+"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DURATION = r"[1-9][0-9]*[smh]"
_UNITS = {"s": 1, "m": 60, "h": 3600}


def refuse(sentence: str) -> NoReturn:
    """Refuse a value in our own words, not pydantic's."""
    raise PydanticCustomError("estate", "{sentence}", {"sentence": sentence})


def how_to_quote(value: object) -> str:
    """What to say about a value that was meant as text, and that YAML does not take for text.

    >>> how_to_quote(Unquoted("no", "true or false"))
    'no without quotes is true or false to YAML, not text; quote it: "no"'
    """
    reading = "true or false" if isinstance(value, bool) else "a number"
    read = value if isinstance(value, Unquoted) else Unquoted(str(value).lower(), reading)
    return f'{read.text} without quotes is {read.reading} to YAML, not text; quote it: "{read.text}"'


def quoted(value: Any, unquoted: tuple[type, ...] = (Unquoted, bool)) -> Any:  # noqa: ANN401 - it may be anything
    """The value itself, unless it is of a type that YAML gives to text whose quotes are missing."""
    return refuse(how_to_quote(value)) if isinstance(value, unquoted) else value


def pattern_schema(pattern: str, **more: Any) -> WithJsonSchema:  # noqa: ANN401 - JSON
    """What an editor is told of text that a function checks."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", **more})


@dataclass(frozen=True)
class Matching:
    """Text that a pattern matches from end to end; else `sentence`, where {} is the text, says what would be right."""

    pattern: str
    sentence: str | Callable[[str], str]

    def _check(self, text: str) -> str:
        if re.fullmatch(self.pattern, text):
            return text
        return refuse(self.sentence.replace("{}", text) if isinstance(self.sentence, str) else self.sentence(text))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^{self.pattern}$"}


@dataclass(frozen=True)
class Otherwise:
    """Whatever a type refuses is told in one sentence: its own, as `Matching` has one, or else this one.

    A value of the types in `unquoted` is told to be text whose quotes are missing.
    """

    sentence: str
    unquoted: tuple[type, ...] = (Unquoted,)

    def check(self, value: Any, inner: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        """Validate a value by the type within."""
        try:
            return inner(quoted(value, self.unquoted))
        except ValidationError as error:
            own = [one["ctx"]["sentence"] for one in error.errors(include_url=False) if one["type"] == "estate"]
            return refuse(own[0] if own else self.sentence)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        return core_schema.no_info_wrap_validator_function(self.check, handler(source))


def _slug(text: str) -> str:
    if len(text) > LONGEST_SLUG:
        return f"a slug has at most {LONGEST_SLUG} characters, this one {len(text)}"
    near = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]", "-", text.lower())).strip("-")
    example = f", such as {near}" if near else ""
    return f"a slug is lower-case letters, digits and hyphens, not at its ends{example}"


def _service_key(text: str) -> str:
    type_ = text.partition("/")[0]
    if type_ in SERVICE_TYPES:
        return f"a prefix is capital letters, digits and underscores, such as {type_}/REPLICA"
    known = f"did you mean {type_.upper()}?" if type_.upper() in SERVICE_TYPES else ""
    hint = known or "write DATABASE or STORAGE, or one with a prefix: DATABASE/REPLICA"
    return f"{type_ or 'an empty word'} is no type of service; {hint}"


def _group(text: str) -> str:
    near = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-_") or "retail"
    return f"a group's name is letters, digits, hyphens and underscores, such as {near}"


def _seconds(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, str) and re.fullmatch(_DURATION, value) and len(value) < 10:
        return int(value[:-1]) * _UNITS[value[-1]]
    return refuse("write a time such as 90s, 60m or 2h, or seconds as a number above 0")


def _day(value: Any) -> date:  # noqa: ANN401
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    # YAML 1.1 takes a date without quotes for one, YAML 1.2 for text: both mean the same here.
    text = value.text if isinstance(value, Unquoted) else value
    if not isinstance(text, str) or not re.fullmatch(_DATE, text):
        refuse("takes a day as year-month-day, such as 2026-12-01")
    try:
        return date.fromisoformat(text)
    except ValueError:
        return refuse(f"{text} is no day of the calendar; write one such as 2026-12-01")


def _wave_sites(value: Any) -> str | tuple[str, ...]:  # noqa: ANN401
    if isinstance(value, list | tuple):
        if not all(isinstance(quoted(name), str) and name for name in value):
            refuse("lists mirrors and groups, such as [acme-blog, retail]; something else stands among them")
        return tuple(value)
    if not isinstance(quoted(value), str) or not value:
        refuse("takes a mirror, a group, a list of these, such as [acme-blog, retail], or the word rest")
    return str(value)


Slug = Annotated[
    str, Matching(_SLUG, _slug), Matching(_SITE_SLUG, "{} is a word of this file; a site needs another slug")
]
"""A site's key everywhere, and its slug on Divio."""
Name = Annotated[str, Matching(_SOME_TEXT, "is empty; write a name")]
"""Text that must not be blank."""
Reason = Annotated[str, Matching(_SOME_TEXT, "is empty; say what is wrong, such as broken theme")]
"""Why a mirror is not deployed."""
Day = Annotated[date, PlainValidator(_day), pattern_schema(_DATE, format="date")]
"""A day, such as 2026-12-01, with or without quotes."""
Host = Annotated[
    str,
    Matching(r"[^/]*", "is an address; write the host name alone, such as blog.acme.example"),
    Matching(r"[^:]*", "has a port; write the host name alone, such as blog.acme.example"),
    Matching(r"(?!\*)[\s\S]*", "is a wildcard, which Divio sets up on request only; write the host names out"),
    Matching(r"[^A-Z]*", lambda host: f"host names are written in lower case: {host.lower()}"),
    Matching(r"[\x00-\x7f]*", "host names with other letters are written as they stand in DNS (xn--…)"),
    Matching(_HOST, "is not a host name; write one such as blog.acme.example"),
]
"""A host name, such as blog.acme.example."""
SiteId = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""A `SITE_ID`. Django keeps it in a 32-bit column."""
SiteMentioned = Annotated[str, pattern_schema(_SITE_SLUG)]
"""A slug that has to be a site's; `rules` says so where it is none."""
ServiceKey = Annotated[str, Matching(rf"(?:{'|'.join(SERVICE_TYPES)})(?:/[A-Z][A-Z0-9_]*)?", _service_key)]
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
    str, Matching(_WORD, _group), Matching(_GROUP, "{} is a word of this file; a group needs another name")
]
"""The name of a group of mirrors."""
Mark = Annotated[
    str,
    Field(pattern=r"\S"),
    OR_INTEGER,
    Otherwise(
        'takes a mark, any text or number that was not there before, such as 1 or "2026-12-01"', (Unquoted, bool)
    ),
]
"""A word that means nothing but that it is another than before."""
_SITE_OR_GROUP = {"type": "string", "pattern": f"^{_WORD}$"}
WaveSites = Annotated[
    str | tuple[str, ...],
    PlainValidator(_wave_sites),
    WithJsonSchema({"anyOf": [{"const": REST}, _SITE_OR_GROUP, {"type": "array", "items": _SITE_OR_GROUP}]}),
]
"""A mirror, a group, a list of these, or `rest`: all mirrors that are in no other wave."""
