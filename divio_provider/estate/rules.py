"""What no single key can tell: rules between the parts of a declaration.

They read the raw data, not the validated models, so that one run names these problems together with every mistyped
key. Hence the care: whatever has the wrong shape here is skipped, because the models already complain about it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from divio_provider.estate.complaints import near_miss
from divio_provider.estate.yaml_source import Path

Finding = tuple[Path, str]

ENVIRONMENTS = ("test", "live")
_DEFAULT_SHARED = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")
SET_BY_THE_ESTATE = ("SITE_ID", "ESTATE_RELEASE", "ESTATE_SLUG", "ESTATE_ROLE")
"""Variables that nobody declares by hand."""
_WORDS = ("all", *ENVIRONMENTS)


def broken_rules(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Every rule that the data breaks: where, and a sentence with the way out."""
    yield from _slugs(data)
    yield from _pins(data)
    yield from _reserved(data)
    yield from _variables(data)
    yield from _shared(data)
    yield from _hosts(data)
    yield from _services(data)
    yield from _labels(data)
    yield from _waves(data)


def _at(data: Any, *steps: str) -> Any:  # noqa: ANN401 - raw data
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def _mapping(data: Any, *steps: str) -> Mapping[str, Any]:  # noqa: ANN401
    found = _at(data, *steps)
    return found if isinstance(found, Mapping) else {}


def _listing(data: Any, *steps: str) -> list[Any]:  # noqa: ANN401
    found = _at(data, *steps)
    return list(found) if isinstance(found, list | tuple) else []


def _whole(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int) and not isinstance(value, bool)


def _original(data: Mapping[str, Any]) -> str:
    slug = _at(data, "original", "slug")
    return slug if isinstance(slug, str) else ""


def _sites(data: Mapping[str, Any]) -> Iterator[tuple[str, Path, Any]]:
    """Every site's slug, path and raw data."""
    yield _original(data), ("original",), _at(data, "original")
    for slug, mirror in _mapping(data, "mirrors").items():
        yield slug, ("mirrors", slug), mirror


def _slugs(data: Mapping[str, Any]) -> Iterator[Finding]:
    original = _original(data)
    if original in _WORDS:
        yield ("original", "slug"), f"{original} is a word of this file; a site needs another slug"
    for slug, mirror in _mapping(data, "mirrors").items():
        path = ("mirrors", slug)
        if slug == original:
            yield path, "has the original's slug; a mirror is an application of its own: give it another"
        if slug in _WORDS:
            yield path, f"{slug} is a word of this file; a site needs another slug"
        if "slug" in _mapping(mirror):
            yield (*path, "slug"), f"unknown key; a mirror's slug is the key it stands under, {slug}"


def _pins(data: Mapping[str, Any]) -> Iterator[Finding]:
    original = _original(data)
    first = _at(data, "original", "site_id")
    owners = {first if _whole(first) else 1: original}
    for slug, mirror in _mapping(data, "mirrors").items():
        pin = _at(mirror, "site_id")
        if not _whole(pin):
            continue
        if pin in owners:
            whose = f"the original's ({original})" if owners[pin] == original else f"{owners[pin]}'s"
            yield (
                ("mirrors", slug, "site_id"),
                f"{pin} is {whose} SITE_ID; two sites never share one: choose another, or remove the pin",
            )
        else:
            owners[pin] = slug


def _reserved(data: Mapping[str, Any]) -> Iterator[Finding]:
    reserved = {key: id_ for key, id_ in _mapping(data, "site_ids", "reserved").items() if _whole(id_)}
    holders: dict[int, str] = {}
    for key, id_ in reserved.items():
        path = ("site_ids", "reserved", key)
        slug, slash, number = key.partition("/")
        if slash and number.isdecimal() and int(number) != id_:
            yield path, f"is {id_}, but its key says {number}; write {slug}/{id_}: {id_}, or {key}: {number}"
        if id_ in holders and holders[id_] != slug:
            yield path, f"{id_} is reserved for {holders[id_]} already; an id belongs to one site: remove one of the two"
        holders.setdefault(id_, slug)
    original = _original(data)
    first = _at(data, "original", "site_id")
    for slug, path, site in _sites(data):
        pin = _at(site, "site_id")
        if _whole(pin) and holders.get(pin, slug) != slug:
            yield (*path, "site_id"), f"{pin} is reserved for {holders[pin]} (site_ids.reserved); choose another"
    if not _whole(first) and holders.get(1, original) != original:
        key = next(key for key, id_ in reserved.items() if id_ == 1)
        yield (
            ("site_ids", "reserved", key),
            f"1 is the original's SITE_ID ({original}) unless original.site_id says otherwise; remove this line, or set that",
        )


