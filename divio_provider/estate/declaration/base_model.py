"""What the models of a declaration have in common."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_T = TypeVar("_T")


def _or_empty(value: Any) -> Any:  # noqa: ANN401 - before validation it may be anything
    return {} if value is None else value


def _or_empty_list(value: Any) -> Any:  # noqa: ANN401
    return () if value is None else value


# A key with nothing after it is an empty section, as when the last mirror was removed.
Section = Annotated[_T, BeforeValidator(_or_empty)]
Listing = Annotated[tuple[_T, ...], Field(strict=False), BeforeValidator(_or_empty_list)]


class Model(BaseModel):
    """A mapping of a declaration: frozen, without unknown keys, its fields explained by their docstrings."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
