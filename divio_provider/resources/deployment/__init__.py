"""`Deployment`: one or more environments brought to their declared state together. A wave is one of these.

Why not a resource for each environment: the provider's process works on four operations at a time, so twenty sites
would queue. Beware: a wave is over when every site reports our own deployment; looking healthy is not enough.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.estate.planning.built_ins import provisioned_name
from divio_provider.resources.base.properties import Props, check_result
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource, type_chain
from divio_provider.resources.deployment.messages import duration_line, failure_report
from divio_provider.resources.deployment.observer import Observer
from divio_provider.resources.deployment.outcome import Limits
from divio_provider.resources.deployment.rehearsal import stop_message
from divio_provider.resources.deployment.release_step import ReleaseStep
from divio_provider.resources.deployment.rollout import Rollout
from divio_provider.resources.deployment.state import PreviousState, original_live
from divio_provider.resources.deployment.targets import Target, moment, targets_of
from divio_provider.resources.host import engine
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader import original_deployment
from divio_provider.resources.reader.lists import Reader


class DeploymentProvider(DivioProvider):
    """Reads what Divio shows before it deploys: repeated after a crash, it deploys only what is missing."""

    inputs = (
        "name",
        "urn",
        "role",
        "targets",
        "release",
        "released_at",
        "max_parallel",
        "max_failures",
        "timeout",
        "verify",
        "phase",
        "mirrors",
        "rehearsal",
        "tested",
        "stop",
    )
    passive_input = "mirrors"

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse numbers that make no sense; everything else is decided by what Divio shows."""
        inputs = self.inputs_of(news)
        problems = [
            f"{name} must be at least {least}, not {news[name]:g}"
            for name, least in (("max_parallel", 1), ("max_failures", 0), ("timeout", 1))
            if isinstance(news.get(name), float | int) and news[name] < least
        ]
        return check_result(inputs, *problems, *_services_lost(_olds, inputs))

    def create(self, props: Props) -> CreateResult:
        """Bring every target to its declared state."""
        return CreateResult(props["name"], self._deploy({}, props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Whether somebody else released the original's Live: then its mirrors are behind."""
        inputs = self.inputs_of(props)
        targets = targets_of(props)
        live = None
        if props.get("role") == "original":
            inputs["targets"] = {key: self._with_present_services(props, targets[key]) for key in targets}
            live = original_live(targets)
        outputs = {**props, **inputs}
        if live is not None and live.application and props.get("released_at_here"):
            now = original_deployment.deployed(self.divio, live.application, "live")
            if now is not None and now.deployment != (props.get("deployed") or {}).get(live.key):
                outputs["released_at_here"] = now.ended_at.isoformat()
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
        if news.get("rehearsal"):
            raise Failed(stop_message(news["name"], str(news.get("release") or ""), news["rehearsal"]))
        before = PreviousState(olds)
        targets = before.with_redeploy_marks(targets_of(news))
        to_observe = [target for key, target in targets.items() if before.must_be_observed(key, news)]
        observer = Observer(self.divio, news["role"], news.get("release"), moment(news.get("released_at")))
        step = ReleaseStep(self.divio, olds, news)
        for target in to_observe if news["role"] == "original" else ():
            step.begin(observer, target)
        limits = Limits.model_validate(news)
        outcome = Rollout(self.divio, observer, to_observe, limits, news.get("urn", "")).run()
        duration = duration_line(outcome.durations, outcome.seconds, len(outcome.failed))
        if duration:
            engine.inform(f"{news['name']}: {duration}", news.get("urn", ""))
        if len(outcome.failed) > limits.max_failures:
            raise Failed(failure_report(news["name"], outcome))
        step.check_finished(outcome.unfinished, targets)
        for key, reason in outcome.failed.items():
            engine.warn(f"{targets[key].label}: {reason}", news.get("urn", ""))
        return {**news, **before.outputs(self.divio, targets, outcome, step), "took": duration or before.took}


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


class Deployment(DivioResource, module="divio", name="Deployment"):
    """Environments that are deployed together, waited for together.

    Outputs: `unfinished`, what was not deployed for now (`estate.planning.unfinished.Report`), `broken`, the mirrors
    whose Test a release broke, with what is wrong, `excluded`, those that do not count in its rehearsal, `redeployed`,
    the marks of `redeploy` that were honoured, `deployed`, the deployment that each target (`slug/environment`) runs,
    `urls`, where each answers, `released_at_here`: for the original's Live, when its present release arrived there, and
    `took`, a line on how long it last deployed, empty where it never did.
    """

    unfinished: pulumi.Output[dict[str, Any]]
    broken: pulumi.Output[dict[str, str]]
    excluded: pulumi.Output[dict[str, str]]
    redeployed: pulumi.Output[dict[str, str]]
    deployed: pulumi.Output[dict[str, str]]
    urls: pulumi.Output[dict[str, str]]
    released_at_here: pulumi.Output[str]
    took: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        role: str,
        targets: Mapping[str, Mapping[str, pulumi.Input[Any]]],
        release: pulumi.Input[str] | None = None,
        released_at: pulumi.Input[str] | None = None,
        max_parallel: pulumi.Input[int] | None = None,
        max_failures: pulumi.Input[int] = 0,
        timeout: pulumi.Input[float] = 3600,
        verify: Mapping[str, pulumi.Input[Any]] | None = None,
        phase: pulumi.Input[str] | None = None,
        mirrors: Mapping[str, str] | None = None,
        rehearsal: pulumi.Input[Mapping[str, str]] | None = None,
        tested: pulumi.Input[Mapping[str, Any]] | None = None,
        stop: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        `role` is `original`, `mirrors`, or `wiring` (mirrors whose shared variables changed; those never deployed are
        left alone). `targets` maps `slug/environment` to the fields of `targets.Target`. `release` is the original's
        declared release, `released_at` when its Live got it (unset: looked up on Divio). `max_parallel` targets run at
        a time (default: all), `max_failures` may fail, `timeout` is in seconds for each. `verify` is what a site must
        answer afterwards: `path`, `status`, `text`, `timeout` in seconds, `identity`, and `credentials`,
        a secret `user:password`. `phase` (`expand` or `contract`) is the release's, `mirrors` are the declared slugs with
        the reason why each is on hold, or "": with them the original's step refuses a contraction while one is behind,
        and rehearses. `rehearsal` is `broken` of the original's Test: with anything in it nothing is deployed. `tested`
        is what another stack that manages Test exports as its `rehearsal`, or empty: the original's Live then asks the
        mirrors' Tests itself. `stop` is why nothing is deployed for now; what is not in sync is then unfinished.
        """
        inputs: Props = {
            "name": resource_name,
            "urn": _urn(resource_name, opts),
            "role": role,
            "targets": {key: dict(target) for key, target in targets.items()},
            "release": release,
            "released_at": released_at,
            "max_parallel": max_parallel,
            "max_failures": max_failures,
            "timeout": timeout,
            "verify": dict(verify) if verify else None,
            "phase": phase,
            "mirrors": dict(mirrors) if mirrors else None,
            "rehearsal": rehearsal,
            "tested": tested,
            "stop": stop,
        }
        super().__init__(DeploymentProvider(), resource_name, inputs, opts)


def _urn(name: str, opts: pulumi.ResourceOptions | None) -> str:
    """The URN that the engine will give the resource: in that row of the CLI its progress is shown.

    Built from plain strings; an output that depends on the parent would make the engine see a circle.
    """
    chain = type_chain("pulumi-python:dynamic/divio:Deployment", opts)
    return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{chain}::{name}"
