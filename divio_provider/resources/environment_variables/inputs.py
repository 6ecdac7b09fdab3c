"""The inputs of one environment's variables: normalised, counted and checked, without any call."""

from typing import Any

from divio_provider.estate.planning.wiring import SITE_ID, WIRED, site_id_problem
from divio_provider.resources.base.properties import Props, count_up, unknown

INPUTS = (
    "site",
    "environment",
    "application",
    "original",
    "source",
    "variables",
    "sensitive",
    "shared",
    "shared_values",
    "ownership",
    "others",
    "contracts",
    "generation",
    "wired",
)
DEPLOYED_INPUTS = ("application", "variables", "sensitive", "shared", "shared_values", "others")
WIRED_INPUTS = ("application", "source", "shared", "shared_values")


def normalised(olds: Props, news: Props) -> Props:
    """The inputs as they are kept, with their generations counted up from the old inputs."""
    inputs = {name: news[name] for name in INPUTS if news.get(name) is not None}
    variables = news.get("variables") or {}
    if isinstance(variables, dict):
        variables = {name: _text(value) for name, value in variables.items()}
    inputs["variables"] = variables
    inputs["shared"] = dict.fromkeys(news.get("shared") or [], WIRED)
    inputs["ownership"] = news.get("ownership") or "owned"
    if inputs["ownership"] == "exclusive":
        inputs["others"] = []
    inputs["generation"] = count_up(olds, inputs, "generation", DEPLOYED_INPUTS)
    inputs["wired"] = count_up(olds, inputs, "wired", WIRED_INPUTS)
    return inputs


def problems(inputs: Props) -> list[str]:
    """What cannot be, one sentence each; what is not known yet is no problem."""
    place = f"{inputs.get('site')} {inputs.get('environment')}"
    found = []
    if inputs.get("environment") not in ("test", "live") and not unknown(inputs.get("environment")):
        found.append(f'environment "{inputs.get("environment")}" must be test or live')
    if inputs["ownership"] not in ("owned", "exclusive"):
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
