"""What the models of a declaration have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

_T = TypeVar("_T")


@dataclass(frozen=True)
class Also:
    """A type takes values of one more kind (JSON's name of it), which `convert` makes into what it takes anyway."""

    kind: str
    convert: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        return core_schema.no_info_before_validator_function(self.convert, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": self.kind}]}


# A key with nothing after it is an empty section, as when the last mirror was removed.
Section = Annotated[_T, Also("null", lambda value: {} if value is None else value)]
Listing = Annotated[tuple[_T, ...], Field(strict=False), Also("null", lambda value: () if value is None else value)]
OR_INTEGER = Also("integer", lambda value: str(value) if type(value) is int else value)
"""Text that may be written as an integer."""


class Model(BaseModel):
    """A mapping of a declaration: frozen, without unknown keys, its fields explained by their docstrings."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
