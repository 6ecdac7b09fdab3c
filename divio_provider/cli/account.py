"""What a token's account sees of Divio, line by line. It only reads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from divio_provider.api.client import Divio
from divio_provider.api.conformance.results import Result, Verdict
from divio_provider.api.contract.types import Certainty
from divio_provider.api.errors import NotUnderstood, Refused, Unauthorized

T = TypeVar("T")


@dataclass(frozen=True)
class Account:
    """What there is for this account, by names.

    `plan_groups` by organisation, `services` by region; `applications` and `mirrors` are numbers, `unsubscribed` the
    slugs of mirrors that Divio shows without a plan. None: could not be read. `items` has a line for each question.
    """

    user: str
    plan_groups: dict[str, tuple[str, ...]]
    services: dict[str, tuple[str, ...]]
    applications: int | None
    mirrors: int | None
    unsubscribed: tuple[str, ...]
    items: tuple[Result, ...]


def account(divio: Divio) -> Account:
    """Ask for everything. Raises DivioError where Divio does not answer at all or does not accept the token."""
    items: list[Result] = []

    def asked(name: str, ask: Callable[[], tuple[T, ...]], told: Callable[[T], str]) -> tuple[T, ...] | None:
        try:
            found = ask()
        except Unauthorized:
            raise
        except (Refused, NotUnderstood) as error:
            items.append(_line(name, Verdict.UNKNOWN, f"cannot be read: {error}"))
            return None
        said = ", ".join(told(one) for one in found)
        items.append(_line(name, Verdict.FINE if found else Verdict.MISSING, said or "the account sees none"))
        return found

    me = divio.me.get()
    user = me.email or me.uuid or "somebody"
    items.append(_line("token", Verdict.FINE, f"belongs to {user}"))
    organisations = asked("organisations", divio.organisations.list, lambda one: one.name) or ()
    plan_groups = {}
    for organisation in organisations:
        name = f"plan groups of {organisation.name}"
        plans = asked(name, partial(divio.plan_groups.list, organisation.uuid), lambda one: one.name)
        plan_groups[organisation.name] = tuple(one.name for one in plans or ())
    services = {}
    for region in asked("regions", divio.regions.list, lambda one: one.name) or ():
        offered = asked(
            f"services in {region.name}",
            partial(divio.services.list, region.uuid),
            lambda one: one.identifier or one.name,
        )
        services[region.name] = tuple(one.identifier or one.name for one in offered or ())
    applications, mirrors, unsubscribed = _applications(divio, items)
    return Account(user, plan_groups, services, applications, mirrors, unsubscribed, tuple(items))


def _applications(divio: Divio, items: list[Result]) -> tuple[int | None, int | None, tuple[str, ...]]:
    try:
        listed = divio.applications.list()
    except (Refused, NotUnderstood) as error:
        items.append(_line("applications", Verdict.UNKNOWN, f"cannot be read: {error}"))
        return None, None, ()
    mirrors = [one for one in listed if isinstance(divio.mirrors.relation(one), str)]
    items.append(_line("applications", Verdict.FINE, f"{len(listed)}, {len(mirrors)} of them shown as mirrors"))
    shown = [one for one in mirrors if "plan_group" in one.model_fields_set]
    slugs = tuple(one.slug for one in shown if not one.plan_group)
    if slugs:
        detail = f"{', '.join(slugs)}: Divio shows no plan; choose one in the Control Panel"
        items.append(_line("subscriptions of mirrors", Verdict.MISSING, detail))
    elif mirrors:
        verdict = Verdict.FINE if shown else Verdict.UNKNOWN
        said = "every mirror has a plan" if shown else "Divio does not show the plans of applications"
        items.append(_line("subscriptions of mirrors", verdict, said))
    return len(listed), len(mirrors), slugs


def _line(name: str, verdict: Verdict, detail: str) -> Result:
    return Result("account", "", name, verdict, Certainty.SEEN, "Divio's answer", detail)
