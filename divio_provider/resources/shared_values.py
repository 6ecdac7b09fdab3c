"""The values that a mirror's environment copies from the original's same environment, at apply time."""

from divio_provider.api.client import Divio
from divio_provider.estate.wiring import fingerprint
from divio_provider.resources.originals import Deployed, deployed
from divio_provider.resources.provider import Failed, Props


def shared_values(divio: Divio, props: Props) -> tuple[dict[str, tuple[str, str]], str]:
    """What to copy: for each shared name its value and fingerprint; and what has to be waited for, in words.

    Raises `Failed` where Divio withholds a value, with the way out, and where Test would get what Live has.
    """
    names = list(props.get("shared") or {})
    if not names:
        return {}, ""
    site, environment, original = props["site"], props["environment"], props["original"]
    given = props.get("shared_values") or {}
    source = deployed(divio, props["source"], environment) if props.get("source") else None
    missing = [name for name in names if name not in given]
    if source is None and missing:
        return {}, f"waits for the first successful deployment of {original}'s {environment.capitalize()}"
    values: dict[str, tuple[str, str]] = {}
    for name in names:
        value = given[name] if name in given else _value(source, name, f"{original}'s {environment.capitalize()}")
        if value is None:
            return {}, (
                f"waits for {name}, which {original}'s {environment.capitalize()} was not deployed with; declare the "
                f"service it comes from on the original, or take it off shared_variables"
            )
        print_ = source.fingerprint(name) if source and source.variables.get(name) == value else None
        values[name] = (value, print_ or fingerprint(value, f"{props['source']}/{environment}/{name}"))
    if environment == "test":
        _refuse_crossed(divio, site, props["source"], values)
    return values, ""


def _value(source: Deployed | None, name: str, place: str) -> str | None:
    if source is None or name not in source.variables:
        return None
    value = source.variables[name]
    if value is None:
        raise Failed(
            f"Divio withholds {name} of {place}; give it as a secret of this stack's configuration: "
            f"{source_key(place)}: {{shared: {{{name}: {{secret: KEY}}}}}} in the estate's file"
        )
    return value


def source_key(place: str) -> str:
    """The estate file's key of the environment that a place such as "acme-main's Live" ends with."""
    return place.rsplit(" ", 1)[-1].lower()


def _refuse_crossed(divio: Divio, site: str, source: str, values: dict[str, tuple[str, str]]) -> None:
    live = deployed(divio, source, "live")
    crossed = [name for name, (value, _) in values.items() if live is not None and live.variables.get(name) == value]
    if crossed:
        raise Failed(
            f"{site} test: {', '.join(crossed)} would be the one of the original's Live, so Test would write into "
            f"Live's data; give the original's Test a service of its own"
        )
