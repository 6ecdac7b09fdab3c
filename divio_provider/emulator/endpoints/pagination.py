"""Lists: narrowed by filters, and paged in Divio's envelope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse

from divio_provider.emulator.endpoints.serializers import root
from divio_provider.emulator.simulation.app_state import AppState
from divio_provider.emulator.world.database import Row, marks

Show = Callable[[Request, list[Row]], list[Row]]
"""Turns the rows of a page into what Divio shows of them."""
Filters = Mapping[str, str | None]
"""The filters of a list: name -> SQL condition with `{}` for the placeholders of its values; None narrows nothing."""

OF_ENVIRONMENTS = "environment IN (SELECT uuid FROM environments WHERE application IN ({}))"


def by_columns(*names: str) -> dict[str, str]:
    """Filters that are called like their columns."""
    return {name: f'"{name}" IN ({{}})' for name in names}


def state_of(request: Request) -> AppState:
    """The local Divio that answers the request."""
    state: AppState = request.app.state.divio
    return state


class Query:
    """A list's SELECT, narrowed to what the account may see and by the filters that the request carries."""

    def __init__(self, request: Request, table: str) -> None:
        self.request = request
        self.table = table
        self._divio = state_of(request)
        self.where, self.values = self._divio.permissions.narrow(table)

    def given(self, name: str) -> list[str]:
        """What the request gives for a filter."""
        return self.request.query_params.getlist(name)

    def filter(self, filters: Filters) -> None:
        """Narrows by the filters that the request gives, each any number of times."""
        for name, condition in filters.items():
            values = self.given(name)
            if values and condition:
                self.narrow(condition, values)

    def narrow(self, condition: str, values: Sequence[str]) -> None:
        """Narrows by values that need not be the request's; at least one."""
        self.where.append(condition.format(marks(values)))
        self.values.extend(values)

    def rows(self) -> list[Row]:
        """All rows, not only a page of them."""
        return self._divio.db.rows(f"SELECT * {self._from()} ORDER BY rowid", *self.values)

    def _from(self) -> str:
        return f"FROM {self.table}" + (f" WHERE {' AND '.join(self.where)}" if self.where else "")

    def page(self, show: Show, *, columns: str = "*", order: str = "rowid") -> JSONResponse:
        """One page of the rows.

        Args:
            show: what Divio shows of them.
            columns: what `show` needs of a row, in SQL.
            order: the list's order, in SQL.

        Raises:
            HTTPException: 404, there is no such page.
        """
        count = int(self._divio.db.value(f"SELECT count(*) {self._from()}", *self.values))
        select = f"SELECT {columns} {self._from()} ORDER BY {order} LIMIT ? OFFSET ?"
        return self._envelope(
            count, lambda start, size: show(self.request, self._divio.db.rows(select, *self.values, size, start))
        )

    def page_of(self, rows: list[Row]) -> JSONResponse:
        """One page of these rows, which are shown as they are."""
        return self._envelope(len(rows), lambda start, size: rows[start : start + size])

    def _envelope(self, count: int, items: Callable[[int, int], list[Row]]) -> JSONResponse:
        """A page with the absolute addresses of those beside it, which keep the filters."""
        query = self.request.query_params
        most = self._divio.settings.page_size
        size = min(_number(query.get("page_size"), most), most)
        number = _number(query.get("page"), 0 if "page" in query else 1)
        last = max(1, -(-count // size))
        if not 1 <= number <= last:
            raise HTTPException(404, "Invalid page.")
        page = {
            "count": count,
            "next": address(self.request, "page", number + 1) if number < last else None,
            "previous": address(self.request, "page", number - 1) if number > 1 else None,
            "results": items(size * (number - 1), size),
        }
        return JSONResponse(page)


def address(request: Request, name: str, value: object) -> str:
    """The request's own address with another value of one parameter."""
    query = [(key, text) for key, text in request.query_params.multi_items() if key != name]
    return f"{root(request)}{request.url.path}?{urlencode([*query, (name, value)])}"


def _number(text: str | None, default: int) -> int:
    # Nine digits are more pages than there can be, and int() has a limit of its own.
    return int(text[:9]) if text and text.isascii() and text.isdigit() and int(text[:9]) > 0 else default
