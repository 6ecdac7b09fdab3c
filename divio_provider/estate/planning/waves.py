"""Which sites are deployed together, and in which order.

Only mirrors: the original always goes first and alone, so that migrations run once. A wave is over when all of its
sites are; how many may fail is the rollout's business (`rollout.max_failures`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from divio_provider.estate.declaration.field_types import REST
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.declaration.validation_messages import near_miss


@dataclass(frozen=True)
class Wave:
    """Mirrors deployed together. `max_parallel` deployments run at once, None: all of them."""

    name: str
    sites: tuple[str, ...]
    max_parallel: int | None = None

    @property
    def at_once(self) -> int:
        """How many of its deployments run at the same time at most."""
        return min(self.max_parallel or len(self.sites), len(self.sites))


_FEW = 4


def listed(slugs: Sequence[str]) -> str:
    """Sites for people, the first few by name.

    >>> listed(["a", "b", "c", "d", "e", "f"])
    'a, b, c, d and 2 more'
    """
    more = f" and {len(slugs) - _FEW} more" if len(slugs) > _FEW else ""
    return ", ".join(slugs[:_FEW]) + more


def waves(spec: Spec) -> tuple[Wave, ...]:
    """The waves in order, every mirror in exactly one, sites in the order of the file; waves without a site left out.

    A mirror is in the wave that names it or a group that it is in.
    """
    if not spec.rollout.waves:
        return (Wave(REST, tuple(spec.mirrors)),) if spec.mirrors else ()
    named = {
        wave.name: {slug for slug, mirror in spec.mirrors.items() if not {slug, *mirror.groups}.isdisjoint(wave.names)}
        for wave in spec.rollout.waves
        if wave.sites != REST
    }
    listed = set().union(*named.values())
    planned = []
    for wave in spec.rollout.waves:
        members = named.get(wave.name, spec.mirrors.keys() - listed)
        sites = tuple(slug for slug in spec.mirrors if slug in members)
        if sites:
            planned.append(Wave(wave.name, sites, wave.max_parallel))
    return tuple(planned)


def at_once_on_test(spec: Spec) -> int | None:
    """How many mirrors' Tests a release deploys at once; None: all of them.

    Mirrors' Tests are not deployed in waves, since nobody visits them. They do share a database, though: where
    `max_parallel` holds back a wave, they go at the pace of the wave that has most deployments at once.
    """
    planned = waves(spec)
    held_back = any(wave.at_once < len(wave.sites) for wave in planned)
    return max(wave.at_once for wave in planned) if held_back else None


def unknown_wave(spec: Spec, until: str, key: str) -> str:
    """What is wrong with the wave that the configuration's `key` names as the last to deploy; empty: nothing."""
    names = [wave.name for wave in waves(spec)]
    if until in names:
        return ""
    near = near_miss(until, names)
    return (
        f'the configuration {key} names the wave "{until}", which does not exist; '
        f"{f'did you mean {near}? ' if near else ''}There are: {', '.join(names) or 'none'}. To deploy all of them: "
        "pulumi config rm until"
    )
