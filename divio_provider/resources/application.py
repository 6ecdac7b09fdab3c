"""`Application`: the original of an estate, or any other Divio application. Found by its slug, created where missing."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from divio_provider.api.client import Divio
from divio_provider.api.models import Application as Found
from divio_provider.api.models import ApplicationCreate
from divio_provider.resources import engine, visibility
from divio_provider.resources.configuration import Configuration
from divio_provider.resources.provider import (
    DivioProvider,
    DivioResource,
    Failed,
    Props,
    checked,
    count_up,
    fixed,
)

_INPUTS = (
    "slug",
    "name",
    "organisation",
    "region",
    "plan",
    "repository",
    "branch",
    "app_template",
    "release_commands",
    "generation",
)


def identity_problems(olds: Props, news: Props) -> list[str]:
    """What an application's life cannot change: said at preview, with the way out. Mirrors share it."""
    moved = "declare a new site beside it, move the content, then retire this one"
    plan = (
        "no known call of Divio's API changes a plan; change it in the Control Panel (application, Settings, "
        "Subscription), then pulumi up --refresh takes it over"
    )
    return [
        fixed(olds, news, "slug", "a slug is the site's name everywhere; " + moved),
        fixed(olds, news, "organisation", "transfer it in the Control Panel, then adopt it anew; " + moved),
        fixed(olds, news, "region", "an application stays in its region; " + moved),
        "" if news.get("plan") == olds.get("shown_plan") else fixed(olds, news, "plan", plan),
    ]


def environments_of(divio: Divio, application: str) -> dict[str, str]:
    """The ids of an application's environments by slug: `{"test": …, "live": …}`."""
    return {environment.slug: environment.uuid for environment in divio.environments.list(application)}


def environment_of(divio: Divio, slug: str, environment: str) -> str | None:
    """The id of a site's environment, by the site's slug, asked now; None where either is gone."""
    site = divio.applications.find(slug)
    return environments_of(divio, site.uuid).get(environment) if site else None


def was_deployed(divio: Divio, application: str) -> bool:
    """Whether any of its environments was ever deployed: then it existed before this program did."""
    return any(environment.last_finished_deployment for environment in divio.environments.list(application))


def refuse_adopted(props: Props, configuration: Configuration) -> None:
    """Stop the deletion of an application that was in use before this program found it, unless it is allowed."""
    slug = props["slug"]
    if props.get("adopted") and slug not in configuration.allow_delete:
        raise Failed(
            f"{slug} was deployed before this program adopted it, so it is not deleted. To delete it all the same, set "
            f"DIVIO_ALLOW_DELETE={slug} (or the configuration divio:allowDelete); to forget it, pulumi state delete"
        )


def other_plan(divio: Divio, found: Found, declared: str) -> dict[str, str]:
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


def refreshed(props: Props, inputs: Props, found: Found) -> Props:
    """The outputs after a refresh; another plan that Divio showed once and shows no more is forgotten."""
    kept = {name: value for name, value in props.items() if name != "shown_plan"}
    return {**kept, **inputs, "uuid": found.uuid}


def still_shown(olds: Props, news: Props) -> dict[str, str]:
    """The input `shown_plan`, kept by a check until the declaration agrees or a refresh shows something else."""
    shown = olds.get("shown_plan")
    return {"shown_plan": shown} if shown and shown != news.get("plan") else {}


