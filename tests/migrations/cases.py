"""Operations, what each is read as, and what old code writes: the real Django and a real database say whether that is so.

`e` is expand, `c` contract, `u` contract because it cannot be judged. `rows` are what old code writes besides rows of
every model; `breaks` says whether that then fails, for contracts of which the schema itself tells.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.migrations.changes import BASE


@dataclass(frozen=True)
class Case:
    """One change.

    Args:
        operations: what the change's migration does.
        verdicts: a letter for each judged operation.
        base: what the first migration does.
        rows: what old code writes after it, a model's name and its fields; the last one is what fails.
        breaks: old code fails to write or to read its models.
        only: the one database that can tell; empty for each, `none` for what no database can.
        extra: code above the migration.
    """

    operations: str
    verdicts: str
    base: str = BASE
    rows: tuple[tuple[str, dict[str, Any]], ...] = ()
    breaks: bool | None = None
    only: str = ""
    extra: str = ""
    harmless: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "harmless", not set(self.verdicts) & {"c", "u"})


def book(**fields: Any) -> tuple[str, dict[str, Any]]:
    """A row of the model that most cases change."""
    return ("Book", {"title": "x", "pages": 1, "code": "x", **fields})


TWICE = (book(code="a"), book(code="b"))
LONG = (book(title="x" * 30),)