def _places(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Where variables may be declared, and whose they are: "", "original" or the mirror's slug."""
    yield ("variables",), ""
    for environment in ENVIRONMENTS:
        yield (environment, "variables"), ""
    for slug, path, _ in _sites(data):
        yield (*path, "variables"), "original" if path == ("original",) else slug
        for environment in ENVIRONMENTS:
            yield (*path, environment, "variables"), "original" if path == ("original",) else slug


def _variables(data: Mapping[str, Any]) -> Iterator[Finding]:
    shared = _listing(data, "shared_variables") if _at(data, "shared_variables") is not None else _DEFAULT_SHARED
    for place, owner in _places(data):
        for name in _mapping(data, *map(str, place)):
            if name == "SITE_ID":
                where = "site_id: 7 under the site" if not owner else f"{'original' if owner == 'original' else f'mirrors.{owner}'}.site_id: 7"
                yield (*place, name), f"is set by the estate itself; to have a certain one, pin it: {where}"
            elif name == "ESTATE_RELEASE":
                yield (*place, name), "is set by the estate itself; declare release: {name: …} instead"
            elif name in {"ESTATE_SLUG", "ESTATE_ROLE"}:
                yield (*place, name), "is set by the estate itself; write identity_variables: true instead"
            elif name in shared and owner != "original":
                yield (
                    (*place, name),
                    f"every mirror gets {name} from the original; remove it here, or take it off shared_variables",
                )


def _shared(data: Mapping[str, Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, name in enumerate(_listing(data, "shared_variables")):
        path: Path = ("shared_variables", index)
        if not isinstance(name, str):
            continue
        if name in seen:
            yield path, f"{name} is listed twice; keep one"
        if name in SET_BY_THE_ESTATE:
            yield path, f"{name} is each site's own and never shared; remove it"
        seen.add(name)


def _hosts(data: Mapping[str, Any]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for slug, path, site in _sites(data):
        for index, host in enumerate(_listing(site, "domains")):
            if not isinstance(host, str):
                continue
            if host in owners:
                whose = "here already" if owners[host] == slug else f"{owners[host]}'s already"
                yield (*path, "domains", index), f"{host} is {whose}; a domain leads to one site: remove one of the two"
            owners.setdefault(host, slug)


def _services(data: Mapping[str, Any]) -> Iterator[Finding]:
    services = _mapping(data, "original", "services")
    for key in services:
        if key.endswith("/DEFAULT") and key.removesuffix("/DEFAULT") in services:
            short = key.removesuffix("/DEFAULT")
            yield ("original", "services", key), f"is the same as {short}; keep one of the two"


def _labels(data: Mapping[str, Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, command in enumerate(_listing(data, "original", "release_commands")):
        label = _at(command, "label")
        if isinstance(label, str):
            if label in seen:
                yield ("original", "release_commands", index, "label"), f"{label} is used twice; labels are unique"
            seen.add(label)


def _waves(data: Mapping[str, Any]) -> Iterator[Finding]:
    mirrors = list(_mapping(data, "mirrors"))
    waves = _listing(data, "rollout", "waves")
    names: set[str] = set()
    wave_of: dict[str, str] = {}
    rest = ""
    for index, wave in enumerate(waves):
        path: Path = ("rollout", "waves", index)
        name = str(_at(wave, "name"))
        if name in names:
            yield (*path, "name"), f"a wave before this is called {name} as well; give each a name of its own"
        names.add(name)
        if _at(wave, "sites") == "rest":
            if rest:
                yield (*path, "sites"), f"wave {rest} takes the rest already; list this wave's sites"
            rest = rest or name
        for position, slug in enumerate(_listing(wave, "sites")):
            place = (*path, "sites", position)
            if not isinstance(slug, str):
                continue
            if slug in wave_of:
                again = "listed here twice" if wave_of[slug] == name else f"in wave {wave_of[slug]} as well"
                yield place, f"{slug} is {again}; a site is deployed once: remove one of the two"
            elif slug == _original(data):
                yield place, f"{slug} is the original, which is always deployed first and alone; remove it"
            elif slug not in mirrors:
                near = near_miss(slug, mirrors)
                hint = f"did you mean {near}?" if near else "declare it under mirrors, or remove it"
                yield place, f"there is no mirror {slug}; {hint}"
            wave_of.setdefault(slug, name)
    understood = all(isinstance(_at(wave, "sites"), list | tuple) for wave in waves)
    if waves and understood:
        for slug in mirrors:
            if slug not in wave_of:
                yield ("mirrors", slug), f"{slug} is in no wave; add it to one, or add a wave with sites: rest"
