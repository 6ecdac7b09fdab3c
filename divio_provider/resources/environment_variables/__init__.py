"""`EnvironmentVariables`: all our variables on one site's environment, the original's shared ones included.

A mirror's environment without `SITE_ID` would act as site 1, and without the shared variables on a database of its
own: `check` refuses the first, and nothing here ever removes either from a mirror that stays.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.estate.planning.built_ins import is_built_in
from divio_provider.estate.planning.wiring import RELEASE, copy_state
from divio_provider.resources.base.properties import Props, check_result
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource
from divio_provider.resources.environment_variables.converge import converge
from divio_provider.resources.environment_variables.inputs import (
    INPUTS,
    never_removed,
    normalised,
    problems,
    refreshed_value,
)
from divio_provider.resources.reader import visibility
from divio_provider.resources.reader.contract_gate import refuse_contraction
from divio_provider.resources.reader.lists import Reader, environment_of
from divio_provider.resources.reader.original_deployment import deployed


class EnvironmentVariablesProvider(DivioProvider):
    """Adds and updates before it removes; a variable that Divio refuses fails no other site."""

    inputs = INPUTS
    passive_input = "contracts"

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Normalise the values, count the generations, refuse a mirror without a `SITE_ID` of its own."""
        inputs = normalised(_olds, news)
        return check_result(inputs, *problems(inputs))

    def create(self, props: Props) -> CreateResult:
        """Set what is declared; foreign variables stay, a `SITE_ID` that differs is never changed silently."""
        return CreateResult(f"{props['site']}/{props['environment']}", converge(self.divio, {}, props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """What Divio shows of the declared variables. A withheld value counts as ours while the variable is there."""
        divio = self.divio
        inputs = self.inputs_of(props)
        if not props.get("application"):
            return self.stored(id_, props)
        site = visibility.application(
            divio,
            props["site"],
            props["application"],
            source=props.get("source") or "",
            original=props.get("original") or "",
            deleted=self.configuration.allow_delete,
        )
        reader = Reader(divio)
        environment = reader.environments(site.uuid).get(props["environment"]) if site else None
        if site is None or environment is None:
            return ReadResult("", {})
        present = {item.name: item for item in reader.variables(site.uuid, environment.uuid)}
        inputs["variables"] = {
            name: refreshed_value(value, present[name].value, trimmed=name in (props.get("trimmed") or ()))
            for name, value in (props.get("variables") or {}).items()
            if name in present
        }
        inputs["sensitive"] = sorted(name for name in inputs["variables"] if present[name].is_sensitive)
        if props.get("shared"):
            inputs["shared"] = self._copy_states(props, present)
        if props.get("ownership") == "exclusive":
            others = present.keys() - never_removed(props) - (props.get("variables") or {}).keys()
            inputs["others"] = sorted(name for name in others if not is_built_in(name))
        return ReadResult(id_, {**props, **inputs}, inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring the environment to what is declared. A contraction that must not be is refused before it is written."""
        release = (_news.get("variables") or {}).get(RELEASE)
        if "contracts" in _news and release and release != (_olds.get("variables") or {}).get(RELEASE):
            refuse_contraction(self.divio, _news["site"], _news["application"], release, _news["contracts"])
        return UpdateResult(converge(self.divio, _olds, _news))

    def delete(self, _id: str, _props: Props) -> None:
        """Remove what we own, but `SITE_ID` and shared variables: those go only with the application itself."""
        if not _props.get("application"):
            return
        divio = self.divio
        environment = environment_of(divio, _props["site"], _props["environment"])
        if environment is None:
            return
        ours = set(_props.get("variables") or {}) - never_removed(_props)
        for variable in divio.environment_variables.list([environment], fresh=True):
            if variable.name in ours:
                divio.environment_variables.delete(variable.uuid, name=variable.name)

    def _copy_states(self, props: Props, present: Collection[str]) -> dict[str, str]:
        original = deployed(self.divio, props["source"], props["environment"]) if props.get("source") else None
        copied, given = props.get("fingerprint") or {}, props.get("shared_values") or {}
        states: dict[str, str] = {}
        for name in props["shared"]:
            theirs = original.fingerprint(name) if original and name not in given else None
            states[name] = copy_state(name in present, copied.get(name), theirs)
        return states


class EnvironmentVariables(DivioResource, module="divio", name="EnvironmentVariables"):
    """All our variables on one site's environment.

    Outputs: `generation` and `wired`, which count changes of any variable and of the shared ones, `fingerprint` of
    each copied value, `changed_at` and `wired_at`, the server's times of our last writes, and `unfinished`, what could
    not be done (`estate.planning.unfinished.Report`), empty when all is in place.
    """

    generation: pulumi.Output[int]
    wired: pulumi.Output[int]
    wired_at: pulumi.Output[str]
    fingerprint: pulumi.Output[dict[str, str]]
    changed_at: pulumi.Output[str]
    unfinished: pulumi.Output[dict[str, Any]]

    def __init__(
        self,
        resource_name: str,
        site: pulumi.Input[str],
        environment: pulumi.Input[str],
        application: pulumi.Input[str],
        variables: Mapping[str, pulumi.Input[str | int]],
        original: pulumi.Input[str] | None = None,
        source: pulumi.Input[str] | None = None,
        shared: Sequence[str] = (),
        shared_values: Mapping[str, pulumi.Input[str]] | None = None,
        sensitive: Sequence[str] | None = None,
        ownership: pulumi.Input[str] = "owned",
        contracts: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare them.

        `site` is the application's slug, `application` its uuid (empty: it does not exist yet), `environment` is
        `test` or `live`. A mirror's has `original` and `source`, the original's slug and uuid, `shared`, the names to
        copy from the original's same environment, and a `SITE_ID` among its `variables`. `shared_values` gives values
        that Divio withholds there. `sensitive` are names to mark as sensitive on Divio, by default those whose value
        is a Pulumi secret. `ownership` is `owned`: other people's variables stay, or `exclusive`: they are removed.
        `contracts`, for an original whose release is a contraction, are the declared mirrors with the reason why each is
        on hold, or "": the release's name is not written while one of them is behind.
        """
        inputs: Props = {
            "site": site,
            "environment": environment,
            "application": application,
            "original": original,
            "source": source,
            "variables": dict(variables),
            "sensitive": sorted(sensitive) if sensitive is not None else _secret_names(variables),
            "shared": sorted(shared),
            "shared_values": dict(shared_values) if shared_values else None,
            "ownership": ownership,
            "contracts": dict(contracts) if contracts is not None else None,
        }
        super().__init__(EnvironmentVariablesProvider(), resource_name, inputs, opts)


def _secret_names(variables: Mapping[str, pulumi.Input[str | int]]) -> pulumi.Output[list[str]]:
    async def names() -> list[str]:
        return sorted(
            [name for name, value in variables.items() if isinstance(value, pulumi.Output) and await value.is_secret()]
        )

    return pulumi.Output.from_input(names())
