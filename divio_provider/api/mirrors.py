"""Mirrors: the only home of the guess how Divio's API creates one and shows its original.

No public source tells. So the shape of the call is a setting (``divio:mirrors``), and ``auto`` uses one only when the
live schema shows one of the exact shapes in ``contract.py``; nothing is guessed on a call that changes something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

from divio_provider.api import contract
from divio_provider.api.creation import create_once
from divio_provider.api.errors import Misconfigured, NotAMirror, NotFound, NotOffered, NotUnderstood
from divio_provider.api.models import Application, MirrorCreate
from divio_provider.api.schema import Schema

if TYPE_CHECKING:
    from divio_provider.api.applications import Applications
    from divio_provider.api.collections import Collections
    from divio_provider.api.description import Description
    from divio_provider.api.transport import Transport


@dataclass(frozen=True, slots=True)
class Field:
    """A mirror is an application created with a field that names its original.

    Attributes:
        name: the field.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Action:
    """A mirror is made by a call on its original.

    Attributes:
        path: with ``{uuid}`` for the original's id.
    """

    path: str


@dataclass(frozen=True, slots=True)
class Manual:
    """A mirror is made by a person in the Control Panel.

    Attributes:
        reason: why, a clause for a sentence.
    """

    reason: str


Shape = Field | Action | Manual


class Unknown(Enum):
    """What Divio does not show; different from "it shows that there is none"."""

    UNKNOWN = "unknown"


UNKNOWN: Final[Literal[Unknown.UNKNOWN]] = Unknown.UNKNOWN

SETTINGS = "auto, manual, field:<name> or action:<path with {uuid}>"


class Mirrors:
    """Mirrors on Divio.

    Args:
        http: the way to Divio.
        collections: what this run has read already.
        applications: where a mirror is found once it exists.
        schema: the live API's own description.
        setting: how mirrors are created unless a call says otherwise.
    """

    def __init__(
        self,
        http: Transport,
        collections: Collections,
        applications: Applications,
        schema: Schema,
        setting: str = "auto",
    ) -> None:
        self._setting = setting
        self._http = http
        self._collections = collections
        self._applications = applications
        self._schema = schema

    def shape(self, setting: str | None = None) -> Shape:
        """How mirrors are created.

        Args:
            setting: ``auto``, ``manual``, ``field:<name>`` or ``action:<path>``, the client's own unless given; only
                ``auto`` asks Divio, once a run.

        Raises:
            Misconfigured: the setting is none of these.
        """
        given = parse_shape(self._setting if setting is None else setting)
        return self._collections.read("mirrors.shape", "auto", self._offered) if given is None else given

    def _offered(self) -> Shape:
        try:
            schema = self._schema.read()
        except (NotFound, NotUnderstood) as error:
            return Manual(f"the API's schema cannot be read ({error.problem})")
        return offered(schema)

    def create(self, shape: Shape, original: Application, new: MirrorCreate) -> Application:
        """Create a mirror and make sure that it is one.

        Args:
            shape: how, from ``shape``.
            original: the application to mirror.
            new: what the mirror shall be.

        Raises:
            NotOffered: the shape is ``Manual``.
            AlreadyExists: the slug is taken.
            NotAMirror: an application came about that Divio does not show as a mirror of the original.
        """
        if isinstance(shape, Manual):
            raise NotOffered(f"mirror {new.slug} has to be created in the Control Panel: {shape.reason}")
        call = contract.CREATE_MIRROR
        body = new.body()
        ids: tuple[str, ...] = ()
        if isinstance(shape, Field):
            body[shape.name] = original.uuid
        else:
            call, ids = replace(call, path=shape.path), (original.uuid,)
            sent = {part.name for part in contract.MIRROR_ACTION_SENDS}
            body = {name: value for name, value in body.items() if name in sent}

        def post() -> Application | None:
            data = self._http.send(call, *ids, body=body)
            # Read back in any case: an answer may repeat a field that was ignored.
            uuid = data.get("uuid") if isinstance(data, dict) else None
            return self._applications.get(uuid) if isinstance(uuid, str) and uuid else None

        try:
            mirror = create_once(
                self._http, post, lambda: self._applications.find(new.slug), lambda one: one.uuid, f"mirror {new.slug}"
            )
        finally:
            self._collections.forget()
        self.verify(mirror, original, shape)
        return mirror

    def verify(self, mirror: Application, original: Application, shape: Shape | None = None) -> None:
        """Make sure that Divio shows an application as a mirror of the original.

        Args:
            mirror: the application, as read from Divio.
            original: its original.
            shape: how it was created.

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
            slug=mirror.slug,
            uuid=mirror.uuid,
            hint="Do not deploy it. Look at it in the Control Panel; delete it there if it was made by mistake, and "
            "correct divio:mirrors.",
        )

    def relation(self, application: Application, shape: Shape | None = None) -> str | Unknown | None:
        """Which application another one mirrors, as far as Divio shows it.

        Args:
            application: as read from Divio.
            shape: how mirrors are created, as the client is set unless given; a field's name counts like the known
                ones.

        Returns:
            The original's uuid; None where Divio shows that there is none; ``UNKNOWN`` where it shows no such field.
        """
        shown = application.model_extra or {}
        shape = parse_shape(self._setting) if shape is None else shape
        names = [shape.name] if isinstance(shape, Field) else []
        relations = [_reference(shown[name]) for name in (*names, *contract.KNOWN_MIRROR_FIELDS) if name in shown]
        uuids = [one for one in relations if isinstance(one, str)]
        if uuids:
            return uuids[0]
        return None if None in relations else UNKNOWN


def offered(described: Description) -> Shape:
    """How ``auto`` creates mirrors: by the first of the known shapes that the API's description shows.

    Args:
        described: the live API's own description.
    """
    fields = described.body_fields("POST", contract.CREATE_MIRROR.path)
    for name in contract.KNOWN_MIRROR_FIELDS:
        if name in fields:
            return Field(name)
    for path in contract.KNOWN_MIRROR_ACTIONS:
        if described.offers("POST", path):
            return Action(path)
    return Manual("the API's schema shows no call that we know to create a mirror")


def parse_shape(setting: str) -> Shape | None:
    """The shape that a setting names; None for ``auto``.

    Args:
        setting: the value of ``divio:mirrors``; empty means ``auto``.

    Raises:
        Misconfigured: it is none of the forms.

    >>> parse_shape("field:mirror_of")
    Field(name='mirror_of')
    >>> parse_shape("action:/apps/v3/applications/{uuid}/mirror")
    Action(path='/apps/v3/applications/{uuid}/mirror/')
    """
    kind, _, rest = setting.strip().partition(":")
    if kind in {"", "auto"} and not rest:
        return None
    if kind == "manual" and not rest:
        return Manual("divio:mirrors is manual")
    if kind == "field" and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rest):
        if rest in MirrorCreate.model_fields:
            message = f"divio:mirrors cannot be {setting!r}: {rest} is a field of the mirror itself"
            raise Misconfigured(message)
        return Field(rest)
    if kind == "action" and re.fullmatch(r"/[A-Za-z0-9_/-]*\{uuid\}[A-Za-z0-9_/-]*", rest):
        return Action(f"{rest.rstrip('/')}/")
    message = f"divio:mirrors is {setting!r}"
    raise Misconfigured(message, hint=f"It is one of {SETTINGS}.")


def _reference(value: object) -> str | Unknown | None:
    """The id in a relation: itself, or within an object; a null or empty one says that there is none."""
    if isinstance(value, dict):
        value = value.get("uuid", UNKNOWN)
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else UNKNOWN
