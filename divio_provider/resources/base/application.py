"""What `Application` and `Mirror` have in common: what they refuse to change, and the plan that Divio shows."""

from typing import Any

from divio_provider.api.client import Divio
from divio_provider.api.models import Application
from divio_provider.resources.base.properties import Props, immutable_problem
from divio_provider.resources.host import engine


def identity_problems(olds: Props, news: Props) -> list[str]:
    """What an application's life cannot change: said at preview, with the way out."""
    moved = "declare a new site beside it, move the content, then retire this one"
    plan = (
        "no known call of Divio's API changes a plan; change it in the Control Panel (application, Settings, "
        "Subscription), then pulumi up --refresh takes it over"
    )
    return [
        immutable_problem(olds, news, "slug", "a slug is the site's name everywhere; " + moved),
        immutable_problem(olds, news, "organisation", "transfer it in the Control Panel, then adopt it anew; " + moved),
        immutable_problem(olds, news, "region", "an application stays in its region; " + moved),
        "" if news.get("plan") == olds.get("shown_plan") else immutable_problem(olds, news, "plan", plan),
    ]


def creation(divio: Divio, props: Props) -> dict[str, Any]:
    """What Divio's API takes of both to create one, names resolved to uuids. Raises DivioError."""
    organisation = divio.organisations.resolve(props["organisation"])
    return {
        "name": props["name"],
        "slug": props["slug"],
        "organisation": organisation,
        "region": divio.regions.resolve(props["region"]),
        "plan_group": divio.plan_groups.resolve(props["plan"], organisation),
    }


def other_plan(divio: Divio, found: Application, declared: str) -> dict[str, str]:
    """The input `shown_plan` where Divio shows another plan than declared, else nothing.

    Only a person can change a plan, so a difference is told and holds up nobody; the declaration may then take it over.
    """
    if not found.plan_group or not found.organisation:
        return {}
    group = next((item for item in divio.plan_groups.list(found.organisation) if item.uuid == found.plan_group), None)
    if group is None or declared in (group.uuid, group.name):
        return {}
    engine.warn(
        f"{found.slug} is on plan {group.name} on Divio, declared is {declared}: declare the one it has, or change it in "
        f"the Control Panel (application, Settings, Subscription)"
    )
    return {"shown_plan": group.name}


def still_shown(olds: Props, news: Props) -> Props:
    """The inputs with `shown_plan`, which a check keeps until the declaration agrees or a refresh shows another."""
    shown = olds.get("shown_plan")
    return {**news, "shown_plan": shown} if shown and shown != news.get("plan") else news


def refreshed(props: Props, inputs: Props, found: Application) -> Props:
    """The outputs after a refresh; another plan that Divio showed once and shows no more is forgotten."""
    kept = {name: value for name, value in props.items() if name != "shown_plan"}
    return {**kept, **inputs, "uuid": found.uuid}
