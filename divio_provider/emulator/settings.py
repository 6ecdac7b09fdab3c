"""What one run of the local Divio is told: the flags of `divio-estate emulator`, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from divio_provider.emulator.switches import Switches, choices

FIELD = re.compile(r"[a-z][a-z0-9_]*")
ACTION = re.compile(r"/apps/v3/[a-z0-9_\-/{}]+/")
RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/s)?")


class BadFlag(ValueError):
    """A flag's value cannot be used; the text says which flag, why, and what would do."""


@dataclass(frozen=True)
class Mirrors:
    """How this Divio offers the making of mirrors. No public source shows how the real one does."""

    kind: str
    """`field` (POST applications/ takes a field), `action` (a call on the original), `none` (by a person only)."""
    name: str
    """The field's name, the action's path with `{uuid}`, or empty."""

    @property
    def relation(self) -> str:
        """The field of an application that names its original."""
        return self.name if self.kind == "field" else "mirror_of"


@dataclass(frozen=True)
class Settings:
    """One run's flags."""

    host: str = "127.0.0.1"
    port: int = 8100
    """0: any free port; the announcement names it."""
    data: Path | None = None
    """The SQLite file that keeps the world. None: the world ends with the process."""
    latency: float = 0.0
    """Seconds that every API answer is held back."""
    deploy_seconds: float = 2.0
    """Seconds that a successful deployment takes."""
    rate_limit: float | None = None
    """Requests a second before 429. None: no limit."""
    mirrors: Mirrors = Mirrors("field", "mirror_of")
    token: str = "demo-token"
    page_size: int = 100
    """Items on a page: the default, and the most that a request may ask for."""
    switches: Switches = field(default_factory=Switches)
    """As they are at the start."""


def settings(
    *,
    host: str = "127.0.0.1",
    port: int = 8100,
    data: Path | None = None,
    latency: float = 0.0,
    deploy_seconds: float = 2.0,
    rate_limit: str | None = None,
    mirrors: str = "field:mirror_of",
    token: str = "demo-token",
    page_size: int = 100,
    switch: Sequence[str] = (),
) -> Settings:
    """The flags as typed, checked.

    They are the fields of `Settings`, but for `latency` in milliseconds, `rate_limit` as `10` or `10/s`, `mirrors` as
    `field:NAME`, `action:PATH` or `none`, and `switch`, each `NAME=VALUE` (switches.py).

    Raises:
        BadFlag: one clear sentence.
    """
    if not 0 <= port <= 65535:
        raise BadFlag(f"--port {port}: a port is a number from 0 (any free one) to 65535")
    if not 0 <= latency < 3_600_000:
        raise BadFlag(f"--latency {latency:g}: give milliseconds, 0 or more")
    if not 0 <= deploy_seconds < 86_400:
        raise BadFlag(f"--deploy-seconds {deploy_seconds:g}: give seconds, 0 or more, less than a day")
    if page_size < 1:
        raise BadFlag(f"--page-size {page_size}: a page holds at least 1 item")
    if not token or not token.isascii() or token.split() != [token]:
        raise BadFlag("--token: give ASCII text without blanks; it travels in a header")
    if data is not None and data.is_dir():
        raise BadFlag(f"--data {data}: this is a directory; name a file")
    limit, how, switches = _rate(rate_limit), _mirrors(mirrors), _switches(switch)
    return Settings(host, port, data, latency / 1000, deploy_seconds, limit, how, token, page_size, switches)


def _rate(text: str | None) -> float | None:
    if text is None:
        return None
    match = RATE.fullmatch(text.strip())
    if match is None or float(match[1]) <= 0:
        raise BadFlag(f"--rate-limit {text}: give requests a second, such as 10 or 10/s")
    return float(match[1])


def _mirrors(text: str) -> Mirrors:
    kind, colon, name = text.partition(":")
    if kind == "none" and not colon:
        return Mirrors("none", "")
    if kind == "field" and FIELD.fullmatch(name):
        return Mirrors("field", name)
    if kind == "action" and ACTION.fullmatch(name) and re.findall(r"\{[^}]*\}?|\}", name) == ["{uuid}"]:
        return Mirrors("action", name)
    raise BadFlag(
        f"--mirrors {text}: give field:NAME (field:mirror_of), action:PATH "
        "(action:/apps/v3/applications/{uuid}/mirror/) or none"
    )


def _switches(given: Iterable[str]) -> Switches:
    offered = choices()
    chosen: dict[str, str] = {}
    for text in given:
        name, _, value = text.partition("=")
        if name not in offered:
            raise BadFlag(f"--switch {text}: there is no switch {name}; there are {', '.join(offered)}")
        if value not in offered[name]:
            raise BadFlag(f"--switch {text}: give {' or '.join(f'{name}={one}' for one in offered[name])}")
        chosen[name] = value
    return Switches.model_validate(chosen)
