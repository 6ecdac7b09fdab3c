"""The plan that Divio shows of an application, beside the declared one."""

from divio_provider.api.client import Divio
from divio_provider.api.models import Application
from divio_provider.resources.base.properties import Props
from divio_provider.resources.host import engine


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


def refreshed(props: Props, inputs: Props, found: Application) -> Props:
    """The outputs after a refresh; another plan that Divio showed once and shows no more is forgotten."""
    kept = {name: value for name, value in props.items() if name != "shown_plan"}
    return {**kept, **inputs, "uuid": found.uuid}


def still_shown(olds: Props, news: Props) -> dict[str, str]:
    """The input `shown_plan`, kept by a check until the declaration agrees or a refresh shows something else."""
    shown = olds.get("shown_plan")
    return {"shown_plan": shown} if shown and shown != news.get("plan") else {}