class Crud(DivioProvider):
    """Find-or-create by slug, so that a lost answer or a killed run never makes a second application."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse what cannot change, and count the generation that deployments listen to."""
        inputs = {name: news[name] for name in _INPUTS if news.get(name) is not None}
        inputs |= still_shown(_olds, inputs)
        inputs["generation"] = count_up(_olds, inputs, "generation", ("branch",))
        return checked(inputs, *identity_problems(_olds, inputs))

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Let the engine compare."""
        return DiffResult(changes=None)

    def create(self, props: Props) -> CreateResult:
        """Find it by slug, or create it; an application that was deployed before is marked as adopted."""
        divio = self.divio
        found = divio.applications.find(props["slug"])
        adopted = found is not None and was_deployed(divio, found.uuid)
        application = found or divio.applications.create(self._request(divio, props))
        if found is not None:
            _same_place(divio, found, props)
            engine.inform(f"{props['slug']} exists on Divio and is used as it is")
        return CreateResult(props["slug"], self._converge(divio, application, props, adopted=adopted))

    def read(self, id_: str, props: Props) -> ReadResult:
        """What Divio shows of it: its id, name and branches. Not shown means gone only where a person said so."""
        divio = self.divio
        found = visibility.application(
            divio, id_, props["uuid"], organisation=props["organisation"], deleted=self.configuration.allow_delete
        )
        if found is None:
            return ReadResult("", {})
        inputs = {name: props[name] for name in _INPUTS if name in props}
        inputs["name"] = found.name
        inputs |= other_plan(divio, found, props["plan"])
        if props.get("branch"):
            shown = {item.slug: item.branch for item in divio.environments.list(found.uuid)}
            inputs["branch"] = {slug: shown.get(slug) or branch for slug, branch in props["branch"].items()}
        return ReadResult(id_, refreshed(props, inputs, found), inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Rename it, or change its branches."""
        divio = self.divio
        application = divio.applications.get(_olds["uuid"])
        return UpdateResult(self._converge(divio, application, _news, adopted=bool(_olds.get("adopted"))))

    def delete(self, _id: str, _props: Props) -> None:
        """Delete it, unless mirrors live on it or it was in use before this program found it."""
        divio = self.divio
        refuse_adopted(_props, self.configuration)
        shown = divio.applications.list(fresh=True)
        mirrors = sorted(item.slug for item in shown if divio.mirrors.relation(item) == _props["uuid"])
        if mirrors:
            raise Failed(
                f"{_id} has mirrors ({', '.join(mirrors)}), which would lose database, media and code; retire these first"
            )
        if _props["uuid"] not in {item.uuid for item in shown}:
            visibility.require_organisation(divio, _id, _props["organisation"])
        divio.applications.delete(_props["uuid"])

    def _request(self, divio: Divio, props: Props) -> ApplicationCreate:
        organisation = divio.organisations.resolve(props["organisation"])
        region = divio.regions.resolve(props["region"])
        commands = props.get("release_commands")
        return ApplicationCreate(
            name=props["name"],
            slug=props["slug"],
            organisation=organisation,
            region=region,
            plan_group=divio.plan_groups.resolve(props["plan"], organisation),
            app_template=props.get("app_template"),
            repository=props.get("repository"),
            branch=(props.get("branch") or {}).get("test") or "main",
            release_commands=[dict(command) for command in commands] if commands else None,
        )

    def _converge(self, divio: Divio, application: Found, props: Props, *, adopted: bool) -> Props:
        if application.name != props["name"]:
            divio.applications.update(application.uuid, name=props["name"])
        declared = props.get("branch") or {}
        for environment in divio.environments.list(application.uuid) if declared else ():
            branch = declared.get(environment.slug)
            if branch and branch != environment.branch:
                divio.environments.set_branch(environment.uuid, branch)
        return {**props, "uuid": application.uuid, "adopted": adopted}


def _same_place(divio: Divio, found: Found, props: Props) -> None:
    resolve = {"organisation": divio.organisations.resolve, "region": divio.regions.resolve}
    for what, shown in (("organisation", found.organisation), ("region", found.region)):
        if shown and shown != resolve[what](props[what]):
            raise Failed(
                f'{props["slug"]} exists on Divio (uuid {found.uuid}), but not in the {what} "{props[what]}"; '
                f"declare the {what} it has, or choose another slug"
            )


class Application(DivioResource, module="divio", name="Application"):
    """An application of its own: code, Test and Live.

    Outputs: `uuid`, Divio's id of it, `adopted`, whether it was deployed before this program found it (it is then
    not deleted without `divio:allowDelete`), and `generation`, which counts changes that only a deployment makes true.
    """

    slug: pulumi.Output[str]
    uuid: pulumi.Output[str]
    adopted: pulumi.Output[bool]
    generation: pulumi.Output[int]

    def __init__(
        self,
        resource_name: str,
        slug: pulumi.Input[str],
        name: pulumi.Input[str],
        organisation: pulumi.Input[str],
        region: pulumi.Input[str],
        plan: pulumi.Input[str],
        repository: pulumi.Input[str] | None = None,
        branch: Mapping[str, pulumi.Input[str]] | None = None,
        app_template: pulumi.Input[str] | None = None,
        release_commands: Sequence[Mapping[str, str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        `organisation`, `region` and `plan` (a plan group) are names or uuids. `repository` is the uuid of a connected
        repository, None for one that Divio hosts. `branch` maps `test` and `live` to a branch. `app_template` is a
        URL. `release_commands` are maps of `label` and `command`. The last three count at creation only, but branches.
        """
        props: Props = {
            "slug": slug,
            "name": name,
            "organisation": organisation,
            "region": region,
            "plan": plan,
            "repository": repository,
            "branch": dict(branch) if branch else None,
            "app_template": app_template,
            "release_commands": [dict(command) for command in release_commands] if release_commands else None,
            "generation": None,
            "uuid": None,
            "adopted": None,
        }
        super().__init__(Crud(), resource_name, props, opts)
