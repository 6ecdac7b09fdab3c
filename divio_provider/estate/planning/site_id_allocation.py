"""Which `SITE_ID` belongs to which site, for ever.

Django's Sites framework takes two sites with one id for one site, and a new site that is given the id of an old one
shows the old one's content. So an id belongs to the first slug that gets it and never to another, unless the file names
that one the successor of a retired site: not when sites are inserted, removed or put in another order, not when a pin
moves a site to another id.

The register is the memory of that. `ids` has the sites there are; `retired` every id that was in use and is not now,
by the slug it still belongs to. A site that a pin gave another id keeps its old one there as well, under "slug/3".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from divio_provider.estate.declaration.errors import Path
from divio_provider.estate.declaration.sites import Retired, heir
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.planning.retirement import vanished

FIRST = 1
"""The original's id where nothing else is declared: what Django's own first migration creates."""
_NOBODY = ""
"""Whose an id is that is reserved without a slug."""


class SiteIdError(Exception):
    """Two sites want one id, or a site is gone that nobody retired. The text names them and the way out."""


@dataclass(frozen=True)
class Register:
    """Ids in use and ids retired, each by slug."""

    ids: dict[str, int] = field(default_factory=dict)
    retired: dict[str, int] = field(default_factory=dict)

    @classmethod
    def restored(cls, ids: Mapping[str, float], retired: Mapping[str, float]) -> "Register":
        """From a stack's state, where whole numbers may have become 3.0.

        >>> Register.restored({"acme-main": 1.0}, {})
        Register(ids={'acme-main': 1}, retired={})
        """
        return cls({slug: int(id_) for slug, id_ in ids.items()}, {slug: int(id_) for slug, id_ in retired.items()})


def allocate(
    original: str,
    mirrors: Sequence[str],
    pins: Mapping[str, int],
    before: Register | None,
    retired: Mapping[str, Retired] | None = None,
    reserved: Collection[int] = (),
    may_leave: Collection[str] = (),
) -> Register:
    """The register after these sites were declared.

    `mirrors` stand in the order of the file, which decides only between sites that are new. `pins` are the ids that
    sites declare, the original's included; `before` is the register as it was, None where there is none yet. `retired`
    are the sites that the file says to have left, `reserved` ids without a slug that nobody gets, `may_leave` slugs
    that leave although they are not retired, `all` standing for every one.

    The original gets its pin, else the id it had, else 1. A mirror gets its pin, else the id it has or had, else the
    lowest from 2 on that was never used, pinned or reserved. Raises SiteIdError on any collision, and for a site that
    is neither declared nor retired.

    >>> first = allocate("main", ["blog", "shop"], {}, None)
    >>> first.ids
    {'main': 1, 'blog': 2, 'shop': 3}
    >>> allocate("main", ["news", "shop"], {}, first, retired={"blog": Retired()})
    Register(ids={'main': 1, 'news': 4, 'shop': 3}, retired={'blog': 2})
    """
    before, retired, sites = before or Register(), retired or {}, (original, *mirrors)
    if len(set(sites)) < len(sites):
        twice = next(slug for slug in sites if sites.count(slug) > 1)
        raise SiteIdError(f"{twice} is declared as two sites; every slug is one site")
    if problem := vanished(before.ids, {*sites, *retired, *may_leave}):
        raise SiteIdError(problem)
    owners = _owners(before, retired, reserved)
    pinned = {slug: id_ for slug, id_ in pins.items() if slug in sites}
    known = {**_plain(before.retired), **before.ids, **pinned}
    ids: dict[str, int] = {}
    for slug in sites:
        if slug in known or slug == original:
            ids[slug] = known.get(slug, FIRST)
            _claim(owners, ids[slug], slug)
    unused = (id_ for id_ in count(FIRST + 1) if id_ not in owners)
    for slug in mirrors:
        if slug not in ids:
            ids[slug] = next(unused)
    return Register({slug: ids[slug] for slug in sites}, _retired(before, ids))


def _owners(before: Register, retired: Mapping[str, Retired], reserved: Collection[int]) -> dict[int, str]:
    """The slug that every id of the past belongs to: its successor's, where it has one."""
    owners = dict.fromkeys(reserved, _NOBODY)
    of_retired = {slug: gone.site_id for slug, gone in retired.items() if gone.site_id is not None}
    for table in (before.ids, before.retired, of_retired):
        for key, id_ in table.items():
            if owners.get(id_) != _NOBODY:
                _claim(owners, id_, heir(key.partition("/")[0], id_, retired))
    return owners


def _claim(owners: dict[int, str], id_: int, slug: str) -> None:
    owner = owners.setdefault(id_, slug)
    if owner == _NOBODY:
        raise SiteIdError(f"SITE_ID {id_} is listed under reserved and cannot be {slug}'s; remove one of the two")
    if owner != slug:
        raise SiteIdError(
            f"SITE_ID {id_} belongs to {owner} and cannot be {slug}'s: an id once used is never another site's; give "
            f"{slug} another one (site_id under the site), or, if {slug} carries on {owner}, which is to go, write "
            f"retired: {{{owner}: {{site_id: {id_}, successor: {slug}}}}}"
        )


def _plain(table: Mapping[str, int]) -> dict[str, int]:
    """Without the ids that sites had before their present or last one."""
    return {key: id_ for key, id_ in table.items() if "/" not in key}


def _retired(before: Register, ids: Mapping[str, int]) -> dict[str, int]:
    """Every id of the past that is not in use now, under the key that says whose it is."""
    retired: dict[str, int] = {}
    in_use = set(ids.values())
    for table in (before.retired, before.ids):
        for key, id_ in table.items():
            slug = key.partition("/")[0]
            if id_ in in_use:
                continue
            # A site that is there, with another id, has outgrown this one; so has one that left with another.
            moved_on = slug in ids or (key == slug and before.ids.get(slug, id_) != id_)
            retired[f"{slug}/{id_}" if moved_on or "/" in key else slug] = id_
    return dict(sorted(retired.items()))


def missing_pins(spec: Spec, register: Register) -> dict[Path, int]:
    """What a stack's register knows and the declaration does not say, by its path there, so that git may remember it.

    Pins of sites without one, ids of retired sites, then ids that sites had before, which nobody is to get. Sites that the
    register does not know yet get no pin; the original needs none while it has the id it would get anyway.
    """
    missing: dict[Path, int] = {}
    for path, slug, site in spec.sites():
        id_ = register.ids.get(slug)
        if site.site_id is None and id_ is not None and not (path == ("original",) and id_ == FIRST):
            missing[*path, "site_id"] = id_
    said = {site.site_id for site in (*spec.retired.values(), *(site for _, _, site in spec.sites()))} | {
        *spec.reserved
    }
    unsaid = {key: id_ for key, id_ in register.retired.items() if id_ not in said}
    for slug, id_ in unsaid.items():
        known = spec.retired.get(slug)
        if slug not in spec.slugs and "/" not in slug and (known is None or known.site_id is None):
            missing["retired", slug, "site_id"] = id_
    former = [id_ for key, id_ in unsaid.items() if ("retired", key, "site_id") not in missing]
    return missing | {("reserved", index): id_ for index, id_ in enumerate(former, len(spec.reserved))}
