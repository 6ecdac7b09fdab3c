"""What no single value can tell: rules between the parts of a declaration.

Every rule reads the validated models and yields where it is broken, with a sentence that tells the way out.
"""

from collections.abc import Iterator

from divio_provider.estate.declaration.errors import Path, Violation, dotted
from divio_provider.estate.declaration.field_types import REST
from divio_provider.estate.declaration.rollout_settings import WaveSpec
from divio_provider.estate.declaration.sites import heir
from divio_provider.estate.declaration.spec import ENVIRONMENTS, Spec
from divio_provider.estate.declaration.validation_messages import near_miss
from divio_provider.estate.declaration.variable_types import SET_BY_THE_ESTATE

_WAVES: Path = ("rollout", "waves")


def violations(spec: Spec) -> Iterator[Violation]:
    """Every rule that a declaration breaks."""
    for rule in (_sites, _domains, _site_ids, _retired, _variables, _shared, _groups, _waves, _members):
        yield from rule(spec)


def _sites(spec: Spec) -> Iterator[Violation]:
    """Each site is an application of its own; what it lists stands there once."""
    original = spec.original
    if original.slug in spec.mirrors:
        message = "has the original's slug; a mirror is an application of its own: give it another"
        yield ("mirrors", original.slug), message
    for key in original.services:
        short = key.removesuffix("/DEFAULT")
        if short != key and short in original.services:
            yield ("original", "services", key), f"is the same as {short}; keep one of the two"
    labels = [command.label for command in original.release_commands]
    for index, label in enumerate(labels):
        if label in labels[:index]:
            yield ("original", "release_commands", index, "label"), f"{label} is used twice; labels are unique"
    for slug in spec.redeploy:
        if slug not in spec.slugs:
            near = near_miss(slug, spec.slugs)
            hint = f"did you mean {near}?" if near else "write the slug of the original or of a mirror"
            yield ("redeploy", slug), f"there is no site {slug or 'without a slug'}; {hint}"


def _domains(spec: Spec) -> Iterator[Violation]:
    """A domain leads to one site."""
    owners: dict[str, str] = {}
    for path, slug, site in spec.sites():
        for index, host in enumerate(site.domains):
            if host in owners:
                whose = "listed here already" if owners[host] == slug else f"{owners[host]}'s already"
                message = f"{host} is {whose}; a domain leads to one site: remove one of the two"
                yield (*path, "domains", index), message
            owners.setdefault(host, slug)


def _site_ids(spec: Spec) -> Iterator[Violation]:
    """No two sites, present or gone, share a `SITE_ID`."""
    original = spec.original.slug
    # What Django's own first migration creates is 1.
    owners = {spec.original.site_id or 1: original}
    for index, id_ in enumerate(spec.reserved):
        if id_ in spec.reserved[:index]:
            yield ("reserved", index), f"{id_} is listed twice; keep one of the two"
    for path, slug, id_ in _ids(spec):
        owner, way_out = heir(owners.setdefault(id_, slug), id_, spec.retired), "choose another, or remove the pin"
        if id_ in spec.reserved:
            yield path, f"{id_} is listed under reserved, so no site may have it; remove one of the two"
        elif owner == heir(slug, id_, spec.retired):
            continue
        elif owner == original:
            yield path, f"{id_} is the original's SITE_ID ({original}); two sites never share one: {way_out}"
        elif owner not in spec.retired:
            yield path, f"{id_} is {owner}'s SITE_ID; two sites never share one: {way_out}"
        else:
            message = f"{id_} was {owner}'s, and an id once used is never another site's: {way_out}"
            yield path, f"{message}; if {slug} carries {owner} on, say so: retired.{owner}.successor: {slug}"


def _ids(spec: Spec) -> Iterator[tuple[Path, str, int]]:
    """Every `SITE_ID` in the file, those of sites that are gone first: its place, and whose it is."""
    sites = [(("retired", slug), slug, gone) for slug, gone in spec.retired.items()]
    for path, slug, site in [*sites, *spec.sites()]:
        if site.site_id is not None:
            yield (*path, "site_id"), slug, site.site_id


def _retired(spec: Spec) -> Iterator[Violation]:
    """A site is declared or retired, and what carries it on is a mirror with its `SITE_ID`."""
    for slug, gone in spec.retired.items():
        path: Path = ("retired", slug)
        if slug == spec.original.slug:
            yield path, f"{slug} is the original; every mirror lives on it, so it is not retired: remove this line"
        elif slug in spec.mirrors:
            yield path, f"{slug} is declared as a mirror as well (mirrors.{slug}); remove one of the two"
        if gone.successor is None:
            continue
        successor, first = spec.mirrors.get(gone.successor), spec.predecessors(gone.successor)[0]
        if first != slug:
            yield (*path, "successor"), f"{gone.successor} carries on {first} already; a site carries on one other"
        elif successor is None and not _ends(spec, slug):
            near = near_miss(gone.successor, spec.mirrors)
            hint = f"did you mean {near}?" if near else "write the slug of a mirror"
            yield (*path, "successor"), f"there is no mirror {gone.successor}; {hint}"
        elif successor is not None and (gone.site_id is None or successor.site_id != gone.site_id):
            number = gone.site_id or successor.site_id or 7
            both = f"site_id: {number} here and under mirrors.{gone.successor}"
            yield (*path, "successor"), f"{gone.successor} is to carry on the same SITE_ID; pin both: {both}"


