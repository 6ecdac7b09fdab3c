"""`Domain`: a custom domain of a Live environment. Moving it to another site is an update."""

from typing import Any, NotRequired, Unpack

import pulumi
from pulumi import Input
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.api.client import Divio
from divio_provider.api.contract.types import Manual
from divio_provider.estate.planning.built_ins import deployed_hosts, deployed_kind
from divio_provider.estate.planning.unfinished import Code, Unfinished
from divio_provider.resources.base.inputs import SiteInputs
from divio_provider.resources.base.properties import Props, check_result, count_up, immutable_problem
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource, Options
from divio_provider.resources.host import engine
from divio_provider.resources.reader.first_contact import refuse_differences, refuse_stranger
from divio_provider.resources.reader.lists import Reader, domain_kind
from divio_provider.resources.reader.original_deployment import deployed

_KINDS = ("primary", "alias", "redirect")


class Inputs(SiteInputs):
    """What a `Domain` takes."""

    host: Input[str]
    kind: NotRequired[Input[str]]
    """`primary`, `alias` (the default) or `redirect`."""
    original: NotRequired[Input[str]]
    """Of a mirror's: the original's slug."""
    original_uuid: NotRequired[Input[str]]


class DomainProvider(DivioProvider):
    """Find-or-create by host name; pending where Divio's API is not known to have such a call."""

    inputs = (*Inputs.__annotations__, "generation")
    passive_inputs = ("original", "original_uuid")

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Count the generation that deployments listen to: `DOMAIN*` reach a site only by deploying."""
        inputs = {"kind": "alias", **self.inputs_of(news)}
        inputs["generation"] = count_up(_olds, inputs, "generation", ("application", "kind"))
        kind = inputs.get("kind")
        way_out = "declare the other host as a domain of its own; the line of this one may go, which detaches it"
        return check_result(
            inputs,
            "" if kind in _KINDS else f'{inputs.get("host")}: kind "{kind}" must be one of {_KINDS}',
            immutable_problem(_olds, inputs, "host", way_out),
        )

    def create(self, props: Props) -> CreateResult:
        """Attach it to its site."""
        return CreateResult(props["host"], self._converge({}, props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Where Divio has it now."""
        divio = self.divio
        if not props.get("application") or isinstance(divio.capabilities.domains(), Manual):
            return self.stored(id_, props)
        found = divio.domains.find(id_)
        if found is None:
            # Hidden or deleted with its application, whose own resource tells which: kept either way.
            is_kept = Reader(divio).application(props["site"]) is None
            return self.stored(id_, props) if is_kept else ReadResult("", {})
        shown = {"application": found.application, "kind": domain_kind(found) or props["kind"]}
        return ReadResult(id_, {**props, **shown}, {**self.inputs_of(props), **shown})

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Move it or change its kind, in place."""
        return UpdateResult(self._converge(_olds, _news))

    def remove(self, _id: str, _props: Props) -> None:
        """Detach it from its site; where the API cannot, say who has to."""
        divio = self.divio
        if not _props.get("application"):
            return
        if isinstance(divio.capabilities.domains(), Manual):
            engine.warn(f"{_id} has to be removed from {_props['site']} in the Control Panel (application, Domains)")
            return
        found = divio.domains.find(_id)
        if found is not None and found.application == _props["application"]:
            _refuse_stranger(divio, _props)
            divio.domains.delete(found.uuid)

    def _converge(self, olds: Props, news: Props) -> Props:
        divio = self.divio
        if not news.get("application"):
            return _pending(news, "waits", f"waits for the application {news['site']}, which does not exist yet")
        shape = divio.capabilities.domains()
        if isinstance(shape, Manual):
            return self._by_hand(divio, news, shape.reason)
        primary, redirect = news["kind"] == "primary", news["kind"] == "redirect"
        _refuse_stranger(divio, news)
        found = divio.domains.find(news["host"])
        if found is not None and not olds.get("application") and found.application == news["application"]:
            live = deployed(divio, news["application"], "live")
            carried = deployed_kind(news["host"], live.variables) if live is not None else ""
            if live is not None and (domain_kind(found) or carried) == carried == news["kind"]:
                return {**news, "unfinished": {}}
            if live is not None:
                is_ = f"attached as {domain_kind(found) or 'a domain'}, deployed {f'as {carried}' if carried else 'without it'}"
                differing = [f"{news['host']} is {is_}, declared as {news['kind']}"]
                place = f"{news['site']} live"
                refuse_differences(divio, self.configuration, news["site"], place, differing, news["application"])
        if found is None:
            divio.domains.create(news["application"], news["host"], is_primary=primary, is_redirect=redirect)
        elif (found.application, found.is_primary, found.is_redirect) != (news["application"], primary, redirect):
            ours = {news["application"], olds.get("application")}
            if found.application not in ours:
                return _pending(news, "manual", "belongs to another application on Divio; remove it there first")
            divio.domains.update(found.uuid, application=news["application"], is_primary=primary, is_redirect=redirect)
        return {**news, "unfinished": {}}

    def _by_hand(self, divio: Divio, news: Props, why: str) -> Props:
        live = deployed(divio, news["application"], "live", fresh=True)
        if live is not None and news["host"] in deployed_hosts(live.variables):
            return {**news, "unfinished": {}}
        return _pending(
            news,
            "manual",
            f"has to be attached by a person ({why}): in the Control Panel open {news['site']}, Domains, add "
            f"{news['host']} as {news['kind']}, and deploy Live once; the next pulumi up finds it there",
        )


def _refuse_stranger(divio: Divio, props: Props) -> None:
    """Raise `Failed` where the site, declared as a mirror, is none on Divio: its domains are somebody else's."""
    site = Reader(divio).applications.get(props["application"]) if props.get("original_uuid") else None
    if site is not None:
        refuse_stranger(divio, site, props)


def _pending(props: Props, code: Code, reason: str) -> Props:
    engine.warn(f"{props['host']} is pending: it {reason}")
    pending = [Unfinished(environment="live", code=code, text=f"{props['host']} {reason}")]
    return {**props, "unfinished": {props["site"]: pending}}


class Domain(DivioResource):
    """A custom domain of a site's Live environment.

    Outputs: `generation`, which counts changes that only a deployment makes true, and `unfinished`, why it is pending
    (`estate.planning.unfinished.Report`), empty when it is attached.
    """

    generation: pulumi.Output[int]
    unfinished: pulumi.Output[dict[str, Any]]

    def __init__(self, resource_name: str, opts: Options = None, **inputs: Unpack[Inputs]) -> None:
        super().__init__(DomainProvider, resource_name, inputs, opts)
