"""One environment, Test or Live, of all sites of an estate: its services, variables, domains and targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pulumi

from divio_provider.estate.declaration.spec import Environment, Spec
from divio_provider.estate.planning.built_ins import provisioned_name
from divio_provider.estate.planning.variables import SecretRef, shared_secrets, variables_of
from divio_provider.estate.planning.wiring import SITE_ID
from divio_provider.resources.domain import Domain
from divio_provider.resources.environment_variables import EnvironmentVariables
from divio_provider.resources.service_instance import ServiceInstance

Target = dict[str, Any]
"""The fields of `resources.targets.Target`, with outputs in them."""


class Estate(Protocol):
    """What an environment needs of the estate that it is a part of."""

    spec: Spec
    uuids: dict[str, pulumi.Output[str]]

    def options(self, **more: Any) -> pulumi.ResourceOptions: ...  # noqa: ANN401, D102
    def report(self, unfinished: pulumi.Output[dict[str, Any]]) -> None: ...  # noqa: D102
    def application(self, slug: str) -> pulumi.Resource | None: ...  # noqa: D102
    def site_id(self, slug: str) -> pulumi.Output[int]: ...  # noqa: D102
    def secret(self, key: str) -> pulumi.Output[str]: ...  # noqa: D102


@dataclass(frozen=True)
class _Declared:
    variables: EnvironmentVariables
    names: list[str]
    domains: list[Domain]


class EnvironmentPart:
    """The resources of one environment, and the targets that deployments get from them."""

    def __init__(self, estate: Estate, environment: Environment) -> None:
        """Nothing is declared yet."""
        self._estate = estate
        self._environment: Environment = environment
        self._declared: dict[str, _Declared] = {}

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

    def original_target(self) -> Target:
        """The original as a target."""
        original = self._estate.spec.original
        branch = getattr(original.branch, self._environment)
        return {
            **self._target(original.slug),
            "site_id": self._estate.site_id(original.slug).apply(str),
            "services": [provisioned_name(type_, prefix) for type_, prefix, _ in self._services()],
            **({"branch": branch} if branch else {}),
        }

    def mirror_target(self, slug: str) -> Target:
        """A mirror as a target of the waves."""
        declared = self._declared[slug]
        return {
            **self._target(slug),
            **self._mirror_fields(slug),
            "fingerprint": declared.variables.fingerprint,
        }

    def wiring_target(self, slug: str) -> Target:
        """A mirror as a target of the wiring, which listens to the shared variables alone."""
        declared = self._declared[slug]
        return {
            "site": slug,
            "environment": self._environment,
            "application": self._estate.uuids[slug],
            **self._mirror_fields(slug),
            "variables": declared.variables.wired,
            "names": list(self._estate.spec.shared_variables),
            "changed_at": declared.variables.wired_at,
            "fingerprint": declared.variables.fingerprint,
            "unfinished": declared.variables.unfinished,
        }

    def foreign_target(self, slug: str) -> Target:
        """A mirror whose variables another stack manages; it is deployed for a release alone."""
        return {
            "site": slug,
            "environment": self._environment,
            "application": self._estate.uuids[slug],
            **self._mirror_fields(slug),
        }

    def _mirror_fields(self, slug: str) -> Target:
        spec = self._estate.spec
        held = spec.mirrors[slug].hold
        return {
            **({"hold": held.said} if held else {}),
            "original": spec.original.slug,
            "source": self._estate.uuids[spec.original.slug],
            "site_id": self._estate.site_id(slug).apply(str),
            "shared": list(spec.shared_variables),
        }

    def _target(self, slug: str) -> Target:
        declared = self._declared[slug]
        variables = declared.variables
        return {
            "site": slug,
            "environment": self._environment,
            "application": self._estate.uuids[slug],
            "variables": variables.generation,
            "names": declared.names,
            "changed_at": variables.changed_at,
            "unfinished": variables.unfinished,
            **({"redeploy": self._estate.spec.redeploy[slug]} if slug in self._estate.spec.redeploy else {}),
            **({"hosts": _attached(declared.domains)} if declared.domains else {}),
        }

    def _declare(self, slug: str, original: str | None, after: Sequence[pulumi.Resource]) -> None:
        estate, site = self._estate, self._estate.spec.site(slug)
        application = estate.application(slug)
        found = variables_of(estate.spec, slug, self._environment)
        values: dict[str, pulumi.Input[str | int]] = {
            name: estate.secret(value.key) if isinstance(value, SecretRef) else value for name, value in found.items()
        }
        if original is not None or site.site_id is not None:
            values[SITE_ID] = estate.site_id(slug).apply(str)
        retained = {"retain_on_delete": True} if getattr(site, "retain", False) else {}
        variables = EnvironmentVariables(
            f"{slug}/{self._environment}",
            site=slug,
            environment=self._environment,
            application=estate.uuids[slug],
            original=original,
            source=estate.uuids[original] if original is not None else None,
            variables=values,
            shared=estate.spec.shared_variables if original is not None else (),
            shared_values=self._given() if original is not None else None,
            sensitive=[name for name, value in found.items() if isinstance(value, SecretRef)],
            ownership=getattr(site, "ownership", "owned"),
            contracts=holds(estate.spec) if original is None and estate.spec.phase == "contract" else None,
            opts=estate.options(depends_on=list(after), deleted_with=application, **retained),
        )
        estate.report(variables.unfinished)
        domains = self._domains(slug, site.domains, application) if self._environment == "live" else []
        self._declared[slug] = _Declared(variables, sorted(values), domains)

    def _given(self) -> Mapping[str, pulumi.Input[str]] | None:
        given = shared_secrets(self._estate.spec, self._environment)
        return {name: self._estate.secret(reference.key) for name, reference in given.items()} or None

    def _domains(self, slug: str, hosts: Sequence[str], application: pulumi.Resource | None) -> list[Domain]:
        domains = [
            Domain(
                host,
                host=host,
                site=slug,
                application=self._estate.uuids[slug],
                kind="primary" if position == 0 else "alias",
                opts=self._estate.options(deleted_with=application),
            )
            for position, host in enumerate(hosts)
        ]
        for domain in domains:
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


def _attached(domains: Sequence[Domain]) -> pulumi.Output[dict[str, int]]:
    """The generations of those domains that Divio knows: deploying would change nothing for the others."""
    return pulumi.Output.all(
        *(pulumi.Output.all(item.host, item.generation, item.unfinished) for item in domains)
    ).apply(lambda rows: {host: int(generation) for host, generation, unfinished in rows if not unfinished})
