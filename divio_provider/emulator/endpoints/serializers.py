"""How Divio speaks: bodies in, lists and errors out, in the manner of Django REST framework.

A wrong body is answered with *all* of its errors at once, field by field: divio-cli probes for single fields that way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, urlencode

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from divio_provider.emulator.world.database import Row, Store, marks

if TYPE_CHECKING:
    from divio_provider.emulator.simulation.app_state import Installation

GENERAL = "non_field_errors"


class Body(BaseModel):
    """A request's body. Unknown fields are ignored, as Divio's framework does; numbers are taken as text."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class Shown(BaseModel):
    """An object in an answer; only its schema is used, for `schema.json`."""

    model_config = ConfigDict(extra="allow")


class Invalid(Exception):
    """A body that is refused: 400 with a list of sentences for every field."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(errors)
        self.errors = {field: list(sentences) for field, sentences in errors.items()}


class Form:
    """A body under examination: its values, and what is wrong with it so far."""

    def __init__(self, model: type[BaseModel], data: Mapping[str, Any]) -> None:
        """Checks the types; what the world says about the values is for the caller to `refuse`."""
        self.errors: dict[str, list[str]] = {}
        self.given = frozenset(data)
        try:
            self.values: dict[str, Any] = model.model_validate(data).model_dump()
        except ValidationError as error:
            self.values = {}
            for problem in error.errors(include_url=False):
                field = str(problem["loc"][0]) if problem["loc"] else GENERAL
                self.refuse(field, _sentence(problem["type"], problem.get("ctx", {}), problem["input"]))
            for name, field_info in model.model_fields.items():
                if name not in self.errors:
                    self.values[name] = data.get(name, field_info.get_default(call_default_factory=True))
        for name, value in self.values.items():
            if isinstance(value, str) and "\x00" in value:
                self.refuse(name, "Null characters are not allowed.")

    def __getitem__(self, field: str) -> Any:
        """The field's value; None where it is missing or wrong already."""
        return self.values.get(field)

    def refuse(self, field: str, sentence: str) -> None:
        """Notes an error."""
        self.errors.setdefault(field, []).append(sentence)

    def related(self, store: Store, field: str, table: str) -> Row | None:
        """The row that a field names by id; an id of nothing is an error of that field."""
        uuid = self[field]
        if uuid is None:
            return None
        row = store.get(table, uuid)
        if row is None:
            self.refuse(field, f'Invalid pk "{uuid}" - object does not exist.')
        return row

    def done(self) -> None:
        """Ends the examination.

        Raises:
            Invalid: something was refused.
        """
        if self.errors:
            raise Invalid(self.errors)


def _sentence(kind: str, context: Mapping[str, Any], given: object) -> str:
    if kind == "missing":
        return "This field is required."
    if given is None:
        return "This field may not be null."
    if kind == "string_too_short":
        return "This field may not be blank."
    if kind == "string_too_long":
        return f"Ensure this field has no more than {context['max_length']} characters."
    if kind == "literal_error":
        return f'"{given}" is not a valid choice.'
    if kind == "string_type":
        return "Not a valid string."
    if kind.startswith("bool"):
        return "Must be a valid boolean."
    if kind.startswith("list"):
        return f'Expected a list of items but got type "{type(given).__name__}".'
    if kind == "value_error":
        return str(context["error"])
    return "This value is not valid."


async def body(request: Request) -> dict[str, Any]:
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
    try:
        data = json.loads(raw)
        json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is valid JSON, but no text
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"JSON parse error - {error}") from error
    if not isinstance(data, dict):
        raise Invalid({GENERAL: [f"Invalid data. Expected a dictionary, but got {type(data).__name__}."]})
    return data


def missing() -> NoReturn:
    """Answers 404: there is no such thing, or none that this account may see.

    Raises:
        HTTPException: always.
    """
    raise HTTPException(404, "Not found.")


def found(store: Store, table: str, uuid: str) -> Row:
    """The row with this id, or 404."""
    return store.get(table, uuid) or missing()


