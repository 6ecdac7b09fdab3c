"""One environment, Test or Live, of all sites of an estate: its services, variables, domains and targets."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import pulumi

from divio_provider.estate.declaration.spec import Environment, Spec
from divio_provider.estate.planning.built_ins import provisioned_name
from divio_provider.estate.planning.variables import SecretRef, shared_secrets, variables_of
from divio_provider.estate.planning.wiring import SITE_ID
from divio_provider.resources.base.inputs import MirrorTarget, OriginalTarget, Target
from divio_provider.resources.domain import Domain
from divio_provider.resources.environment_variables import EnvironmentVariables
from divio_provider.resources.environment_variables.inputs import Inputs
from divio_provider.resources.service_instance import ServiceInstance


class Estate(Protocol):
    """What an environment needs of the estate that it is a part of."""

    spec: Spec
    uuids: dict[str, pulumi.Output[str]]

    def options(self, **more: Any) -> pulumi.ResourceOptions: ...  # noqa: ANN401, D102
    def report(self, unfinished: pulumi.Output[dict[str, Any]]) -> None: ...  # noqa: D102
    def application(self, slug: str) -> pulumi.Resource | None: ...  # noqa: D102
    def site_id(self, slug: str) -> pulumi.Output[str]: ...  # noqa: D102
    def secret(self, key: str) -> pulumi.Output[str]: ...  # noqa: D102


class EnvironmentPart:
    """The resources of one environment, and the targets that deployments get from them."""

    def __init__(self, estate: Estate, environment: Environment) -> None:
        """Nothing is declared yet."""
        self._estate = estate
        self._environment: Environment = environment
        self._variables: dict[str, EnvironmentVariables] = {}
        self._domains: dict[str, dict[str, Domain]] = {}

    def declare_original(self) -> None:
        """Declare the original's services, variables and domains."""
        estate, original = self._estate, self._estate.spec.original
        services = [
            ServiceInstance(
                f"{original.slug}/{self._environment}/{type_}/{prefix}",
                site=original.slug,
                environment=self._environment,
                application=estate.uuids[original.slug],
                region=estate.spec.region,
                type=type_,
                prefix=prefix,
                service=service,
                # A destroyed stack forgets what holds data; its deployment refuses to lose one that is undeclared.
                opts=estate.options(retain_on_delete=True),
            )
            for type_, prefix, service in self._services()
        ]
        self._declare(original.slug, None, after=services)

    def declare_mirror(self, slug: str, after: Sequence[pulumi.Resource]) -> None:
        """Declare a mirror's variables and domains; `after` are the original's deployments, which it copies from."""
        self._declare(slug, self._estate.spec.original.slug, after)

    def original_target(self) -> OriginalTarget:
        """The original as a target."""
        original = self._estate.spec.original
        target = cast("OriginalTarget", self._variables[original.slug].target)
        self._complete(original.slug, target)
        target["site_id"] = self._estate.site_id(original.slug)
        target["services"] = [provisioned_name(type_, prefix) for type_, prefix, _ in self._services()]
        branch = getattr(original.branch, self._environment)
        if branch:
            target["branch"] = branch
        return target

    def mirror_target(self, slug: str) -> MirrorTarget:
        """A mirror as a target; where another stack manages its variables, it is deployed for a release alone."""
        spec, variables = self._estate.spec, self._variables.get(slug)
        target: MirrorTarget = {
            "site": slug,
            "environment": self._environment,
            "application": self._estate.uuids[slug],
            "original": spec.original.slug,
            "original_uuid": self._estate.uuids[spec.original.slug],
            "site_id": self._estate.site_id(slug),
            "shared": sorted(spec.shared_variables),
        }
        if variables is not None:
            target |= variables.mirror_target
            self._complete(slug, target)
        held = spec.mirrors[slug].hold
        if held:
            target["hold"] = held.said
        return target

    def _complete(self, slug: str, target: Target) -> None:
        """Add what a site's variables do not tell."""
        spec, domains = self._estate.spec, self._domains[slug]
        if slug in spec.redeploy:
            target["redeploy"] = spec.redeploy[slug]
        if domains:
            target["domains"] = {
                host: {"generation": domain.generation, "unfinished": domain.unfinished}
                for host, domain in domains.items()
            }

    def _declare(self, slug: str, original: str | None, after: Sequence[pulumi.Resource]) -> None:
        estate, site = self._estate, self._estate.spec.site(slug)
        application = estate.application(slug)
        found = variables_of(estate.spec, slug, self._environment)
        values: dict[str, pulumi.Input[str | int]] = {
            name: estate.secret(value.key) if isinstance(value, SecretRef) else value for name, value in found.items()
        }
        if original is not None or site.site_id is not None:
            values[SITE_ID] = estate.site_id(slug)
        inputs: Inputs = {
            "site": slug,
            "environment": self._environment,
            "application": estate.uuids[slug],
            "variables": values,
            "sensitive": [name for name, value in found.items() if isinstance(value, SecretRef)],
            "ownership": getattr(site, "ownership", "owned"),
        }
        if site.site_id is not None:
            inputs["pinned"] = True
        if predecessors := estate.spec.predecessors(slug):
            inputs["predecessors"] = predecessors
        if original is not None:
            inputs |= {"original": original, "original_uuid": estate.uuids[original]}
            inputs |= {"shared": estate.spec.shared_variables, "shared_values": self._given()}
        elif estate.spec.phase == "contract":
            inputs["contraction"] = holds(estate.spec)
        retained = {"retain_on_delete": True} if getattr(site, "retain", False) else {}
        options = estate.options(depends_on=list(after), deleted_with=application, **retained)
        variables = EnvironmentVariables(f"{slug}/{self._environment}", options, **inputs)
        estate.report(variables.unfinished)
        self._variables[slug] = variables
        self._domains[slug] = self._declare_domains(slug, application) if self._environment == "live" else {}

    def _given(self) -> Mapping[str, pulumi.Input[str]]:
        given = shared_secrets(self._estate.spec, self._environment)
        return {name: self._estate.secret(reference.key) for name, reference in given.items()}

    def _declare_domains(self, slug: str, application: pulumi.Resource | None) -> dict[str, Domain]:
        original = self._estate.spec.original.slug
        relation: Any = (
            {"original": original, "original_uuid": self._estate.uuids[original]} if slug != original else {}
        )
        domains = {
            host: Domain(
                host,
                host=host,
                site=slug,
                application=self._estate.uuids[slug],
                kind="primary" if position == 0 else "alias",
                **relation,
                opts=self._estate.options(deleted_with=application),
            )
            for position, host in enumerate(self._estate.spec.site(slug).domains)
        }
        for domain in domains.values():
            self._estate.report(domain.unfinished)
        return domains

    def _services(self) -> list[tuple[str, str, str]]:
        services = self._estate.spec.original.services
        return [(*_type_and_prefix(key), service) for key, service in services.items()]


def holds(spec: Spec) -> dict[str, str]:
    """Every mirror with the reason why it is on hold, or ""."""
    return {slug: site.hold.said if site.hold else "" for slug, site in spec.mirrors.items()}


def _type_and_prefix(key: str) -> tuple[str, str]:
    type_, _, prefix = key.partition("/")
    return type_, prefix or "DEFAULT"
