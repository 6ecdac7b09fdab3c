"""Rules for waves: every mirror is in exactly one, and the original in none."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from divio_provider.estate.declaration import raw
from divio_provider.estate.declaration.document import Finding, Path
from divio_provider.estate.declaration.rules.groups import members
from divio_provider.estate.declaration.validation_messages import near_miss

_WAVES: Path = ("rollout", "waves")
REST = "rest"
"""What a wave says to have all mirrors that are in no other."""


def broken_wave_rules(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Every rule for waves that the data breaks."""
    yield from _names(data)
    yield from _rest(data)
    yield from _members(data)
    yield from _left_out(data)


def _names(data: Mapping[str, Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, wave in enumerate(raw.listing(data, "rollout", "waves")):
        name = raw.at(wave, "name")
        if isinstance(name, str):
            if name in seen:
                yield (*_WAVES, index, "name"), f"another wave is called {name} as well; give each a name of its own"
            seen.add(name)


def _rest(data: Mapping[str, Any]) -> Iterator[Finding]:
    found = False
    for index, wave in enumerate(raw.listing(data, "rollout", "waves")):
        if raw.at(wave, "sites") == REST:
            if found:
                yield (*_WAVES, index, "sites"), "another wave takes the rest already; list this wave's sites"
            found = True


def _named(wave: Any, index: int) -> Iterator[tuple[Path, str]]:  # noqa: ANN401
    """The names that a wave has under `sites`, one or a list of them, and where each stands."""
    sites = raw.at(wave, "sites")
    if isinstance(sites, str) and sites:
        yield (*_WAVES, index, "sites"), sites
    for position, name in enumerate(raw.listing(wave, "sites")):
        if isinstance(name, str) and name:
            yield (*_WAVES, index, "sites", position), name


def _members(data: Mapping[str, Any]) -> Iterator[Finding]:
    mirrors, groups = raw.mapping(data, "mirrors"), members(data)
    wave_of: dict[str, int] = {}
    listed = raw.listing(data, "rollout", "waves")
    for index, wave in enumerate(listed):
        seen: set[str] = set()
        for path, name in _named(wave, index):
            if name == REST and path[-1] == "sites":
                continue
            if name in seen:
                yield path, f"{name} is listed here twice; a site is deployed once: remove one of the two"
                continue
            seen.add(name)
            if name == raw.original(data):
                yield path, f"{name} is the original, which is always deployed first and alone; remove it"
                continue
            if name not in mirrors and name not in groups:
                yield path, _unknown(name, mirrors, groups)
                continue
            yield from _twice(path, name, [name] if name in mirrors else groups[name], wave_of, listed)


def _unknown(name: str, mirrors: Mapping[str, Any], groups: Mapping[str, Any]) -> str:
    if name == REST:
        return "rest stands alone, not in a list: sites: rest"
    near = near_miss(name, [*mirrors, *groups, REST])
    if name == "all" or near == REST:
        hint = "all mirrors that are in no other wave are called rest: sites: rest"
    else:
        hint = f"did you mean {near}?" if near else "declare it under mirrors, or remove it"
    return f"there is no mirror and no group {name}; {hint}"


def _twice(
    path: Path, name: str, slugs: Sequence[str], wave_of: dict[str, int], waves: Sequence[Any]
) -> Iterator[Finding]:
    """One sentence for what a name brings into a second wave, however many sites that are."""
    index = int(path[2])
    again = [slug for slug in slugs if wave_of.setdefault(slug, index) != index]
    if again:
        first, here = _called(waves, wave_of[again[0]]), _called(waves, index)
        more = f" and {len(again) - 1} more" if len(again) > 1 else ""
        what = again[0] if [name] == again else f"{again[0]}{more} of group {name}"
        verb = "are" if more else "is"
        yield path, f"{what} {verb} in wave {first} and in wave {here}; a site is deployed once: remove one of the two"


def _called(waves: Sequence[Any], index: int) -> str:
    name = raw.at(waves[index], "name")
    return name if isinstance(name, str) else f"number {index + 1}"


def _left_out(data: Mapping[str, Any]) -> Iterator[Finding]:
    waves = raw.listing(data, "rollout", "waves")
    found = [raw.at(wave, "sites") for wave in waves]
    words = [name for sites in found for name in (sites if isinstance(sites, list | tuple) else [sites])]
    # A wave that takes the rest, or one nobody can read, may be where the others belong.
    if not waves or REST in found or not all(isinstance(name, str) and name for name in words):
        return
    groups = members(data)
    names = [name for index, wave in enumerate(waves) for _, name in _named(wave, index)]
    if not all(name in groups or name in raw.mapping(data, "mirrors") for name in names):
        return  # A misspelt name would be told once more for each site that it was to bring.
    listed = {slug for name in names for slug in groups.get(name, [name])}
    for slug in raw.mapping(data, "mirrors"):
        if slug not in listed:
            yield ("mirrors", slug), f"{slug} is in no wave; add it to one, or add a wave with sites: rest"
