"""`ServiceInstance`: a database or a storage of one environment. Divio provisions it with the next deployment."""

from typing import NotRequired, Unpack

import pulumi
from pulumi import Input
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.api.client import Divio
from divio_provider.api.models import ServiceInstance as Found
from divio_provider.resources.base.inputs import EnvironmentInputs
from divio_provider.resources.base.properties import Props, check_result, immutable_problem
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource, Options
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader import visibility
from divio_provider.resources.reader.lists import Reader, environment_of, environments_of


class Inputs(EnvironmentInputs):
    """What a `ServiceInstance` takes."""

    region: Input[str]
    type: Input[str]
    """`DATABASE` or `STORAGE`."""
    service: Input[str]
    """An identifier, name or uuid of one that Divio offers in the region."""
    prefix: NotRequired[Input[str]]
    """Of its variables; default `DEFAULT`."""


class ServiceInstanceProvider(DivioProvider):
    """Find-or-create by environment, type and prefix. It holds data, so it is never replaced and never removed."""

    inputs = (*Inputs.__annotations__,)

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse what would lose data."""
        inputs = {"prefix": "DEFAULT", **self.inputs_of(news)}
        keep = "its data would stay behind; declare a further instance under a prefix of its own and move the data"
        fixed = ("site", "environment", "type", "prefix", "service")
        return check_result(inputs, *(immutable_problem(_olds, inputs, name, keep) for name in fixed))

    def create(self, props: Props) -> CreateResult:
        """Find it or register it; provisioning is the deployment's job."""
        divio = self.divio
        environment = environments_of(divio, props["application"]).get(props["environment"])
        if environment is None:
            raise Failed(f"{props['site']} has no environment {props['environment']}")
        found = _find(divio, environment, props)
        if found is None:
            region = divio.regions.resolve(props["region"])
            service = divio.services.resolve(region, props["service"])
            found = divio.service_instances.create(environment, region, service, props["prefix"])
        id_ = "/".join((props["site"], props["environment"], props["type"], props["prefix"]))
        return CreateResult(id_, {**props, "uuid": found.uuid})

    def read(self, id_: str, props: Props) -> ReadResult:
        """Whether it is still there."""
        divio = self.divio
        allowed = self.configuration.deleted
        site = visibility.application(divio, props["site"], props["application"], deleted=allowed)
        environment = Reader(divio).environments(site.uuid).get(props["environment"]) if site else None
        found = _find(divio, environment.uuid, props) if environment else None
        if found is None:
            return ReadResult("", {})
        return ReadResult(id_, {**props, "uuid": found.uuid}, self.inputs_of(props))

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Nothing of it changes in place; a new uuid of its application is taken over."""
        return UpdateResult({**_news, "uuid": self.create(_news).outs["uuid"]})  # type: ignore[index]

    def remove(self, _id: str, _props: Props) -> None:
        """Refuse to remove what holds data; what is gone already is fine."""
        environment = environment_of(self.divio, _props["site"], _props["environment"])
        if environment is not None and _find(self.divio, environment, _props) is not None:
            raise Failed(
                f"{_id} holds data and is not removed from here: in the Control Panel detach it (application, Services),"
                f" deploy, then remove it there; or keep it and forget it with pulumi state delete"
            )


def _find(divio: Divio, environment: str, props: Props) -> Found | None:
    wanted = (props["type"], props["prefix"])
    listed = divio.service_instances.list(environment)
    return next((item for item in listed if (item.type, item.prefix) == wanted), None)


class ServiceInstance(DivioResource):
    """A database or a storage of an environment; output `uuid`."""

    uuid: pulumi.Output[str]

    def __init__(self, resource_name: str, opts: Options = None, **inputs: Unpack[Inputs]) -> None:
        super().__init__(ServiceInstanceProvider, resource_name, inputs, opts)
