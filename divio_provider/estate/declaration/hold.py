"""A mirror on hold: declared and given its variables, but not deployed for now."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from divio_provider.estate.declaration.base_model import Model
from divio_provider.estate.declaration.document import Unquoted
from divio_provider.estate.declaration.field_types import SOME_TEXT, Matching, refuse

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _until(value: Any) -> date:  # noqa: ANN401 - the file may hold anything
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


def _held(value: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, Mapping | Hold):
        refuse(
            "takes a reason: {reason: broken theme}, with or without until: 2026-12-01; leave hold out to deploy the site"
        )
    return value


Day = Annotated[
    date, PlainValidator(_until), WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_DATE}$"})
]
"""A day, such as 2026-12-01, with or without quotes."""


ON_HOLD = "is on hold: "
"""How a stack notes that it did not deploy a site on hold, ahead of the reason."""


class Hold(Model):
    """Why a mirror is not deployed, and for how long."""

    reason: Annotated[str, Matching(SOME_TEXT, "is empty; say what is wrong, such as broken theme")]
    """What is wrong, for whoever wonders."""
    until: Day | None = None
    """The last day of it, such as 2026-12-01. The mirror stays on hold afterwards, but every run warns of it."""

    @property
    def said(self) -> str:
        """The reason and the day as people read them.

        >>> Hold(reason="broken theme", until=date(2026, 12, 1)).said, Hold(reason="moving").said
        ('broken theme, until 2026-12-01', 'moving')
        """
        return self.reason if self.until is None else f"{self.reason}, until {self.until.isoformat()}"

    def over(self, today: date) -> bool:
        """Whether the hold should have ended: `today` is after its last day.

        >>> hold = Hold(reason="broken theme", until=date(2026, 12, 1))
        >>> hold.over(date(2026, 12, 1)), hold.over(date(2026, 12, 2)), Hold(reason="moving").over(date.max)
        (False, True, False)
        """
        return self.until is not None and today > self.until


Held = Annotated[Hold | None, BeforeValidator(_held)]
"""A hold, where there is one. A key with nothing after it is refused: it would not say why."""
