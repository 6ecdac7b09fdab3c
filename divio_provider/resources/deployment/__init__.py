"""`Deployment`: one or more environments brought to their declared state together. A wave is one of these.

Why not a resource for each environment: the provider's process works on four operations at a time, so twenty sites
would queue. Beware: a wave is over when every site reports our own deployment; looking healthy is not enough.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, Unpack

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.estate.planning.built_ins import provisioned_name
from divio_provider.resources.base.inputs import MirrorTarget, OriginalTarget
from divio_provider.resources.base.properties import Props, check_result
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import TYPE, DivioResource, Options, type_chain
from divio_provider.resources.deployment.inputs import MirrorsStep, OriginalStep, Step
from divio_provider.resources.deployment.messages import duration_line, failure_report, plan_line
from divio_provider.resources.deployment.observer import Kind, Observer
from divio_provider.resources.deployment.outcome import Limits
from divio_provider.resources.deployment.rehearsal import stop_message
from divio_provider.resources.deployment.release_gate import ReleaseGate
from divio_provider.resources.deployment.rollout import Rollout
from divio_provider.resources.deployment.state import PreviousState, original_live
from divio_provider.resources.deployment.targets import Target, moment, targets_of
from divio_provider.resources.host import engine
from divio_provider.resources.host.configuration import includes
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader import original_deployment
from divio_provider.resources.reader.lists import Reader


class DeploymentProvider(DivioProvider):
    """Reads what Divio shows before it deploys: repeated after a crash, it deploys only what is missing."""

    inputs = ("name", "urn", "kind", "targets", *OriginalStep.__annotations__, "released_at", "max_parallel", "stop")
    defaults: ClassVar = {"max_failures": 0, "timeout": 3600}
    passive_inputs = ("mirrors",)

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse numbers that make no sense; everything else is decided by what Divio shows."""
        inputs = self.inputs_of(news)
        problems = [
            f"{name} must be at least {least}, not {news[name]:g}"
            for name, least in (("max_parallel", 1), ("max_failures", 0), ("timeout", 1))
            if isinstance(news.get(name), float | int) and news[name] < least
        ]
        problems += _services_lost(_olds, inputs)
        plan = "" if problems else plan_line(_olds, inputs)
        if plan:
            engine.inform(plan)
        return check_result(inputs, *problems)

    def create(self, props: Props) -> CreateResult:
        """Bring every target to its declared state."""
        return CreateResult(props["name"], self._deploy({}, props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Whether somebody else released the original's Live: then its mirrors are behind."""
        inputs = self.inputs_of(props)
        targets = targets_of(props)
        live = None
        if props.get("kind") == "original":
            inputs["targets"] = {key: self._with_present_services(props, targets[key]) for key in targets}
            live = original_live(targets)
        outputs = {**props, **inputs}
        ours = (props.get("deployed") or {}).get(live.key) if live is not None else None
        if live is not None and live.application and ours:
            now = original_deployment.deployed(self.divio, live.application, "live")
            if now is not None and now.deployment != ours:
                outputs["original_released_at"] = now.ended_at.isoformat()
                outputs["deployed"] = {**(props.get("deployed") or {}), live.key: now.deployment}
        return ReadResult(id_, outputs, inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Read the targets that changed or were unfinished, and deploy those that need it."""
        return UpdateResult(self._deploy(_olds, _news))

    def delete(self, _id: str, _props: Props) -> None:
        """What was deployed stays deployed."""

    def _with_present_services(self, props: Props, target: Target) -> Props:
        declared: Props = props["targets"][target.key]
        if not target.services or not target.application:
            return declared
        found = Reader(self.divio).environments(target.application).get(target.environment)
        if found is None:
            return declared  # hidden from the token's account is not taken off
        listed = self.divio.service_instances.list(found.uuid)
        there = {provisioned_name(item.type or "", item.prefix) for item in listed}
        return {**declared, "services": [name for name in target.services if name in there]}

    def _deploy(self, olds: Props, news: Props) -> Props:
        broken = (news.get("rehearsal") or {}).get("broken")
        if broken:
            raise Failed(stop_message(news["name"], str(news.get("release") or ""), broken))
        before = PreviousState(olds)
        targets = before.with_redeploy_marks(targets_of(news))
        to_observe = [target for key, target in targets.items() if before.must_be_observed(key, news)]
        # A deployment that is new to the state may meet sites that are older than the state: these are only looked at.
        observer = Observer(
            self.divio,
            news["kind"],
            news.get("release"),
            moment(news.get("released_at")),
            lambda target: bool(olds) or includes(self.configuration.taken_over, target.site),
        )
        gate = ReleaseGate(self.divio, olds, news)
        for target in to_observe if news["kind"] == "original" else ():
            gate.begin(observer, target)
        limits = Limits.model_validate(news)
        outcome = Rollout(self.divio, observer, to_observe, limits, news.get("urn", "")).run()
        duration = duration_line(outcome.durations, outcome.seconds, len(outcome.failed))
        if len(outcome.failed) > limits.max_failures:
            raise Failed(failure_report(news["name"], outcome, duration))
        gate.check_finished(outcome.unfinished, targets)
        for key, reason in outcome.failed.items():
            engine.warn(f"{targets[key].label}: {reason}", news.get("urn", ""))
        # A run that deploys nothing leaves the duration, so that it changes nothing.
        duration = duration or str(olds.get("duration") or "")
        return {**news, **before.outputs(self.divio, targets, outcome, gate), "duration": duration}


def _services_lost(olds: Props, news: Props) -> list[str]:
    """Services that the old inputs have and the new ones lack. Removed by hand, a refresh takes them off the old."""
    problems = []
    for key, target in (news.get("targets") or {}).items():
        before = ((olds.get("targets") or {}).get(key) or {}).get("services") or []
        lost = sorted(set(before) - set(target.get("services") or []))
        if lost:
            problems.append(
                f"{key.replace('/', ' ')}: the service behind {', '.join(lost)} is no longer declared, but it holds data and is "
                f"not removed from here: in the Control Panel detach it (application, Services), deploy, remove it there, "
                f"then pulumi up --refresh; or declare it again"
            )
    return problems


class Deployment(DivioResource):
    """Environments that are deployed together, waited for together: made by `of_original`, `of_wiring`, `of_mirrors`.

    Outputs: `unfinished`, what was not deployed for now (`estate.planning.unfinished.Report`), `broken`, the mirrors
    whose Test a release broke, with what is wrong, `excluded`, those that do not count in its rehearsal, `urls`, where
    each target (`slug/environment`) answers, `original_released_at`: for the original's Live, when its present release
    arrived there, and `duration`, a line on how long it last deployed, empty where it never did. State holds besides:
    `deployed`, the deployment that each target runs, and `redeployed`, the marks of `redeploy` that were honoured.
    """

    unfinished: pulumi.Output[dict[str, Any]]
    broken: pulumi.Output[dict[str, str]]
    excluded: pulumi.Output[dict[str, str]]
    urls: pulumi.Output[dict[str, str]]
    original_released_at: pulumi.Output[str]
    duration: pulumi.Output[str]

    def __init__(
        self, resource_name: str, kind: Kind, targets: Sequence[Mapping[str, Any]], step: Step, opts: Options
    ) -> None:
        """Not to be called; the three below are."""
        by_key = {f"{target['site']}/{target['environment']}": target for target in targets}
        inputs = {"name": resource_name, "urn": _urn(resource_name, opts), "kind": kind, "targets": by_key, **step}
        super().__init__(DeploymentProvider, resource_name, inputs, opts)

    @classmethod
    def of_original(
        cls, resource_name: str, target: OriginalTarget, opts: Options = None, **step: Unpack[OriginalStep]
    ) -> Self:
        """The original's Test or its Live, or any application that is no mirror."""
        return cls(resource_name, "original", [target], step, opts)

    @classmethod
    def of_wiring(
        cls, resource_name: str, targets: Sequence[MirrorTarget], opts: Options = None, **step: Unpack[Step]
    ) -> Self:
        """Mirrors whose shared variables changed, all at once; those never deployed are left to `of_mirrors`."""
        others = {"names", "change", "domains", "redeploy"}
        wired = [
            {name: value for name, value in target.items() if name not in others}
            | {"names": target["shared"], "change": target.get("shared_change")}
            for target in targets
        ]
        return cls(resource_name, "wiring", wired, step, opts)

    @classmethod
    def of_mirrors(
        cls, resource_name: str, targets: Sequence[MirrorTarget], opts: Options = None, **step: Unpack[MirrorsStep]
    ) -> Self:
        """A wave of mirrors."""
        return cls(resource_name, "mirrors", targets, step, opts)


def _urn(name: str, opts: Options) -> str:
    """The URN that the engine will give the resource: in that row of the CLI its progress is shown.

    Built from plain strings; an output that depends on the parent would make the engine see a circle.
    """
    chain = type_chain(TYPE.format("Deployment"), opts)
    return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{chain}::{name}"
