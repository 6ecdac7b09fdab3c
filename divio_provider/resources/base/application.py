"""What `Application` and `Mirror` have in common: what they refuse to change, and the plan that Divio shows."""

from contextlib import suppress
from typing import Any

from divio_provider.api.client import Divio
from divio_provider.api.endpoints.resolve import is_id
from divio_provider.api.errors import Refused
from divio_provider.api.models import Application
from divio_provider.resources.base.properties import Props, immutable_problem
from divio_provider.resources.host import engine
from divio_provider.resources.host.error_reporting import Failed


def identity_problems(olds: Props, news: Props) -> list[str]:
    """What an application's life cannot change: said at preview, with the way out.

    An organisation under another name may be the same one, renamed on Divio; `refuse_other_place` asks before it writes.
    """
    moved = "declare a new site beside it, move the content, then retire this one"
    plan = (
        "no known call of Divio's API changes a plan; change it in the Control Panel (application, Settings, "
        "Subscription), then pulumi up --refresh takes it over"
    )
    return [
        immutable_problem(olds, news, "slug", "a slug is the site's name everywhere; " + moved),
        immutable_problem(olds, news, "organisation", moved) if _are_ids(olds, news, "organisation") else "",
        immutable_problem(
            olds, news, "region", f"an application stays in its region (renamed by Divio? pulumi up --refresh); {moved}"
        ),
        "" if news.get("plan") == olds.get("shown_plan") else immutable_problem(olds, news, "plan", plan),
    ]


def _are_ids(olds: Props, news: Props, name: str) -> bool:
    return all(is_id(str(props.get(name))) for props in (olds, news))


def refuse_other_place(divio: Divio, found: Application, props: Props) -> None:
    """Raise `Failed` where an application is in another organisation or region than is declared, as far as Divio shows it."""
    resolve = {"organisation": divio.organisations.resolve, "region": divio.regions.resolve}
    for what, shown in (("organisation", found.organisation), ("region", found.region)):
        if shown and shown != resolve[what](props[what]):
            raise Failed(
                f'{found.slug} exists on Divio (uuid {found.uuid}), but not in the {what} "{props[what]}"; nothing was '
                f"changed: declare the {what} it has, or choose another slug"
            )


def shown_place(divio: Divio, found: Application, props: Props) -> dict[str, str]:
    """The inputs `organisation` and `region` as a refresh takes them over: by the name that Divio shows now.

    What was declared by its id, or what Divio hides, stays.
    """
    names: dict[str, dict[str, str]] = {"organisation": {}, "region": {}}
    with suppress(Refused):  # whoever may not list them takes over nothing
        names["organisation"] = {item.uuid: item.name for item in divio.organisations.list()}
        names["region"] = {item.uuid: item.name for item in divio.regions.list()}
    shown = {"organisation": found.organisation, "region": found.region}
    return {
        what: names[what][uuid]
        for what, uuid in shown.items()
        if uuid in names[what] and props[what].casefold() not in {uuid, names[what][uuid].casefold()}
    }


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


def is_another(found: Application, props: Props) -> bool:
    """Whether another application has the slug of the one that the state knows, which must be gone then; it is told."""
    if not props.get("uuid") or found.uuid == props["uuid"]:
        return False
    engine.warn(
        f"{found.slug}: the application that the state knows (uuid {props['uuid']}) is gone from Divio, and another one "
        f"(uuid {found.uuid}) has its slug; pulumi up looks at that one as at any that it meets for the first time"
    )
    return True


def refreshed(props: Props, inputs: Props, found: Application) -> Props:
    """The outputs after a refresh; another plan that Divio showed once and shows no more is forgotten."""
    kept = {name: value for name, value in props.items() if name != "shown_plan"}
    return {**kept, **inputs, "uuid": found.uuid}
