"""`Application`: the original of an estate, or any other Divio application. Found by its slug, created where missing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Unpack

import pulumi
from pulumi import Input
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.api.client import Divio
from divio_provider.api.endpoints.mirrors import UNKNOWN
from divio_provider.api.models import Application as Found
from divio_provider.api.models import ApplicationCreate
from divio_provider.resources.base.application import (
    creation,
    identity_problems,
    is_another,
    other_plan,
    refreshed,
    refuse_other_place,
    shown_place,
    still_shown,
)
from divio_provider.resources.base.inputs import ApplicationInputs
from divio_provider.resources.base.properties import Props, check_result, count_up
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource, Options
from divio_provider.resources.host import engine
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader import visibility
from divio_provider.resources.reader.first_contact import last_deployments, refuse_differences


class Inputs(ApplicationInputs, total=False):
    """What an `Application` takes. What is not said of it below counts at its creation only."""

    repository: Input[str] | None
    """The uuid of a connected repository; left out: Divio hosts one."""
    branch: Mapping[str, Input[str]] | None
    """The branches of `test` and `live`. They may change."""
    app_template: Input[str] | None
    """A URL."""
    release_commands: Sequence[Mapping[str, str]] | None
    """Maps of `label` and `command`."""


class ApplicationProvider(DivioProvider):
    """Find-or-create by slug, so that a lost answer or a killed run never makes a second application."""

    inputs = (*Inputs.__annotations__, "generation")

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse what cannot change, and count the generation that deployments listen to."""
        inputs = still_shown(_olds, self.inputs_of(news))
        inputs["generation"] = count_up(_olds, inputs, "generation", ("branch",))
        return check_result(inputs, *identity_problems(_olds, inputs))

    def create(self, props: Props) -> CreateResult:
        """Find it by slug, or create it. One that was deployed before is taken over if it is equal, else refused."""
        divio, slug = self.divio, props["slug"]
        found = divio.applications.find(slug)
        if found is None:
            return CreateResult(
                slug, self._converge(divio.applications.create(self._request(props)), props, adopted=False)
            )
        refuse_other_place(divio, found, props)
        running = last_deployments(divio, found.uuid)
        differing = _differences(divio, found, props, running) if running else []
        refuse_differences(divio, self.configuration, slug, slug, differing, found.uuid)
        engine.inform(f"{slug} exists on Divio and is used as it is")
        return CreateResult(slug, self._converge(found, props, adopted=bool(running)))

    def read(self, id_: str, props: Props) -> ReadResult:
        """What Divio shows of it: its id, name and branches. Not shown means gone only where a person said so.

        Another application under its slug means gone as well; `create` then meets that one for the first time.
        """
        divio = self.divio
        found = visibility.application(
            divio, id_, props["uuid"], organisation=props["organisation"], deleted=self.configuration.deleted
        )
        if found is None or is_another(found, props):
            return ReadResult("", {})
        inputs = {**self.inputs_of(props), "name": found.name, **shown_place(divio, found, props)}
        inputs |= other_plan(divio, found, props["plan"])
        if props.get("branch"):
            shown = {item.slug: item.branch for item in divio.environments.list(found.uuid)}
            inputs["branch"] = {slug: shown.get(slug) or branch for slug, branch in props["branch"].items()}
        return ReadResult(id_, refreshed(props, inputs, found), inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Rename it, or change its branches."""
        application = self.divio.applications.get(_olds["uuid"])
        refuse_other_place(self.divio, application, _news)
        return UpdateResult(self._converge(application, _news, adopted=bool(_olds.get("adopted"))))

    def remove(self, _id: str, _props: Props) -> None:
        """Delete it, unless mirrors live on it."""
        divio = self.divio
        shown = {item.uuid: item for item in divio.applications.list(fresh=True)}
        relations = {item.slug: divio.mirrors.relation(item) for uuid, item in shown.items() if uuid != _props["uuid"]}
        mirrors = sorted(slug for slug, relation in relations.items() if relation == _props["uuid"])
        if mirrors:
            raise Failed(
                f"{_id} has mirrors ({', '.join(mirrors)}), which would lose database, media and code; retire these first"
            )
        unknown = sorted(slug for slug, relation in relations.items() if relation is UNKNOWN)
        if unknown:
            raise Failed(
                f"Divio does not show whether {', '.join(unknown[:5])} are mirrors of {_id}, which would lose database, "
                f"media and code: delete {_id} in the Control Panel, then say DIVIO_DELETED={_id} with --refresh"
            )
        if _props["uuid"] not in shown:
            visibility.require_organisation(divio, _id, _props["organisation"])
        divio.applications.delete(_props["uuid"])

    def _request(self, props: Props) -> ApplicationCreate:
        commands = props.get("release_commands")
        return ApplicationCreate(
            **creation(self.divio, props),
            app_template=props.get("app_template"),
            repository=props.get("repository"),
            branch=(props.get("branch") or {}).get("test") or "main",
            release_commands=[dict(command) for command in commands] if commands else None,
        )

    def _converge(self, application: Found, props: Props, *, adopted: bool) -> Props:
        if application.name != props["name"]:
            self.divio.applications.update(application.uuid, name=props["name"])
        declared = props.get("branch") or {}
        for environment in self.divio.environments.list(application.uuid) if declared else ():
            branch = declared.get(environment.slug)
            if branch and branch != environment.branch:
                self.divio.environments.set_branch(environment.uuid, branch)
        return {**props, "uuid": application.uuid, "adopted": adopted}


def _differences(divio: Divio, found: Found, props: Props, running: Collection[str]) -> list[str]:
    """How an application that was deployed differs from what is declared; `running` are its environments that were."""
    differences = [] if found.name == props["name"] else [f'it is called "{found.name}", declared is "{props["name"]}"']
    declared = props.get("branch") or {}
    for environment in divio.environments.list(found.uuid) if declared else ():
        branch = declared.get(environment.slug)
        if environment.slug in running and branch and branch != environment.branch:
            differences.append(f"its {environment.slug} is on branch {environment.branch}, declared is {branch}")
    return differences


class Application(DivioResource):
    """An application of its own: code, Test and Live.

    Outputs: `uuid`, Divio's id of it, and `generation`, which counts changes that only a deployment makes true. State
    holds `adopted` besides: it was deployed before this state knew it.
    """

    uuid: pulumi.Output[str]
    generation: pulumi.Output[int]

    def __init__(self, resource_name: str, opts: Options = None, **inputs: Unpack[Inputs]) -> None:
        super().__init__(ApplicationProvider, resource_name, inputs, opts)