def _ends(spec: Spec, slug: str) -> bool:
    """Whether successors, who may be retired in their turn, end with a site that is or was there."""
    seen = {slug}
    while (gone := spec.retired.get(slug)) and gone.successor:
        slug = gone.successor
        if slug in seen:
            return False
        seen.add(slug)
    return slug in spec.retired or slug in spec.mirrors


def _variables(spec: Spec) -> Iterator[Violation]:
    """Nobody declares by hand what the estate sets itself, or what mirrors get from the original."""
    for path, owner in [((), spec), *((path, site) for path, _, site in spec.sites())]:
        for place, settings in ((path, owner), ((*path, "test"), owner.test), ((*path, "live"), owner.live)):
            for name in settings.variables:
                variable: Path = (*place, "variables", name)
                if name in SET_BY_THE_ESTATE:
                    yield variable, f"is set by the estate itself; remove it; {_instead(name, path)}"
                # The original may set it: what it is deployed with is what mirrors get.
                elif name in spec.shared_variables and path != ("original",):
                    message = f"every mirror gets {name} from the original; remove it here"
                    yield variable, f"{message}, or take it off shared_variables"


def _instead(name: str, site: Path) -> str:
    """How the estate is told what the variable shall be; of a site where it has a path."""
    if name == "ESTATE_RELEASE":
        return "it comes from release: {name: …}"
    if name != "SITE_ID":
        return "it comes from identity_variables: true"
    where = f"as {dotted(site)}.site_id: 7" if site else "with site_id: 7 under the site"
    return f"a site that must have a certain one is pinned, {where}"


def _shared(spec: Spec) -> Iterator[Violation]:
    """Shared variables are listed once; values that Divio withholds belong to them, and to one environment each."""
    names = spec.shared_variables
    for index, name in enumerate(names):
        if name in names[:index]:
            yield ("shared_variables", index), f"{name} is listed twice; keep one of the two"
        if name in SET_BY_THE_ESTATE:
            yield ("shared_variables", index), f"{name} is each site's own and never shared; remove it"
    for environment in ENVIRONMENTS:
        for name, value in spec.environment(environment).shared.items():
            path = (environment, "shared", name)
            if name not in names:
                yield path, f"{name} is not shared; add it to shared_variables, or declare it under variables"
            if environment == "live" and isinstance(value.secret, str) and value in spec.test.shared.values():
                message = f"Test and Live would share {value.secret}; each has a database of its own"
                yield path, f"{message}: give it its own key"


def _groups(spec: Spec) -> Iterator[Violation]:
    """A name that a wave may say stands for one thing only."""
    for slug, mirror in spec.mirrors.items():
        for index, group in enumerate(mirror.groups):
            path = ("mirrors", slug, "groups", index)
            if group in mirror.groups[:index]:
                yield path, f"{group} is listed here twice; keep one of the two"
            elif group in spec.slugs:
                whose = "this site's" if group == slug else "a site's"
                yield path, f"{group} is {whose} slug; call the group something else"


def _waves(spec: Spec) -> Iterator[Violation]:
    """Waves have names of their own, and one at the most takes the rest."""
    waves = spec.rollout.waves
    for index, wave in enumerate(waves):
        if wave.name in [other.name for other in waves[:index]]:
            message = f"another wave is called {wave.name} as well; give each a name of its own"
            yield (*_WAVES, index, "name"), message
        if wave.sites == REST and REST in [other.sites for other in waves[:index]]:
            yield (*_WAVES, index, "sites"), "another wave takes the rest already; list this wave's sites"


def _members(spec: Spec) -> Iterator[Violation]:
    """Every mirror is in exactly one wave, and the original in none."""
    members = {slug: (slug,) for slug in spec.mirrors} | spec.groups
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
                complete = False  # a misspelt name would be told once more for each site that it was to bring
                yield path, _unknown(name, list(members))
            elif again := [slug for slug in members[name] if wave_of.setdefault(slug, wave) is not wave]:
                more = f" and {len(again) - 1} more" if len(again) > 1 else ""
                what = again[0] if name == again[0] else f"{again[0]}{more} of group {name}"
                where = f"{'are' if more else 'is'} in wave {wave_of[again[0]].name} and in wave {wave.name}"
                yield path, f"{what} {where}; a site is deployed once: remove one of the two"
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
