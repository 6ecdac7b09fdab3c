"""The query parameters that a list takes, for `schema.json`."""

from __future__ import annotations

from typing import Any

_PAGING = ("page", "page_size")


def filters(*names: str) -> dict[str, Any]:
    """Declares that a list takes these filters, each any number of times, and is paged.

    Put it as `openapi_extra` on the route; what narrows the list is `Query.filter`.
    """
    texts = {"type": "array", "items": {"type": "string"}}
    parameters = [{"name": name, "in": "query", "required": False, "schema": texts} for name in names]
    parameters += [{"name": name, "in": "query", "required": False, "schema": {"type": "integer"}} for name in _PAGING]
    return {"parameters": parameters}
