"""What no single key can tell: rules between the parts of a declaration.

They read the raw data, not the validated models, so that one run names these problems together with every mistyped
key. Whatever has the wrong shape is skipped here, because the models already complain about it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from divio_provider.estate.declaration import raw
from divio_provider.estate.declaration.document import Finding, Path
from divio_provider.estate.declaration.field_types import WORDS
from divio_provider.estate.declaration.rules.groups import broken_group_rules
from divio_provider.estate.declaration.rules.waves import broken_wave_rules
from divio_provider.estate.declaration.validation_messages import near_miss
from divio_provider.estate.declaration.variable_types import SET_BY_THE_ESTATE, SHARED_VARIABLES

_ENVIRONMENTS = ("test", "live")


def broken_rules(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Every rule that the data breaks: where, and a sentence with the way out."""
    yield from _slugs(data)
    yield from _pins(data)
    yield from _reserved(data)
    yield from _variables(data)
    yield from _shared(data)
    yield from _given(data)
    yield from _hosts(data)
    yield from _services(data)
    yield from _labels(data)
    yield from _redeployed(data)
    yield from broken_group_rules(data)
    yield from broken_wave_rules(data)


def _slugs(data: Mapping[str, Any]) -> Iterator[Finding]:
    original = raw.original(data)
    for slug, path, site in raw.sites(data):
        if slug in WORDS:
            at = (*path, "slug") if path == ("original",) else path
            yield at, f"{slug} is a word of this file; a site needs another slug"
        if path == ("original",):
            continue
        if slug == original:
            yield path, "has the original's slug; a mirror is an application of its own: give it another"
        if "slug" in raw.mapping(site):
            yield (*path, "slug"), f"unknown key; a mirror's slug is the key it stands under, {slug}"


def _originals_id(data: Mapping[str, Any]) -> int:
    pin = raw.integer(data, "original", "site_id")
    return pin or raw.integer(data, "site_ids", "reserved", raw.original(data)) or 1


def _pins(data: Mapping[str, Any]) -> Iterator[Finding]:
    original = raw.original(data)
    owners = {_originals_id(data): original}
    for slug, mirror in raw.mapping(data, "mirrors").items():
        pin = raw.integer(mirror, "site_id")
        if pin is None:
            continue
        if pin in owners:
            whose = f"the original's SITE_ID ({original})" if owners[pin] == original else f"{owners[pin]}'s SITE_ID"
            message = f"{pin} is {whose}; two sites never share one: choose another, or remove the pin"
            yield ("mirrors", slug, "site_id"), message
        owners.setdefault(pin, slug)


def _reserved(data: Mapping[str, Any]) -> Iterator[Finding]:
    holders: dict[int, str] = {}
    reserved = raw.mapping(data, "site_ids", "reserved")
    for key in reserved:
        id_ = raw.integer(reserved, key)
        if id_ is None:
            continue
        path = ("site_ids", "reserved", key)
        slug, _, number = key.partition("/")
        if number.isdecimal() and int(number) != id_:
            yield path, f"is {id_}, but its key says {number}; write {slug}/{id_}: {id_}, or {key}: {number}"
        if id_ in holders and holders[id_] != slug:
            yield (
                path,
                f"{id_} is reserved for {holders[id_]} as well; an id belongs to one site: remove one of the two",
            )
        holders.setdefault(id_, slug)
        original = raw.original(data)
        if id_ == _originals_id(data) and slug != original and raw.integer(data, "original", "site_id") is None:
            yield path, f"{id_} is the original's SITE_ID ({original}); remove this line, or declare original.site_id"
    for slug, site_path, site in raw.sites(data):
        pin = raw.integer(site, "site_id")
        if pin is not None and holders.get(pin, slug) != slug:
            message = f"{pin} is reserved for {holders[pin]} (site_ids.reserved); choose another, or remove the pin"
            yield (*site_path, "site_id"), message


