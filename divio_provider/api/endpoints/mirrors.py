"""Mirrors: made in one of the known shapes, and told from other applications by the relation that Divio shows.

No public source tells how the API does either. Which shape the live API has is ``conformance/capabilities.py``.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

from divio_provider.api.contract import mirrors as contract
from divio_provider.api.contract.mirrors import ByAction, ByField, MirrorShape
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.errors import NotAMirror
from divio_provider.api.models import Application, MirrorCreate

if TYPE_CHECKING:
    from divio_provider.api.endpoints.applications import Applications
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport


class Unknown(Enum):
    """What Divio does not show; different from "it shows that there is none"."""

    UNKNOWN = "unknown"


UNKNOWN: Final[Literal[Unknown.UNKNOWN]] = Unknown.UNKNOWN


class Mirrors(Endpoint):
    """Mirrors on Divio; `setting` is how they are created, as ``Settings.mirrors``; its field shows the relation, too."""

    def __init__(self, http: Transport, cache: Cache, applications: Applications, setting: str = "auto") -> None:
        super().__init__(http, cache)
        self._setting = setting
        self._applications = applications

    def create(self, shape: ByField | ByAction, original: Application, new: MirrorCreate) -> Application:
        """Create a mirror and make sure that it is one.

        Args:
            shape: how, from ``Capabilities.mirrors``.
            original: the application to mirror.
            new: what the mirror shall be.

        Raises:
            AlreadyExists: the slug is taken.
            NotAMirror: an application came about that Divio does not show as a mirror of the original.
        """
        call = contract.CREATE
        body = new.body()
        ids: tuple[str, ...] = ()
        if isinstance(shape, ByField):
            body[shape.name] = original.uuid
        else:
            call, ids = replace(call, path=shape.path), (original.uuid,)
            sent = {part.name for part in contract.ACTION_SENDS}
            body = {name: value for name, value in body.items() if name in sent}

        def read_back(data: object) -> Application | None:
            # In any case: an answer may repeat a field that was ignored.
            uuid = data.get("uuid") if isinstance(data, dict) else None
            return self._applications.get(uuid) if isinstance(uuid, str) and uuid else None

        mirror = self._create(
            call,
            *ids,
            body=body,
            read_answer=read_back,
            find=lambda: self._applications.find(new.slug),
            what=f"mirror {new.slug}",
            changed=(),
        )
        self.verify(mirror, original, shape)
        return mirror

    def verify(self, mirror: Application, original: Application, shape: MirrorShape | None = None) -> None:
        """Make sure that Divio shows an application as a mirror of the original.

        Raises:
            NotAMirror: it does not; names slug and uuid.
        """
        shown = self.relation(mirror, shape)
        if shown == original.uuid:
            return
        who = f"application {mirror.slug} (uuid {mirror.uuid})"
        if shown is UNKNOWN:
            problem = f"{who} exists, and Divio shows no field that tells whether it mirrors {original.slug}"
        elif shown is None:
            problem = f"{who} exists and is no mirror"
        else:
            problem = f"{who} exists and mirrors another application (uuid {shown}), not {original.slug}"
        raise NotAMirror(
            problem,
            hint="Do not deploy it. Look at it in the Control Panel; delete it there if it was made by mistake, and "
            "correct how mirrors are made.",
            setting="mirrors",
        )

    def relation(self, application: Application, shape: MirrorShape | None = None) -> str | Unknown | None:
        """Which application another one mirrors, as far as Divio shows it.

        Args:
            application: as read from Divio.
            shape: how mirrors are created, as the client is set unless given; a field's name counts like the known
                ones.

        Returns:
            The original's uuid; None where Divio shows that there is none; ``UNKNOWN`` where it shows no such field.
        """
        shown = application.model_extra or {}
        shape = contract.parse_setting(self._setting) if shape is None else shape
        names = [shape.name] if isinstance(shape, ByField) else []
        relations = [_reference(shown[name]) for name in (*names, *contract.KNOWN_FIELDS) if name in shown]
        uuids = [one for one in relations if isinstance(one, str)]
        if uuids:
            return uuids[0]
        return None if None in relations else UNKNOWN


def _reference(value: object) -> str | Unknown | None:
    """The id in a relation: itself, or within an object; a null or empty one says that there is none."""
    if isinstance(value, dict):
        value = value.get("uuid", UNKNOWN)
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else UNKNOWN
