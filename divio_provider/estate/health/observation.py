"""What was found out about an estate: by asking Divio, and from a stack's state. Data for `checks` and `report`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from divio_provider.estate.planning.deployment_decision import Seen
from divio_provider.estate.planning.site_id_allocation import Register
from divio_provider.estate.planning.unfinished import Unfinished

Result = Literal["ok", "failed", "running", "never"]


@dataclass(frozen=True)
class ObservedEnvironment:
    """One environment as Divio shows it.

    `result` is how its newest deployment went, `at` when that ended (began, while it runs). `last` is the last
    successful one; what it carried is None where that was not read. `present` are the variables that are set (None:
    withheld). A stack's state adds whether it `manages` them, `changed_at`, its last write to them (None: it never wrote),
    and `copied`, a fingerprint of each shared value that it copied.
    """

    result: Result = "never"
    at: datetime | None = None
    last: Seen | None = None
    present: Mapping[str, str | None] = field(default_factory=dict)
    manages: bool = False
    changed_at: datetime | None = None
    copied: Mapping[str, str] = field(default_factory=dict)
    uuid: str = ""


@dataclass(frozen=True)
class ObservedApplication:
    """One application as Divio shows it.

    `original` is the uuid of the application it mirrors: None where there is none, "" where Divio does not show it.
    `region` is the name of its region, empty where Divio does not show that.
    """

    uuid: str
    environments: Mapping[str, ObservedEnvironment] = field(default_factory=dict)
    original: str | None = None
    region: str = ""


@dataclass(frozen=True)
class ObservedEstate:
    """All that was found out.

    `applications` by slug: those declared, and foreign mirrors. `domains` are all custom domains with the slug of the
    application that has each ("": one outside the estate) and its kind (None: not shown); None where they were not
    read. `register` holds the `SITE_ID`s. `released_at` is when the original's Live got its present release;
    `unfinished` what the stack could not do, by slug.
    """

    applications: Mapping[str, ObservedApplication]
    register: Register | None = None
    released_at: datetime | None = None
    unfinished: Mapping[str, Sequence[Unfinished]] = field(default_factory=dict)
    domains: Mapping[str, tuple[str, str | None]] | None = None


@dataclass(frozen=True)
class StackMemory:
    """What a stack's state adds to what Divio shows.

    By slug and environment, for each that the stack manages: `writes` are our last ones (None: we never wrote), and
    `copied` the fingerprints of the shared values that we copied. `release` is the deployment of the original's Live that
    the stack knows, with the time when the present release arrived there.
    """

    register: Register | None = None
    unfinished: Mapping[str, Sequence[Unfinished]] = field(default_factory=dict)
    writes: Mapping[tuple[str, str], datetime | None] = field(default_factory=dict)
    copied: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    release: tuple[str, datetime] | None = None
