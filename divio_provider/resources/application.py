"""`Application`: the original of an estate, or any other Divio application. Found by its slug, created where missing."""

from collections.abc import Mapping, Sequence
from typing import Unpack

import pulumi
from pulumi import Input
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.api.client import Divio
from divio_provider.api.models import Application as Found
from divio_provider.api.models import ApplicationCreate
from divio_provider.resources.base.application import (
    creation,
    identity_problems,
    other_plan,
    refreshed,
    still_shown,
)
from divio_provider.resources.base.inputs import ApplicationInputs
from divio_provider.resources.base.properties import Props, check_result, count_up
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource, Options
from divio_provider.resources.host import engine
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader import visibility
from divio_provider.resources.reader.lists import was_deployed


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
        """Find it by slug, or create it; an application that was deployed before is marked as adopted."""
        found = self.divio.applications.find(props["slug"])
        adopted = found is not None and was_deployed(self.divio, found.uuid)
        application = found or self.divio.applications.create(self._request(props))
        if found is not None:
            _check_organisation_and_region(self.divio, found, props)
            engine.inform(f"{props['slug']} exists on Divio and is used as it is")
        return CreateResult(props["slug"], self._converge(application, props, adopted=adopted))

    def read(self, id_: str, props: Props) -> ReadResult:
        """What Divio shows of it: its id, name and branches. Not shown means gone only where a person said so."""
        divio = self.divio
        found = visibility.application(
            divio, id_, props["uuid"], organisation=props["organisation"], deleted=self.configuration.deleted
        )
        if found is None:
            return ReadResult("", {})
        inputs = {**self.inputs_of(props), "name": found.name, **other_plan(divio, found, props["plan"])}
        if props.get("branch"):
            shown = {item.slug: item.branch for item in divio.environments.list(found.uuid)}
            inputs["branch"] = {slug: shown.get(slug) or branch for slug, branch in props["branch"].items()}
        return ReadResult(id_, refreshed(props, inputs, found), inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Rename it, or change its branches."""
        application = self.divio.applications.get(_olds["uuid"])
        return UpdateResult(self._converge(application, _news, adopted=bool(_olds.get("adopted"))))

    def remove(self, _id: str, _props: Props) -> None:
        """Delete it, unless mirrors live on it."""
        divio = self.divio
        shown = divio.applications.list(fresh=True)
        mirrors = sorted(item.slug for item in shown if divio.mirrors.relation(item) == _props["uuid"])
        if mirrors:
            raise Failed(
                f"{_id} has mirrors ({', '.join(mirrors)}), which would lose database, media and code; retire these first"
            )
        if _props["uuid"] not in {item.uuid for item in shown}:
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


def _check_organisation_and_region(divio: Divio, found: Found, props: Props) -> None:
    resolve = {"organisation": divio.organisations.resolve, "region": divio.regions.resolve}
    for what, shown in (("organisation", found.organisation), ("region", found.region)):
        if shown and shown != resolve[what](props[what]):
            raise Failed(
                f'{props["slug"]} exists on Divio (uuid {found.uuid}), but not in the {what} "{props[what]}"; '
                f"declare the {what} it has, or choose another slug"
            )


class Application(DivioResource):
    """An application of its own: code, Test and Live.

    Outputs: `uuid`, Divio's id of it, and `generation`, which counts changes that only a deployment makes true. State
    holds `adopted` besides: it was deployed before this program found it.
    """

    uuid: pulumi.Output[str]
    generation: pulumi.Output[int]

    def __init__(self, resource_name: str, opts: Options = None, **inputs: Unpack[Inputs]) -> None:
        super().__init__(ApplicationProvider, resource_name, inputs, opts)
