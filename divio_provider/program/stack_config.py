"""What one Pulumi stack is told: its configuration, and the table of sites of the stack `sites`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pulumi

from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.manage_scope import manage_scopes
from divio_provider.estate.declaration.parser import parse
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.planning.site_id_allocation import Register
from divio_provider.estate.planning.variables import missing_secret, secrets_of
from divio_provider.estate.planning.waves import unknown_wave
from divio_provider.program.outputs import rows

DEFAULT_FILE = "stacks/estate.yaml"


class Secrets:
    """The secrets of a stack's configuration, looked up by a dotted key such as `secrets.acme-shop.SMTP_PASSWORD`."""

    def __init__(self, config: pulumi.Config) -> None:
        """`config` is the project's own namespace."""
        self._config = config

    def find(self, key: str) -> str | None:
        """The value in plain, to be wrapped as a secret at once; None where the stack has none."""
        name, *path = key.split(".")
        if not path:
            return self._config.get(name) or None
        found: Any = self._config.get_object(name)
        for part in path:
            found = found.get(part) if isinstance(found, Mapping) else None
        return str(found) if found is not None and not isinstance(found, Mapping | list) else None

    def output(self, key: str) -> pulumi.Output[str]:
        """The value as a Pulumi secret. Raises KeyError where the stack has none."""
        value = self.find(key)
        if value is None:
            raise KeyError(key)
        return pulumi.Output.secret(value)


@dataclass(frozen=True)
class StackConfig:
    """One stack's own settings: what it manages, which file it reads, where the sites come from.

    `test_stack` manages Test where this one does not. `until` is the wave after which nothing is deployed for now.
    """

    manage: tuple[str, ...]
    file: Path
    sites_stack: str | None
    test_stack: str | None
    until: str | None
    secrets: Secrets

    @classmethod
    def read(cls) -> "StackConfig":
        """Read the project's namespace of the stack's configuration.

        Raises `pulumi.RunError` with one sentence for what cannot be.
        """
        config = pulumi.Config()
        manage = _parts(config)
        sites_stack = config.get("sitesStack")
        if "sites" not in manage and not sites_stack:
            key = f"{pulumi.get_project()}:sitesStack"
            message = (
                f"this stack manages {' and '.join(manage)} alone, so it needs {key}: the stack that manages sites"
            )
            raise pulumi.RunError(message)
        return cls(
            manage=manage,
            file=Path(config.get("estate") or DEFAULT_FILE),
            sites_stack=sites_stack,
            test_stack=config.get("testStack") or None,
            until=config.get("until") or None,
            secrets=Secrets(config),
        )

    def load(self) -> Spec:
        """Read the estate's file, and make sure that this stack has the secrets that it needs.

        Raises `pulumi.RunError` with a line for each problem: file, line, key, and what would be right.
        """
        try:
            text = self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            message = f"{self.file}: cannot be read: {reason}; the configuration {pulumi.get_project()}:estate names it"
            raise pulumi.RunError(message) from None
        try:
            spec = parse(text, str(self.file))
            spec = self._with_release(spec)
            if self.until and (problem := unknown_wave(spec, self.until, f"{pulumi.get_project()}:until")):
                raise pulumi.RunError(problem)
            lacking = {
                needed.key: missing_secret(spec, needed)
                for needed in secrets_of(spec)
                if needed.environment in self.manage and self.secrets.find(needed.key) is None
            }
            if lacking:
                raise SpecError(lacking.values())
        except SpecError as error:
            raise pulumi.RunError(str(error)) from None
        return spec

    def _with_release(self, spec: Spec) -> Spec:
        if spec.release is None or isinstance(spec.release.name, str):
            return spec
        key = spec.release.name.config
        name = self.secrets.find(key)
        if not name:
            said = f"the stack's configuration has no {key}; name the release: pulumi config set {key} NAME"
            raise SpecError([spec.problem(("release", "name"), said)])
        return spec.with_release(name)

    def rehearsal(self, spec: Spec) -> pulumi.Output[dict[str, Any]] | None:
        """What the stack that manages Test found out in its rehearsal; None where nobody rehearses, or this one does."""
        asks = spec.rollout.verify is not None and "live" in self.manage and "test" not in self.manage
        return rehearsal_of(self.test_stack) if asks and self.test_stack else None


def _parts(config: pulumi.Config) -> tuple[str, ...]:
    try:
        return manage_scopes(config.get("manage") or "", f"{pulumi.get_project()}:manage")
    except ValueError as error:
        raise pulumi.RunError(str(error)) from None


class SitesTable(NamedTuple):
    """What another stack knows of the sites: the register, and Divio's ids of the applications by slug."""

    register: Register
    applications: dict[str, str]


def sites_of(stack: str) -> pulumi.Output[SitesTable]:
    """The table of sites and the retired `SITE_ID`s that another stack of this project exports.

    `stack` is its name, or `organisation/project/stack`. An output without them stands for a stack that never ran.
    """
    reference = _reference(stack)

    def read(outputs: list[Any]) -> SitesTable:
        text, retired = outputs
        if not isinstance(text, str) or not isinstance(retired, Mapping):
            message = f"stack {stack} has no table of sites yet; {_first(stack)}"
            raise pulumi.RunError(message)
        sites = rows(text)
        ids = {slug: float(row["site_id"]) for slug, row in sites.items()}
        return SitesTable(Register.restored(ids, retired), {slug: row["application"] for slug, row in sites.items()})

    return pulumi.Output.all(*(reference.get_output(name) for name in ("sites", "retired_site_ids"))).apply(read)


def rehearsal_of(stack: str) -> pulumi.Output[dict[str, Any]]:
    """The rehearsal that another stack exports, of the last release that it ran to its end; empty where it held none."""
    found: pulumi.Output[Any] = _reference(stack).get_output("rehearsal")
    return found.apply(lambda rehearsal: dict(rehearsal or {}))


def _reference(stack: str) -> pulumi.StackReference:
    name = stack if "/" in stack else f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}"
    try:
        # A reference to a stack that does not exist fails with the engine's words alone, and cannot be caught.
        pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name})
    except Exception as error:
        if "unknown stack" not in str(error):
            raise
        message = f"stack {stack} does not exist yet; {_first(stack)}"
        raise pulumi.RunError(message) from None
    return pulumi.StackReference(name)


def _first(stack: str) -> str:
    return f"run stack {stack} first: pulumi up --stack {stack}"
