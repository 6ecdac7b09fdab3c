"""Mirrors: no public source shows how the API makes one, so these are the only shapes that are ever tried."""

from __future__ import annotations

import re
from dataclasses import dataclass

from divio_provider.api.contract import applications
from divio_provider.api.contract.types import UNKNOWN, Call, Manual, parts
from divio_provider.api.errors import Misconfigured
from divio_provider.api.models import MirrorCreate

CREATE = Call("mirrors.create", "POST", applications.PATH, UNKNOWN, "no source; see the known shapes",
              sends=parts(applications.SENT), reads=applications.READ)  # fmt: skip

KNOWN_FIELDS = ("mirror_of", "mirror", "original", "source_application")
"""Fields of a new application that may name its original, most plausible first. Unknown: by analogy only."""
KNOWN_ACTIONS = (f"{applications.ONE}mirror/", f"{applications.ONE}duplicate/")
"""Calls on the original that may make a mirror. Unknown: by analogy with the copying of environments."""
ACTION_SENDS = parts("?name ?slug ?organisation:id ?plan_group:id")

SETTINGS = "auto, manual, field:<name> or action:<path with {uuid}>"


@dataclass(frozen=True, slots=True)
class ByField:
    """A mirror is an application created with a field that names its original.

    Attributes:
        name: the field.
    """

    name: str


@dataclass(frozen=True, slots=True)
class ByAction:
    """A mirror is made by a call on its original.

    Attributes:
        path: with ``{uuid}`` for the original's id.
    """

    path: str


MirrorShape = ByField | ByAction | Manual


def parse_setting(setting: str) -> MirrorShape | None:
    """The shape that ``Settings.mirrors`` names; None for ``auto``, which empty means too.

    Raises:
        Misconfigured: it is none of the forms.

    >>> parse_setting("field:mirror_of")
    ByField(name='mirror_of')
    >>> parse_setting("action:/apps/v3/applications/{uuid}/mirror")
    ByAction(path='/apps/v3/applications/{uuid}/mirror/')
    """
    kind, _, rest = setting.strip().partition(":")
    if kind in {"", "auto"} and not rest:
        return None
    if kind == "manual" and not rest:
        return Manual("mirrors are set to manual")
    if kind == "field" and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rest):
        if rest in MirrorCreate.model_fields:
            message = f"mirrors cannot be set to {setting!r}: {rest} is a field of the mirror itself"
            raise Misconfigured(message, setting="mirrors")
        return ByField(rest)
    if kind == "action" and re.fullmatch(r"/[A-Za-z0-9_/-]*\{uuid\}[A-Za-z0-9_/-]*", rest):
        return ByAction(f"{rest.rstrip('/')}/")
    message = f"mirrors cannot be set to {setting!r}"
    raise Misconfigured(message, setting="mirrors", hint=f"It is one of {SETTINGS}.")
