"""How Divio reads bodies and writes objects and errors, in the manner of Django REST framework.

A wrong body is answered with *all* of its errors at once, field by field: divio-cli probes for single fields that way. So
FastAPI is told the models for `schema.json` only, and `Form` does the reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from divio_provider.emulator.world.database import Database, Row

GENERAL = "non_field_errors"

SENTENCES = {
    "missing": "This field is required.",
    "string_too_short": "This field may not be blank.",
    "string_too_long": "Ensure this field has no more than {max_length} characters.",
    "literal_error": '"{given}" is not a valid choice.',
    "string_type": "Not a valid string.",
    "bool_type": "Must be a valid boolean.",
    "bool_parsing": "Must be a valid boolean.",
    "list_type": 'Expected a list of items but got type "{kind}".',
    "value_error": "{error}",
}
"""Divio's words for pydantic's kinds of errors."""


def matches(pattern: str, sentence: str) -> AfterValidator:
    """A field's text matches the pattern as a whole; else the sentence is its error."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(sentence)
        return text

    return AfterValidator(check)


class Body(BaseModel):
    """A request's body. Unknown fields are ignored, as Divio's framework does; numbers are taken as text."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class Answer(BaseModel):
    """An object in an answer; only its schema is used, for `schema.json`."""

    model_config = ConfigDict(extra="allow")


class Object(Answer):
    """An object that has an id."""

    uuid: str


class Invalid(Exception):
    """A request that is refused: 400 with a list of sentences for every field, or with one about it as a whole."""

    def __init__(self, errors: str | Mapping[str, list[str]]) -> None:
        super().__init__(errors)
        self.errors = {GENERAL: [errors]} if isinstance(errors, str) else errors


class Form:
    """A body under examination: its values, and what is wrong with it so far."""

    def __init__(self, model: type[BaseModel], data: Mapping[str, Any]) -> None:
        """Checks the types; what the world says about the values is for the caller to add."""
        self.errors: dict[str, list[str]] = {}
        self.given = frozenset(data)
        try:
            self.values: dict[str, Any] = model.model_validate(data).model_dump()
        except ValidationError as error:
            self.values = {}
            for problem in error.errors(include_url=False):
                field = str(problem["loc"][0]) if problem["loc"] else None
                self.add_error(field, _sentence(problem["type"], problem.get("ctx", {}), problem["input"]))
            for name, field_info in model.model_fields.items():
                if name not in self.errors:
                    self.values[name] = data.get(name, field_info.get_default(call_default_factory=True))
        for name, value in self.values.items():
            if isinstance(value, str) and "\x00" in value:
                self.add_error(name, "Null characters are not allowed.")

    def __getitem__(self, field: str) -> Any:
        """The field's value; None where it is missing or wrong already."""
        return self.values.get(field)

    def add_error(self, field: str | None, sentence: str) -> None:
        """Refuses a field, or with None the body as a whole."""
        self.errors.setdefault(field or GENERAL, []).append(sentence)

    def related(self, db: Database, field: str, table: str) -> Row | None:
        """The row that a field names by id; an id of nothing is an error of that field."""
        uuid = self[field]
        row = db.get(table, uuid)
        if row is None and uuid is not None:
            self.add_error(field, f'Invalid pk "{uuid}" - object does not exist.')
        return row

    def raise_errors(self) -> None:
        """Ends the examination.

        Raises:
            Invalid: there is an error.
        """
        if self.errors:
            raise Invalid(self.errors)


def _sentence(kind: str, context: Mapping[str, Any], given: object) -> str:
    if given is None:
        kind = "null"
    sentence = {"null": "This field may not be null.", **SENTENCES}.get(kind, "This value is not valid.")
    return sentence.format(given=given, kind=type(given).__name__, **context)


async def read_body(request: Request) -> dict[str, Any]:
    """The request's JSON object, or its form.

    Raises:
        HTTPException: 400, no JSON.
        Invalid: JSON, but no object.
    """
    raw = await request.body()
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    if not raw.strip():
        return {}
    data = parse_json(raw)
    if not isinstance(data, dict):
        raise Invalid(f"Invalid data. Expected a dictionary, but got {type(data).__name__}.")
    return data


def parse_json(raw: bytes) -> Any:
    """The JSON of a request.

    Raises:
        HTTPException: 400, it is none.
    """
    try:
        data = json.loads(raw)
        json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is valid JSON, but no text
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"JSON parse error - {error}") from error
    return data


def not_found() -> NoReturn:
    """Answers 404: there is no such thing, or none that this account may see.

    Raises:
        HTTPException: always.
    """
    raise HTTPException(404, "Not found.")


def get_or_404(db: Database, table: str, uuid: str) -> Row:
    """The row with this id, or 404."""
    return db.get(table, uuid) or not_found()


def root(request: Request) -> str:
    """`http://HOST:PORT` as the client wrote it."""
    return f"{request.url.scheme}://{request.headers.get('host') or request.url.netloc}"
