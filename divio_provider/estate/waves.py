"""Which sites are deployed together, and in which order.

Only mirrors: the original always goes first and alone, so that migrations run once. A wave is over when all of its
sites are; how many may fail is the rollout's business (`rollout.max_failures`).
"""

from dataclasses import dataclass

from divio_provider.estate.spec import Spec

REST = "rest"


@dataclass(frozen=True)
class Wave:
    """Mirrors deployed together. `max_parallel` deployments run at once, None: all of them."""

    name: str
    sites: tuple[str, ...]
    max_parallel: int | None = None


def waves(spec: Spec) -> tuple[Wave, ...]:
    """The waves in order, every mirror in exactly one, sites in the order of the file; waves without a site left out.

    >>> from divio_provider.estate.spec import declare
    >>> estate = {"organisation": "Acme", "region": "Frankfurt", "plan": {"original": "L", "mirror": "S"},
    ...           "original": {"slug": "main", "name": "Main"},
    ...           "mirrors": {"blog": {"name": "B"}, "shop": {"name": "S"}}}
    >>> waves(declare(estate))
    (Wave(name='rest', sites=('blog', 'shop'), max_parallel=None),)
    >>> canary = [{"name": "canary", "sites": ["shop"]}, {"name": "others", "sites": "rest", "max_parallel": 10}]
    >>> [(wave.name, wave.sites) for wave in waves(declare({**estate, "rollout": {"waves": canary}}))]
    [('canary', ('shop',)), ('others', ('blog',))]
    """
    if not spec.rollout.waves:
        return (Wave(REST, tuple(spec.mirrors)),) if spec.mirrors else ()
    listed = {slug for wave in spec.rollout.waves if wave.sites != REST for slug in wave.sites}
    planned = []
    for wave in spec.rollout.waves:
        if wave.sites == REST:
            sites = tuple(slug for slug in spec.mirrors if slug not in listed)
        else:
            sites = tuple(slug for slug in spec.mirrors if slug in wave.sites)
        if sites:
            planned.append(Wave(wave.name, sites, wave.max_parallel))
    return tuple(planned)
