"""Rules for variables: who sets which."""

from collections.abc import Iterator

from divio_provider.estate.declaration.document import Path, Violation
from divio_provider.estate.declaration.spec import ENVIRONMENTS, Spec
from divio_provider.estate.declaration.variable_types import SET_BY_THE_ESTATE


def violations(spec: Spec) -> Iterator[Violation]:
    """Every rule for variables that the declaration breaks."""
    yield from _set_by_the_estate(spec)
    names = spec.shared_variables
    for index, name in enumerate(names):
        if name in names[:index]:
            yield ("shared_variables", index), f"{name} is listed twice; keep one of the two"
        if name in SET_BY_THE_ESTATE:
            yield ("shared_variables", index), f"{name} is each site's own and never shared; remove it"
    yield from _shared_values(spec)


def _declared(spec: Spec) -> Iterator[tuple[Path, str]]:
    """Every declared variable, in every place where one may be."""
    for path, owner in [((), spec), *((path, site) for path, _, site in spec.sites())]:
        yield from (((*path, "variables", name), name) for name in owner.variables)
        for environment, settings in (("test", owner.test), ("live", owner.live)):
            yield from (((*path, environment, "variables", name), name) for name in settings.variables)


def _set_by_the_estate(spec: Spec) -> Iterator[Violation]:
    for path, name in _declared(spec):
        if name in SET_BY_THE_ESTATE:
            yield path, f"is set by the estate itself; remove it; {_instead(name, path)}"
        # The original may set it: what it is deployed with is what mirrors get.
        elif name in spec.shared_variables and path[0] != "original":
            message = f"every mirror gets {name} from the original; remove it here, or take it off shared_variables"
            yield path, message


def _instead(name: str, path: Path) -> str:
    if name == "ESTATE_RELEASE":
        return "it comes from release: {name: …}"
    if name != "SITE_ID":
        return "it comes from identity_variables: true"
    site = {"original": "original", "mirrors": f"mirrors.{path[1]}"}.get(str(path[0]))
    where = f"as {site}.site_id: 7" if site else "with site_id: 7 under the site"
    return f"a site that must have a certain one is pinned, {where}"


def _shared_values(spec: Spec) -> Iterator[Violation]:
    """Shared values that the configuration gives because Divio withholds them."""
    for environment in ENVIRONMENTS:
        for name, value in spec.environment(environment).shared.items():
            path = (environment, "shared", name)
            if name not in spec.shared_variables:
                yield path, f"{name} is not shared; add it to shared_variables, or declare it under variables"
            if environment == "live" and isinstance(value.secret, str) and value in spec.test.shared.values():
                message = f"Test and Live would share {value.secret}; each has a database of its own: "
                yield path, f"{message}give it its own key"
