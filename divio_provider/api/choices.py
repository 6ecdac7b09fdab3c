"""What ``divio:mirrors`` and ``divio:domains`` come to on an API, and why. Pure: it is given the API's description."""

from __future__ import annotations

from dataclasses import dataclass

from divio_provider.api import contract, domains, mirrors
from divio_provider.api.certainty import Certainty
from divio_provider.api.description import Description
from divio_provider.api.items import Item, Verdict

NO_DOCUMENT = "no description of applications is at hand"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a setting comes to.

    Attributes:
        setting: as configured.
        chosen: the setting that ``auto`` comes to; another one as it is. Empty where that cannot be told.
        why: a clause for a sentence.
        verdict: whether the API's description bears it out.
    """

    setting: str
    chosen: str
    why: str
    verdict: Verdict

    def item(self, name: str) -> Item:
        """The choice as an item of the survey.

        Args:
            name: the setting's key.
        """
        chosen = f"auto chooses {self.chosen}" if self.chosen else "what auto chooses cannot be told"
        detail = f"{chosen if self.setting == 'auto' else self.setting}: {self.why}"
        return Item("choice", "", name, self.verdict, Certainty.UNKNOWN, "no source", detail)


def mirrors_choice(setting: str, described: Description | None) -> Choice:
    """How mirrors are created.

    Args:
        setting: the value of ``divio:mirrors``.
        described: the description of applications, None where there is none.

    Raises:
        Misconfigured: the setting is none that there is.
    """
    configured = mirrors.parse_shape(setting)
    setting = setting.strip() or "auto"
    if described is None:
        why = NO_DOCUMENT if configured is None else f"as configured; {NO_DOCUMENT}"
        return Choice(setting, "" if configured is None else setting, why, Verdict.UNKNOWN)
    offered = mirrors.offered(described)
    match configured or offered:
        case mirrors.Manual(reason):
            verdict = Verdict.UNKNOWN if configured is None else Verdict.FINE
            return Choice(setting, "manual", f"{reason}; a person makes mirrors in the Control Panel", verdict)
        case mirrors.Field(name):
            field = (described.body("POST", contract.CREATE_MIRROR.path) or {}).get(name)
            why = f"a new application {'takes no' if field is None else 'takes the'} field {name}"
            verdict = Verdict.MISSING if field is None else Verdict.FINE
            if field is not None and field.types and "string" not in field.types:
                verdict, why = Verdict.DIFFERS, f"{why}, but as {' or '.join(sorted(field.types))} instead of an id"
            return Choice(setting, f"field:{name}", why, verdict)
        case mirrors.Action(path):
            there = described.offers("POST", path)
            why = f"the API {'offers' if there else 'does not offer'} POST {path}"
            return Choice(setting, f"action:{path}", why, Verdict.FINE if there else Verdict.MISSING)


def domains_choice(setting: str, described: Description | None) -> Choice:
    """Who writes domains.

    Args:
        setting: the value of ``divio:domains``.
        described: the description of domains, None where there is none.

    Raises:
        Misconfigured: the setting is none that there is.
    """
    setting = setting.strip() or "auto"
    domains.check(setting)
    if described is None:
        return Choice(setting, "" if setting == "auto" else setting, NO_DOCUMENT, Verdict.UNKNOWN)
    if setting == "manual":
        return Choice(setting, "manual", "divio:domains is manual", Verdict.FINE)
    match domains.offered(described):
        case domains.ByHand(reason):
            verdict = Verdict.UNKNOWN if setting == "auto" else Verdict.MISSING
            chosen = "manual" if setting == "auto" else setting
            return Choice(setting, chosen, f"{reason}; a person enters domains in the Control Panel", verdict)
        case domains.ByApi():
            why = f"POST {contract.CREATE_DOMAIN.path} takes {', '.join(contract.DOMAIN_SENDS)}"
            return Choice(setting, "api", why, Verdict.FINE)