def _places(data: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Everywhere that variables may be declared."""
    owners: list[tuple[Path, Any]] = [((), data), *((path, site) for _, path, site in raw.sites(data))]
    for path, owner in owners:
        yield (*path, "variables"), raw.mapping(owner, "variables")
        for environment in _ENVIRONMENTS:
            yield (*path, environment, "variables"), raw.mapping(owner, environment, "variables")


def _shared_names(data: Mapping[str, Any]) -> Sequence[Any]:
    return SHARED_VARIABLES if raw.at(data, "shared_variables") is None else raw.listing(data, "shared_variables")


def _variables(data: Mapping[str, Any]) -> Iterator[Finding]:
    shared = _shared_names(data)
    for path, variables in _places(data):
        for name in variables:
            if name in SET_BY_THE_ESTATE:
                yield (*path, name), f"is set by the estate itself; remove it{_instead(name, path)}"
            # The original may set it: what it is deployed with is what mirrors get.
            elif name in shared and path[0] != "original":
                message = f"every mirror gets {name} from the original; remove it here, or take it off shared_variables"
                yield (*path, name), message


def _instead(name: str, path: Path) -> str:
    if name == "SITE_ID":
        site = {"original": "original", "mirrors": f"mirrors.{path[1]}"}.get(str(path[0])) if len(path) > 1 else None
        where = f"as {site}.site_id: 7" if site else "with site_id: 7 under the site"
        return f"; a site that must have a certain one is pinned, {where}"
    if name == "ESTATE_RELEASE":
        return "; it comes from release: {name: …}"
    return "; it comes from identity_variables: true"


def _shared(data: Mapping[str, Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, name in enumerate(raw.listing(data, "shared_variables")):
        if not isinstance(name, str):
            continue
        if name in seen:
            yield ("shared_variables", index), f"{name} is listed twice; keep one of the two"
        if name in SET_BY_THE_ESTATE:
            yield ("shared_variables", index), f"{name} is each site's own and never shared; remove it"
        seen.add(name)


def _given(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Shared values that the configuration gives because Divio withholds them."""
    shared = _shared_names(data)
    place_of: dict[str, str] = {}
    for environment in _ENVIRONMENTS:
        for name, value in raw.mapping(data, environment, "shared").items():
            path = (environment, "shared", name)
            if name not in shared:
                yield path, f"{name} is not shared; add it to shared_variables, or declare it under variables"
            key = raw.at(value, "secret")
            if isinstance(key, str):
                if key in place_of and place_of[key] != environment:
                    yield path, f"Test and Live would share {key}; each has a database of its own: give it its own key"
                place_of.setdefault(key, environment)


def _hosts(data: Mapping[str, Any]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for slug, path, site in raw.sites(data):
        for index, host in enumerate(raw.listing(site, "domains")):
            if not isinstance(host, str):
                continue
            if host in owners:
                whose = "listed here already" if owners[host] == slug else f"{owners[host]}'s already"
                message = f"{host} is {whose}; a domain leads to one site: remove one of the two"
                yield (*path, "domains", index), message
            owners.setdefault(host, slug)


def _services(data: Mapping[str, Any]) -> Iterator[Finding]:
    services = raw.mapping(data, "original", "services")
    for key in services:
        short = key.removesuffix("/DEFAULT")
        if short != key and short in services:
            yield ("original", "services", key), f"is the same as {short}; keep one of the two"


def _labels(data: Mapping[str, Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, command in enumerate(raw.listing(data, "original", "release_commands")):
        label = raw.at(command, "label")
        if isinstance(label, str):
            if label in seen:
                yield ("original", "release_commands", index, "label"), f"{label} is used twice; labels are unique"
            seen.add(label)


def _redeployed(data: Mapping[str, Any]) -> Iterator[Finding]:
    slugs = [slug for slug, _, _ in raw.sites(data)]
    for slug in raw.mapping(data, "redeploy"):
        if slug not in slugs:
            near = near_miss(slug, slugs)
            hint = f"did you mean {near}?" if near else "write the slug of the original or of a mirror"
            yield ("redeploy", slug), f"there is no site {slug or 'without a slug'}; {hint}"
