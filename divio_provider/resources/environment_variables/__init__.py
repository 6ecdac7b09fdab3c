"""`EnvironmentVariables`: all our variables on one site's environment, the original's shared ones included.

A mirror's environment without `SITE_ID` would act as site 1, and without the shared variables on a database of its
own: `check` refuses the first, and nothing here ever removes either from a mirror that stays.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Unpack, cast

import pulumi
from pulumi import Input
from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from divio_provider.api.models import EnvironmentVariable
from divio_provider.estate.planning.built_ins import is_built_in
from divio_provider.estate.planning.wiring import RELEASE, SITE_ID, STALE, copy_state
from divio_provider.resources.base.inputs import MirrorTarget, Target
from divio_provider.resources.base.properties import Props, check_result, immutable_problem
from divio_provider.resources.base.provider import DivioProvider
from divio_provider.resources.base.resource import DivioResource, Options
from divio_provider.resources.environment_variables.converge import converge
from divio_provider.resources.environment_variables.inputs import (
    Inputs,
    never_removed,
    normalised,
    problems,
    refreshed_value,
)
from divio_provider.resources.reader import visibility
from divio_provider.resources.reader.contraction_guard import refuse_contraction
from divio_provider.resources.reader.first_contact import refuse_stranger
from divio_provider.resources.reader.lists import Reader, environments_of
from divio_provider.resources.reader.original_deployment import deployed


class EnvironmentVariablesProvider(DivioProvider):
    """Adds and updates before it removes; a variable that Divio refuses fails no other site."""

    inputs = (*Inputs.__annotations__, "foreign", "generation", "shared_generation")
    defaults: ClassVar = {"ownership": "owned", "sensitive": []}
    passive_inputs = ("contraction", "pinned")

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Normalise the values, count the generations, refuse a mirror without a `SITE_ID` of its own."""
        inputs = normalised(_olds, self.inputs_of(news))
        # Else what this one owned there would count as owned here, and nobody would ask what is there.
        other = "declare another environment's variables under another name; the stack may forget these (DIVIO_FORGET)"
        moved = [immutable_problem(_olds, inputs, name, other) for name in ("site", "environment")]
        return check_result(inputs, *problems(inputs), *moved)

    def create(self, props: Props) -> CreateResult:
        """Set what is declared; foreign variables stay. What was deployed before is taken over if it is equal, else refused."""
        return CreateResult(
            f"{props['site']}/{props['environment']}", converge(self.divio, self.configuration, {}, props)
        )

    def read(self, id_: str, props: Props) -> ReadResult:
        """What Divio shows of the declared variables. A withheld value counts as ours while the variable is there."""
        inputs = self.inputs_of(props)
        if not props.get("application"):
            return self.stored(id_, props)
        site = visibility.application(
            self.divio,
            props["site"],
            props["application"],
            source=props.get("original_uuid") or "",
            original=props.get("original") or "",
            deleted=self.configuration.deleted,
        )
        reader = Reader(self.divio)
        environment = reader.environments(site.uuid).get(props["environment"]) if site else None
        if site is None or site.uuid != props["application"] or environment is None:
            return ReadResult("", {})
        present = {item.name: item for item in reader.variables(site.uuid, environment.uuid)}
        inputs["variables"] = {
            name: refreshed_value(value, present[name].value, trimmed=name in (props.get("trimmed") or ()))
            for name, value in (props.get("variables") or {}).items()
            if name in present
        }
        inputs.pop("sensitive", None)
        sensitive = sorted(name for name in inputs["variables"] if present[name].is_sensitive)
        inputs |= {"sensitive": sensitive} if sensitive else {}
        if props.get("shared"):
            inputs["shared"] = self._copy_states(props, present)
        if props.get("ownership") == "exclusive":
            foreign = present.keys() - never_removed(props) - (props.get("variables") or {}).keys()
            inputs["foreign"] = sorted(name for name in foreign if not is_built_in(name))
        return ReadResult(id_, {**{name: props[name] for name in props if name != "sensitive"}, **inputs}, inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring the environment to what is declared. A contraction that must not be is refused before it is written."""
        release = (_news.get("variables") or {}).get(RELEASE)
        if "contraction" in _news and release and release != (_olds.get("variables") or {}).get(RELEASE):
            refuse_contraction(self.divio, _news["site"], _news["application"], release, _news["contraction"])
        return UpdateResult(converge(self.divio, self.configuration, _olds, _news))

    def remove(self, _id: str, _props: Props) -> None:
        """Remove what we own, but `SITE_ID` and shared variables: those go only with the application itself."""
        if not _props.get("application"):
            return
        site = self.divio.applications.find(_props["site"])
        if site is None or site.uuid != _props["application"]:
            return  # it went with its application; another may have the slug
        if _props.get("original"):
            refuse_stranger(self.divio, site, _props)
        environment = environments_of(self.divio, site.uuid).get(_props["environment"])
        if environment is None:
            return
        ours = set(_props.get("variables") or {}) - never_removed(_props)
        for variable in self.divio.environment_variables.list([environment], fresh=True):
            if variable.name in ours:
                self.divio.environment_variables.delete(variable.uuid, name=variable.name)

    def _copy_states(self, props: Props, present: Mapping[str, EnvironmentVariable]) -> dict[str, str]:
        original = (
            deployed(self.divio, props["original_uuid"], props["environment"]) if props.get("original_uuid") else None
        )
        copied, given = (props.get("shared_change") or {}).get("fingerprints") or {}, props.get("shared_values") or {}
        theirs = {name: original.fingerprint(name) for name in props["shared"] if original and name not in given}
        states: dict[str, str] = {
            name: copy_state(name in present, copied.get(name), theirs.get(name)) for name in props["shared"]
        }
        values: Mapping[str, str | None] = {**(original.variables if original else {}), **given}
        for name, item in present.items():
            # Set anew by hand it may not be sensitive, and its value shows.
            if name in states and item.value is not None and values.get(name) not in (None, item.value):
                states[name] = STALE
        return states


class EnvironmentVariables(DivioResource):
    """All our variables on one site's environment.

    Outputs: `change`, the last one of any variable, and `shared_change`, that of the shared ones, each with its `number`
    and with `at`, the server's time of our last write; the second also has `fingerprints` of the copied values.
    `unfinished` is what could not be done (`estate.planning.unfinished.Report`), empty when all is in place.
    """

    change: pulumi.Output[dict[str, Any]]
    shared_change: pulumi.Output[dict[str, Any]]
    unfinished: pulumi.Output[dict[str, Any]]

    def __init__(self, resource_name: str, opts: Options = None, **inputs: Unpack[Inputs]) -> None:
        secret, shared = inputs.get("sensitive"), sorted(inputs.get("shared", ()))
        sensitive = _secret_names(inputs["variables"]) if secret is None else sorted(secret)
        declared = {**inputs, "sensitive": sensitive or None, "shared": shared or None}
        super().__init__(EnvironmentVariablesProvider, resource_name, declared, opts)
        self._inputs = inputs

    @property
    def target(self) -> Target:
        """The environment as `Deployment.of_original` takes it. Its `site` and `environment` must be plain text."""
        return {
            "site": cast("str", self._inputs["site"]),
            "environment": cast("str", self._inputs["environment"]),
            "application": self._inputs["application"],
            "names": sorted(self._inputs["variables"]),
            "change": self.change,
            "unfinished": self.unfinished,
        }

    @property
    def mirror_target(self) -> MirrorTarget:
        """The environment of a mirror as `Deployment.of_wiring` and `Deployment.of_mirrors` take it."""
        return {
            **self.target,  # type: ignore[typeddict-item]
            "original": cast("str", self._inputs["original"]),
            "original_uuid": self._inputs["original_uuid"],
            "site_id": cast("Input[str]", self._inputs["variables"][SITE_ID]),
            "shared": sorted(self._inputs.get("shared", ())),
            "shared_change": self.shared_change,
        }


def _secret_names(variables: Mapping[str, pulumi.Input[str | int]]) -> pulumi.Output[list[str]]:
    async def names() -> list[str]:
        return sorted(
            [name for name, value in variables.items() if isinstance(value, pulumi.Output) and await value.is_secret()]
        )

    return pulumi.Output.from_input(names())
