"""What was found out about an estate: by asking Divio, and from the stack's state. Data for `findings` and `status`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from divio_provider.estate.planning.deployment_decision import Seen
from divio_provider.estate.planning.site_ids import Register
from divio_provider.estate.planning.unfinished import Unfinished

Result = Literal["ok", "failed", "running", "never"]


@dataclass(frozen=True)
class Shown:
    """One environment as Divio shows it.

    `result` is how its newest deployment went, `at` when that ended (began, while it runs). `last` is the last
    successful one with what it carried, `present` the variables that are set (None: withheld), `changed_at` our last
    write to them as the stack's state remembers it.
    """

    result: Result = "never"
    at: datetime | None = None
    last: Seen | None = None
    present: Mapping[str, str | None] = field(default_factory=dict)
    changed_at: datetime | None = None


@dataclass(frozen=True)
class Application:
    """One application as Divio shows it.

    `original` is the uuid of the application it mirrors: None where there is none, "" where Divio does not show it.
    `region` is the name of its region, empty where Divio does not show that.
    """

    uuid: str
    environments: Mapping[str, Shown] = field(default_factory=dict)
    original: str | None = None
    region: str = ""


@dataclass(frozen=True)
class Known:
    """All that was found out.

    `applications` by slug: those declared, and foreign mirrors. `register` holds the `SITE_ID`s. `released_at` is when
    the original's Live got its present release; `unfinished` what the stack could not do, by slug.
    """

    applications: Mapping[str, Application]
    register: Register | None = None
    released_at: datetime | None = None
    unfinished: Mapping[str, Sequence[Unfinished]] = field(default_factory=dict)
