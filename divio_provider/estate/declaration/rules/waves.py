"""Rules for waves: every mirror is in exactly one, and the original in none."""

from collections.abc import Iterator

from divio_provider.estate.declaration.document import Path, Violation
from divio_provider.estate.declaration.field_types import REST
from divio_provider.estate.declaration.rollout import WaveSpec
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.declaration.validation_messages import near_miss

_WAVES: Path = ("rollout", "waves")


def violations(spec: Spec) -> Iterator[Violation]:
    """Every rule for waves that the declaration breaks."""
    waves = spec.rollout.waves
    for index, wave in enumerate(waves):
        if wave.name in [other.name for other in waves[:index]]:
            path = (*_WAVES, index, "name")
            yield path, f"another wave is called {wave.name} as well; give each a name of its own"
        if wave.sites == REST and REST in [other.sites for other in waves[:index]]:
            yield (*_WAVES, index, "sites"), "another wave takes the rest already; list this wave's sites"
    yield from _members(spec)


def _members(spec: Spec) -> Iterator[Violation]:
    groups = spec.groups
    members = {slug: (slug,) for slug in spec.mirrors} | groups
    wave_of: dict[str, WaveSpec] = {}
    complete = bool(spec.rollout.waves) and REST not in [wave.sites for wave in spec.rollout.waves]
    for index, wave in enumerate(spec.rollout.waves):
        for position, name in enumerate(wave.names):
            path: Path = (*_WAVES, index, "sites", *([] if isinstance(wave.sites, str) else [position]))
            if name in wave.names[:position]:
                yield path, f"{name} is listed here twice; a site is deployed once: remove one of the two"
            elif name == spec.original.slug:
                yield path, f"{name} is the original, which is always deployed first and alone; remove it"
            elif name not in members:
                complete = False
                yield path, _unknown(name, list(members))
            else:
                again = [slug for slug in members[name] if wave_of.setdefault(slug, wave) is not wave]
                if again:
                    more = f" and {len(again) - 1} more" if len(again) > 1 else ""
                    what = again[0] if name == again[0] else f"{again[0]}{more} of group {name}"
                    where = f"in wave {wave_of[again[0]].name} and in wave {wave.name}"
                    verb = "are" if more else "is"
                    yield path, f"{what} {verb} {where}; a site is deployed once: remove one of the two"
    # A misspelt name would be told once more for each site that it was to bring.
    for slug in [slug for slug in spec.mirrors if complete and slug not in wave_of]:
        yield ("mirrors", slug), f"{slug} is in no wave; add it to one, or add a wave with sites: rest"


def _unknown(name: str, known: list[str]) -> str:
    if name == REST:
        return "rest stands alone, not in a list: sites: rest"
    near = near_miss(name, [*known, REST])
    if name == "all" or near == REST:
        hint = "all mirrors that are in no other wave are called rest: sites: rest"
    else:
        hint = f"did you mean {near}?" if near else "declare it under mirrors, or remove it"
    return f"there is no mirror and no group {name}; {hint}"
