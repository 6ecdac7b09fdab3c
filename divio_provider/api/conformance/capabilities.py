"""Which of the known, exact shapes of mirrors and domains the live API has, by its own schema.

Nothing is guessed on a call that changes something: where the schema shows none of them, a person does it in the Control
Panel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from divio_provider.api.conformance.openapi import OpenApi
from divio_provider.api.conformance.results import Result, Verdict
from divio_provider.api.contract import domains, mirrors
from divio_provider.api.contract.domains import DomainShape
from divio_provider.api.contract.mirrors import MirrorShape
from divio_provider.api.contract.types import Certainty, Manual
from divio_provider.api.errors import NotFound, NotUnderstood

if TYPE_CHECKING:
    from divio_provider.api.endpoints.schema import Schema
    from divio_provider.api.settings import Settings
    from divio_provider.api.transport.cache import Cache

S = TypeVar("S")


class Capabilities:
    """What the live API can do; its schema is asked once a run, and only where a setting is ``auto``.

    Args:
        schema: where the API describes itself.
        cache: what this run has read already.
        settings: how mirrors and domains are made unless a call says otherwise.
    """

    def __init__(self, schema: Schema, cache: Cache, settings: Settings) -> None:
        self._schema = schema
        self._cache = cache
        self._settings = settings

    def mirrors(self, setting: str | None = None) -> MirrorShape:
        """How mirrors are created: by a setting as ``Settings.mirrors``, the client's own unless given.

        Raises:
            Misconfigured: the setting is none that there is.
        """
        given = mirrors.parse_setting(self._settings.mirrors if setting is None else setting)
        return self._ask("mirrors", mirrors_shape) if given is None else given

    def domains(self, setting: str | None = None) -> DomainShape:
        """Who writes domains: by a setting as ``Settings.domains``, the client's own unless given.

        Raises:
            Misconfigured: the setting is none that there is.
        """
        given = domains.parse_setting(self._settings.domains if setting is None else setting)
        return self._ask("domains", domains_shape) if given is None else given

    def _ask(self, noun: str, shape: Callable[[OpenApi], S]) -> S | Manual:
        def load() -> S | Manual:
            try:
                return shape(OpenApi(self._schema.read()))
            except (NotFound, NotUnderstood) as error:
                return Manual(f"the API's schema cannot be read ({error.problem})")

        return self._cache.read("capabilities", noun, load)


def mirrors_shape(schema: OpenApi) -> MirrorShape:
    """How ``auto`` creates mirrors: by the first of the known shapes that the schema of applications shows."""
    fields = schema.body_fields("POST", mirrors.CREATE.path)
    for name in mirrors.KNOWN_FIELDS:
        if name in fields:
            return mirrors.ByField(name)
    for path in mirrors.KNOWN_ACTIONS:
        if schema.offers("POST", path):
            return mirrors.ByAction(path)
    return Manual("the API's schema shows no call that we know to create a mirror")


def domains_shape(schema: OpenApi) -> DomainShape:
    """Who writes domains under ``auto``: the API, where their schema shows exactly the fields that we know."""
    fields = schema.body_fields("POST", domains.CREATE.path)
    missing = [part.name for part in domains.SENT if part.name not in fields]
    if missing:
        return Manual(f"the API's schema shows no domains as we know them ({', '.join(missing)} missing)")
    return domains.ByApi()


@dataclass(frozen=True, slots=True)
class Choice:
    """What a setting comes to on an API, and why.

    Attributes:
        setting: as configured.
        chosen: the setting that ``auto`` comes to; another one as it is. Empty where that cannot be told.
        why: a clause for a sentence.
        verdict: whether the API's schema bears it out.
    """

    setting: str
    chosen: str
    why: str
    verdict: Verdict

    def result(self, name: str) -> Result:
        """The choice as a result; `name` is the setting's key."""
        chosen = f"auto chooses {self.chosen}" if self.chosen else "what auto chooses cannot be told"
        detail = f"{chosen if self.setting == 'auto' else self.setting}: {self.why}"
        return Result("choice", "", name, self.verdict, Certainty.UNKNOWN, "no source", detail)


def mirrors_choice(setting: str, schema: OpenApi | None) -> Choice:
    """How mirrors are created by ``Settings.mirrors``, given the schema of applications where there is one.

    Raises:
        Misconfigured: the setting is none that there is.
    """
    configured = mirrors.parse_setting(setting)
    return _choice(setting, configured, schema, lambda found: _mirrors_by(configured, found))


def domains_choice(setting: str, schema: OpenApi | None) -> Choice:
    """Who writes domains by ``Settings.domains``, given the schema of domains where there is one.

    Raises:
        Misconfigured: the setting is none that there is.
    """
    configured = domains.parse_setting(setting)
    return _choice(setting, configured, schema, lambda found: _domains_by(configured, found))


def _choice(
    setting: str, configured: object, schema: OpenApi | None, judge: Callable[[OpenApi], tuple[str, str, Verdict]]
) -> Choice:
    setting = setting.strip() or "auto"
    if schema is not None:
        return Choice(setting, *judge(schema))
    why = "no description of applications is at hand"
    if configured is None:
        return Choice(setting, "", why, Verdict.UNKNOWN)
    return Choice(setting, setting, f"as configured; {why}", Verdict.UNKNOWN)


def _mirrors_by(configured: MirrorShape | None, schema: OpenApi) -> tuple[str, str, Verdict]:
    match configured or mirrors_shape(schema):
        case Manual(reason):
            verdict = Verdict.UNKNOWN if configured is None else Verdict.FINE
            return "manual", f"{reason}; a person makes mirrors in the Control Panel", verdict
        case mirrors.ByField(name):
            field = (schema.body("POST", mirrors.CREATE.path) or {}).get(name)
            why = f"a new application {'takes no' if field is None else 'takes the'} field {name}"
            verdict = Verdict.MISSING if field is None else Verdict.FINE
            if field is not None and field.types and "string" not in field.types:
                verdict, why = Verdict.DIFFERS, f"{why}, but as {' or '.join(sorted(field.types))} instead of an id"
            return f"field:{name}", why, verdict
        case mirrors.ByAction(path):
            there = schema.offers("POST", path)
            why = f"the API {'offers' if there else 'does not offer'} POST {path}"
            return f"action:{path}", why, Verdict.FINE if there else Verdict.MISSING


def _domains_by(configured: DomainShape | None, schema: OpenApi) -> tuple[str, str, Verdict]:
    if isinstance(configured, Manual):
        return "manual", configured.reason, Verdict.FINE
    offered = domains_shape(schema)
    if isinstance(offered, Manual):
        chosen, verdict = ("manual", Verdict.UNKNOWN) if configured is None else ("api", Verdict.MISSING)
        return chosen, f"{offered.reason}; a person enters domains in the Control Panel", verdict
    return "api", f"POST {domains.CREATE.path} takes {', '.join(part.name for part in domains.SENT)}", Verdict.FINE
