"""Custom domains. Divio's documentation names the collection; its fields and writes are a guess."""

from __future__ import annotations

from dataclasses import dataclass

from divio_provider.api.contract.types import INFERRED, SEEN, UNKNOWN, Call, Manual, parts
from divio_provider.api.errors import Misconfigured

PATH = "/apps/v3/domains/"
ONE = PATH + "{uuid}/"
READ = parts("~uuid:id ?application:id|null ?domain ?is_primary:boolean|null ?is_redirect:boolean|null")
SENT = parts("?application:id ?domain ?is_primary:boolean ?is_redirect:boolean")
"""A new domain. All of it must be in the live schema before ``auto`` writes any."""

# fmt: off
LIST = Call("domains.list", "GET", PATH, SEEN, "docs name the collection alone",
            filters=parts("?application:id"), reads=READ)
CREATE = Call("domains.create", "POST", PATH, INFERRED, "docs: domains are manageable by API", sends=SENT, reads=READ)
UPDATE = Call("domains.update", "PATCH", ONE, UNKNOWN, "DRF",
              sends=parts("?application:id ?is_primary:boolean ?is_redirect:boolean"))
DELETE = Call("domains.delete", "DELETE", ONE, UNKNOWN, "DRF")
# fmt: on


@dataclass(frozen=True, slots=True)
class ByApi:
    """Domains are written by the calls above."""


DomainShape = ByApi | Manual


def parse_setting(setting: str) -> DomainShape | None:
    """The shape that ``Settings.domains`` names; None for ``auto``, which empty means too.

    Raises:
        Misconfigured: it is neither auto, api nor manual.
    """
    match setting.strip():
        case "" | "auto":
            return None
        case "api":
            return ByApi()
        case "manual":
            return Manual("domains are set to manual")
    message = f"domains cannot be set to {setting.strip()!r}"
    raise Misconfigured(message, setting="domains", hint="It is one of auto, api or manual.")
