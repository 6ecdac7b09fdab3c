"""Switches for what nobody outside Divio knows and a client must stand either way.

The first value of each is the default. Set by `--switch NAME=VALUE`, and at run time by `PUT /_emulator/switches`.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict


class Switches(BaseModel):
    """How this Divio behaves where the real one's behaviour is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    blanks: Literal["kept", "trimmed"] = "kept"
    """Blanks at the ends of a variable's value, when it is written."""
    built_ins: Literal["hidden", "listed"] = "hidden"
    """Built-in variables in the list of an environment's variables."""
    sensitive: Literal["shown", "null", "omitted"] = "shown"
    """Sensitive values in the map of what was deployed: as they are, as null, or left out (the detail still names them).
    Sensitive are custom variables that say so, and of the built-in ones `SECRET_KEY` and the DSNs."""
    second_deployment: Literal["rejected", "queued"] = "rejected"
    """A deployment that is started while another one of the environment runs."""
    several_environments: Literal["shown", "last", "ignored"] = "shown"
    """The filter `environment`, given several times to the list of deployments: those of each, of the last one alone, or
    of all that there are."""
    deployments_order: Literal["newest", "oldest"] = "newest"
    """Which deployments a list begins with."""
    environments_list: Literal["allowed", "refused"] = "allowed"
    """The list of environments without a filter: all that the account sees, or 400."""
    mirror_relation: Literal["shown", "hidden"] = "shown"
    """The field of an application that names its original."""
    original_deletion: Literal["refused", "allowed"] = "refused"
    """DELETE of an application that has mirrors (endpoints/applications.py)."""
    domains: Literal["offered", "missing"] = "offered"
    """The calls on domains, and what the schema says of them."""


def choices() -> dict[str, tuple[str, ...]]:
    """Every switch with its values, the default first."""
    return {name: get_args(field.annotation) for name, field in Switches.model_fields.items()}
