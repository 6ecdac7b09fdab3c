"""Rules for waves: every mirror is in exactly one, and the original in none."""

from collections.abc import Iterator, Mapping
from typing import Any

from divio_provider.estate import raw
from divio_provider.estate.complaints import near_miss
from divio_provider.estate.document import Finding, Path

_WAVES: Path = ("rollout", "waves")


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
        if raw.at(wave, "sites") == "rest":
            if found:
                yield (*_WAVES, index, "sites"), "another wave takes the rest already; list this wave's sites"
            found = True


def _members(data: Mapping[str, Any]) -> Iterator[Finding]:
    mirrors = raw.mapping(data, "mirrors")
    wave_of: dict[str, int] = {}
    for index, wave in enumerate(raw.listing(data, "rollout", "waves")):
        for position, slug in enumerate(raw.listing(wave, "sites")):
            path = (*_WAVES, index, "sites", position)
            if not isinstance(slug, str):
                continue
            if slug in wave_of:
                again = "listed here twice" if wave_of[slug] == index else "in another wave as well"
                yield path, f"{slug} is {again}; a site is deployed once: remove one of the two"
            elif slug == raw.original(data):
                yield path, f"{slug} is the original, which is always deployed first and alone; remove it"
            elif slug not in mirrors:
                near = near_miss(slug, mirrors)
                hint = f"did you mean {near}?" if near else "declare it under mirrors, or remove it"
                yield path, f"there is no mirror {slug}; {hint}"
            wave_of.setdefault(slug, index)


def _left_out(data: Mapping[str, Any]) -> Iterator[Finding]:
    waves = [raw.at(wave, "sites") for wave in raw.listing(data, "rollout", "waves")]
    # A wave that takes the rest, or one nobody can read, may be where the others belong.
    if not waves or not all(isinstance(sites, list | tuple) for sites in waves):
        return
    listed = {slug for sites in waves for slug in sites if isinstance(slug, str)}
    for slug in raw.mapping(data, "mirrors"):
        if slug not in listed:
            yield ("mirrors", slug), f"{slug} is in no wave; add it to one, or add a wave with sites: rest"
