"""How the control door reads what it is given: strictly, with one sentence about the first mistake."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from fastapi import HTTPException, Request
from pydantic import TypeAdapter, ValidationError

Model = TypeVar("Model")


async def given_json(request: Request) -> Any:
    """The request's JSON.

    Raises:
        HTTPException: 400, it is none.
    """
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"JSON parse error - {error}") from error


def checked(adapter: TypeAdapter[Model], data: Any) -> Model:
    """The data as a model.

    Raises:
        HTTPException: 400, it is no such thing.
    """
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HTTPException(400, f"{place}: {first['msg']}" if place else first["msg"]) from error
