"""The values that a mirror's environment copies from the original's same environment, at apply time."""

from divio_provider.api.client import Divio
from divio_provider.estate.planning.wiring import fingerprint
from divio_provider.resources.base.properties import Props
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader.original_deployment import Deployed, deployed


def shared_values(divio: Divio, props: Props) -> tuple[dict[str, tuple[str, str]], str]:
    """What to copy: for each shared name its value and fingerprint; and what has to be waited for, in words.

    Raises `Failed` where Divio withholds a value, with the way out, and where Test would get what Live has.
    """
    names = sorted(props.get("shared") or {})
    if not names:
        return {}, ""
    environment, place = props["environment"], f"{props['original']}'s {props['environment'].capitalize()}"
    given = props.get("shared_values") or {}
    source = deployed(divio, props["original_uuid"], environment) if props.get("original_uuid") else None
    carried: dict[str, str | None] = dict(given)
    missing = [name for name in names if name not in given]
    if missing and source is None:
        return {}, f"waits for the first successful deployment of {place}"
    if missing and source is not None:
        carried |= _deployed_values(divio, source, missing)
    withheld = [name for name in names if name in carried and carried[name] is None]
    if withheld:
        secrets = ", ".join(f"{name}: {{secret: KEY}}" for name in withheld)
        raise Failed(
            f"Divio withholds {', '.join(withheld)} of {place}; give each as a secret of this stack's configuration: "
            f"{environment}: {{shared: {{{secrets}}}}} in the estate's file"
        )
    values: dict[str, tuple[str, str]] = {}
    for name in names:
        value = carried.get(name)
        if value is None:
            return {}, (
                f"waits for {name}, which {place} was not deployed with; declare the service it comes from on the "
                f"original, or take it off shared_variables"
            )
        print_ = source.fingerprint(name) if source and source.variables.get(name) == value else None
        values[name] = (value, print_ or fingerprint(value, f"{props['original_uuid']}/{environment}/{name}"))
    if environment == "test":
        _refuse_live_values_on_test(divio, props["site"], props["original_uuid"], values)
    return values, ""


def _deployed_values(divio: Divio, source: Deployed, names: list[str]) -> dict[str, str | None]:
    """What the original was deployed with of these names; None where Divio withholds the value."""
    known = source.variables
    if not known.keys() >= set(names):
        # A name that the map of values lacks may still stand in the deployment's list of names.
        known = divio.deployments.variables(source.deployment, names)
    return {name: known[name] for name in names if name in known}


def _refuse_live_values_on_test(divio: Divio, site: str, source: str, values: dict[str, tuple[str, str]]) -> None:
    live = deployed(divio, source, "live")
    crossed = [name for name, (value, _) in values.items() if live is not None and live.variables.get(name) == value]
    if crossed:
        raise Failed(
            f"{site} test: {', '.join(crossed)} would be the one of the original's Live, so Test would write into "
            f"Live's data; give the original's Test a service of its own"
        )