def root(request: Request) -> str:
    """`http://HOST:PORT` as the client wrote it."""
    return f"{request.url.scheme}://{request.headers.get('host') or request.url.netloc}"


class Query:
    """A list's SELECT, narrowed to what the account may see and by the filters that the request carries.

    Filters that nobody knows are ignored.
    """

    def __init__(self, request: Request, table: str) -> None:
        self.request = request
        self.table = table
        installation: Installation = request.app.state.divio
        self.where, self.values = installation.permissions.narrow(table)

    def filter(self, name: str, condition: str | None = None) -> bool:
        """Narrows by a filter, which may be given several times; True when it was given.

        Args:
            name: the filter's name, also the column's unless a condition is given.
            condition: SQL with `{}` for the placeholders.
        """
        values = self.request.query_params.getlist(name)
        if values:
            self.narrow(name, values, condition)
        return bool(values)

    def narrow(self, name: str, values: Sequence[str], condition: str | None = None) -> None:
        """The same by values that need not be the request's; at least one."""
        self.where.append((condition or f'"{name}" IN ({{}})').format(marks(values)))
        self.values.extend(values)

    def given(self, name: str) -> list[str]:
        """What the request gives for a filter."""
        return self.request.query_params.getlist(name)

    def rows(self, store: Store) -> list[Row]:
        """All rows, not only a page of them."""
        return store.rows(f"SELECT * FROM {self.table}{self._where()} ORDER BY rowid", *self.values)

    def _where(self) -> str:
        return f" WHERE {' AND '.join(self.where)}" if self.where else ""

    def page_of(self, rows: list[Row], size: int, show: Callable[[list[Row]], list[Row]]) -> JSONResponse:
        """The same as `page`, of rows that are no table."""
        size, number, last = self._place(len(rows), size)
        return self._envelope(len(rows), number, last, show(rows[size * (number - 1) : size * number]))

    def _place(self, count: int, size: int) -> tuple[int, int, int]:
        """The page's size and number, and the number of the last one."""
        query = self.request.query_params
        size = min(_number(query.get("page_size"), size), size)
        number = _number(query.get("page"), 0 if "page" in query else 1)
        last = max(1, -(-count // size))
        if not 1 <= number <= last:
            raise HTTPException(404, "Invalid page.")
        return size, number, last

    def page(
        self,
        store: Store,
        size: int,
        show: Callable[[list[Row]], list[Row]],
        *,
        columns: str = "*",
        order: str = "rowid",
    ) -> JSONResponse:
        """One page in Divio's envelope, with absolute addresses of the pages beside it that keep the filters.

        Args:
            store: where the rows are.
            size: items on a page, unless the request asks for fewer by `page_size`.
            show: turns the page's rows into what Divio shows of them.
            columns: what `show` needs of a row, in SQL.
            order: the list's order, in SQL.

        Raises:
            HTTPException: 404, there is no such page.
        """
        where = self._where()
        count = int(store.value(f"SELECT count(*) FROM {self.table}{where}", *self.values))
        size, number, last = self._place(count, size)
        rows = store.rows(
            f"SELECT {columns} FROM {self.table}{where} ORDER BY {order} LIMIT ? OFFSET ?",
            *self.values,
            size,
            size * (number - 1),
        )
        return self._envelope(count, number, last, show(rows))

    def _envelope(self, count: int, number: int, last: int, results: list[Row]) -> JSONResponse:
        return JSONResponse(
            {
                "count": count,
                "next": self._address(number + 1) if number < last else None,
                "previous": self._address(number - 1) if number > 1 else None,
                "results": results,
            }
        )

    def _address(self, page: int) -> str:
        query = [(name, value) for name, value in self.request.query_params.multi_items() if name != "page"]
        return f"{root(self.request)}{self.request.url.path}?{urlencode([*query, ('page', page)])}"


def _number(text: str | None, default: int) -> int:
    # Nine digits are more pages than there can be, and int() has a limit of its own.
    return int(text[:9]) if text and text.isascii() and text.isdigit() and int(text[:9]) > 0 else default
