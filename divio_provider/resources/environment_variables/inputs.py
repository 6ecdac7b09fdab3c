"""The inputs of one environment's variables: normalised, counted and checked, without any call."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired

from pulumi import Input

from divio_provider.estate.planning.wiring import SITE_ID, WIRED, site_id_problem
from divio_provider.resources.base.inputs import EnvironmentInputs
from divio_provider.resources.base.properties import Props, count_up, unknown

DEPLOYED_INPUTS = ("application", "variables", "sensitive", "shared", "shared_values", "foreign")
WIRED_INPUTS = ("application", "original_uuid", "shared", "shared_values")


class Inputs(EnvironmentInputs):
    """What an `EnvironmentVariables` takes. A mirror's needs `original`, `original_uuid`, `shared` and a `SITE_ID`."""

    variables: Mapping[str, Input[str | int]]
    sensitive: NotRequired[Sequence[str]]
    """Names to mark as sensitive on Divio; default: those whose value is a Pulumi secret."""
    original: NotRequired[Input[str]]
    """The original's slug."""
    original_uuid: NotRequired[Input[str]]
    shared: NotRequired[Sequence[str]]
    """Names to copy from the original's same environment."""
    shared_values: NotRequired[Mapping[str, Input[str]]]
    """Values that Divio withholds there."""
    predecessors: NotRequired[Sequence[str]]
    """The slugs of retired sites whose `SITE_ID` this one carries on: nothing is written while one of them exists."""
    pinned: NotRequired[bool]
    """Whether `SITE_ID` may take the place of another one."""
    ownership: NotRequired[Input[str]]
    """`owned` (the default): other people's variables stay, or `exclusive`: they are removed."""
    contraction: NotRequired[Mapping[str, str]]
    """For an original whose release is a contraction: the declared mirrors with the reason why each is on hold, or "".

    The release's name is not written while one of them is behind.
    """


def normalised(olds: Props, given: Props) -> Props:
    """The inputs as they are kept, with their generations counted up from the old inputs."""
    variables = given.get("variables") or {}
    if isinstance(variables, dict):
        variables = {name: _text(value) for name, value in variables.items()}
    inputs = {**given, "variables": variables, "shared": dict.fromkeys(given.get("shared") or [], WIRED)}
    if inputs.get("ownership") == "exclusive":
        inputs["foreign"] = []
    inputs["generation"] = count_up(olds, inputs, "generation", DEPLOYED_INPUTS)
    inputs["shared_generation"] = count_up(olds, inputs, "shared_generation", WIRED_INPUTS)
    return inputs


def problems(inputs: Props) -> list[str]:
    """What cannot be, one sentence each; what is not known yet is no problem."""
    place = f"{inputs.get('site')} {inputs.get('environment')}"
    found = []
    if inputs.get("environment") not in ("test", "live") and not unknown(inputs.get("environment")):
        found.append(f'environment "{inputs.get("environment")}" must be test or live')
    if inputs.get("ownership", "exclusive") != "exclusive":
        found.append(f'{place}: ownership "{inputs["ownership"]}" must be owned or exclusive')
    variables = inputs["variables"]
    if not isinstance(variables, dict):
        return found
    site_id = variables.get(SITE_ID)
    if inputs.get("original") and not unknown(site_id):
        reason = site_id_problem(site_id)
        if reason:
            found.append(
                f"{place}: a mirror needs a {SITE_ID} of its own, but {reason}; without it the site acts as site 1"
            )
    crossed = sorted(variables.keys() & inputs["shared"].keys())
    if crossed:
        found.append(f"{place}: {', '.join(crossed)} is both declared and shared; it can be only one of them")
    return found


def _text(value: Any) -> Any:
    # Pulumi's numbers are doubles: 1 arrives as 1.0.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) or unknown(value) else str(value)


def never_removed(props: Props) -> set[str]:
    """The names that are never removed from an application that stays."""
    return {SITE_ID, *(props.get("shared") or {})}


def refreshed_value(declared: str, present: str | None, *, trimmed: bool) -> str:
    """What a refresh takes a variable for: its value on Divio, or as declared where that is all that can be said.

    `present` is None where Divio withholds it; `trimmed` says that Divio cut the blanks off when we wrote it.

    >>> [refreshed_value(" a ", present, trimmed=True) for present in ("a", "b", None)]
    [' a ', 'b', ' a ']
    >>> refreshed_value(" a ", "a", trimmed=False)
    'a'
    """
    if present is None or (trimmed and present == declared.strip()):
        return declared
    return present
