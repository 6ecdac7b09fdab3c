"""Writes the changes of one environment's variables, call by call, and records what Divio refuses."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from divio_provider.api.client import Divio
from divio_provider.api.errors import AlreadyExists, Forbidden, Refused, Unauthorized
from divio_provider.api.models import EnvironmentVariable
from divio_provider.estate.planning.variable_diff import Change, Declared

# They concern the token or its permissions, not one variable: every further call would fail as well.
_CONCERN_EVERY_CALL = (Unauthorized, Forbidden)


@dataclass
class WriteResult:
    """What came of it.

    `at` is the server's time of our last write (None: nothing was written), `shared_at` the same for shared variables
    alone, `refused` are refusals in words, `trimmed` the names whose values Divio shows without the blanks at their ends.
    """

    at: datetime | None = None
    shared_at: datetime | None = None
    refused: list[str] = field(default_factory=list)
    trimmed: list[str] = field(default_factory=list)


def write(
    divio: Divio,
    environment: str,
    changes: Iterable[Change],
    declared: Mapping[str, Declared],
    present: Mapping[str, EnvironmentVariable],
    wiring: Collection[str] = (),
) -> WriteResult:
    """Make `changes` on the environment with this uuid; `wiring` are the names of shared variables.

    A variable that Divio refuses is noted and the others go on; an error that concerns every call is raised.
    """
    written = WriteResult()
    for change in changes:
        try:
            shown = _apply(divio, environment, change, declared, present)
        except Refused as error:
            if isinstance(error, _CONCERN_EVERY_CALL):
                raise
            written.refused.append(f"Divio refused to {change.operation} {change.name}: {error}")
        else:
            written.at = divio.server_date or written.at
            written.shared_at = written.at if change.name in wiring else written.shared_at
            wanted = declared.get(change.name)
            if wanted is not None and shown == wanted.value.strip() != wanted.value:
                written.trimmed.append(change.name)
    return written


def _apply(
    divio: Divio,
    environment: str,
    change: Change,
    declared: Mapping[str, Declared],
    present: Mapping[str, EnvironmentVariable],
) -> str | None:
    """Make one change; the value as Divio shows it afterwards, None where it shows none."""
    variables = divio.environment_variables
    if change.operation == "remove":
        variables.delete(present[change.name].uuid, name=change.name)
        return None
    wanted = declared[change.name]
    if change.operation == "add":
        try:
            return variables.create(environment, change.name, wanted.value, is_sensitive=wanted.is_sensitive).value
        except AlreadyExists as error:
            if error.uuid is None:
                raise
            # Somebody else added it between our look and our write, or the answer to our own write was lost.
            uuid = error.uuid
    else:
        uuid = present[change.name].uuid
    return variables.update(uuid, value=wanted.value, is_sensitive=wanted.is_sensitive, name=change.name).value
