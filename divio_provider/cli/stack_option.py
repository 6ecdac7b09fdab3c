"""What `--stack` tells a command, asked from the Pulumi CLI: where Divio is, who asks, and what the stack manages."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
import yaml

from divio_provider.api.errors import DivioError
from divio_provider.cli.exit_codes import CouldNotRunError
from divio_provider.cli.stack_state import json_answer
from divio_provider.cli.text_files import DEFAULT
from divio_provider.estate.declaration.manage_scope import MANAGE_SCOPES, manage_scopes
from divio_provider.resources.host.configuration import Configuration, explained

ApiUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="Where Divio is, without a stack.", show_default="api.divio.com")
]
"""The option of the commands that ask Divio; `stack_or_environment` takes it."""

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


@dataclass(frozen=True)
class StackSettings:
    """What a stack's configuration says; `sites_stack` is the stack that manages the sites, None: this one does.

    `until` is the wave that a rollout stops after. `values` are those of the project's namespace, secrets too.
    """

    divio: Configuration
    manage: tuple[str, ...] = MANAGE_SCOPES
    file: Path = DEFAULT
    sites_stack: str | None = None
    until: str | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


def stack_or_environment(stack: str | None, api_url: str | None) -> StackSettings:
    """A stack's settings, or without a stack those of the environment, for the Divio at that address.

    Raises CouldNotRunError.
    """
    if stack is None:
        return StackSettings(read({"divio:apiUrl": api_url} if api_url else {}))
    if api_url is not None:
        raise CouldNotRunError(
            "--api-url and --stack exclude each other: the stack's configuration says where Divio is"
        )
    return configured(stack)


def configured(stack: str) -> StackSettings:
    """One stack's settings. Raises CouldNotRunError: Pulumi's own words, or what cannot be."""
    listed = json_answer("config", "--json", "--show-secrets", stack=stack)
    values: dict[str, str] = {key: entry.get("value") or "" for key, entry in listed.items()}
    folder, project = _project()
    own = {key.removeprefix(f"{project}:"): value for key, value in values.items() if key.startswith(f"{project}:")}
    try:
        manage = manage_scopes(own.get("manage") or "", f"{project}:manage")
    except ValueError as error:
        raise CouldNotRunError(str(error)) from None
    file, here = folder / (own.get("estate") or DEFAULT), Path.cwd()
    return StackSettings(
        divio=read(values),
        manage=manage,
        file=file.relative_to(here) if file.is_relative_to(here) else file,
        sites_stack=None if "sites" in manage else own.get("sitesStack") or None,
        until=own.get("until") or None,
        values=own,
    )


def read(values: Mapping[str, str]) -> Configuration:
    """Divio's settings from configuration values by full key, and from the environment. Raises CouldNotRunError."""
    try:
        return Configuration.read(values.get, os.environ)
    except (ValueError, DivioError) as error:
        raise CouldNotRunError(explained(error)) from None


def _project() -> tuple[Path, str]:
    """The folder of the project that the CLI found, and the project's name."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        for name in PROJECT_FILES:
            try:
                found = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError, yaml.YAMLError):
                found = None
            if isinstance(found, Mapping) and found.get("name"):
                return folder, str(found["name"])
            raise CouldNotRunError(f"{folder / name}: cannot be read as a project that has a name")
    raise CouldNotRunError("there is no Pulumi.yaml here or above; run this in the project's folder")
