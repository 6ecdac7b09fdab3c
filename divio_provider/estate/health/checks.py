"""What is found of one site, and of a file: every rule of what is amiss, held against what was observed.

One fault is said once: what follows from it (a failed deployment leaves its site behind) is said along with it. What
Divio withholds, or nobody read, proves nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from divio_provider.estate.declaration.spec import ENVIRONMENTS, Environment, Spec
from divio_provider.estate.health.findings import Finding, Kind
from divio_provider.estate.health.observation import ObservedEnvironment
from divio_provider.estate.health.site import Site, carried
from divio_provider.estate.planning.built_ins import deployed_hosts, is_built_in
from divio_provider.estate.planning.connections import connections_warning
from divio_provider.estate.planning.unfinished import in_words
from divio_provider.estate.planning.variables import SecretRef, variables_of
from divio_provider.estate.planning.wiring import RELEASE, SITE_ID, site_id_problem

Twins = Mapping[Environment, Mapping[str, Sequence[str]]]
"""For each environment the sites that have one `SITE_ID`, by that id."""

_DATABASE = "DATABASE_URL"
_Amiss = tuple[Kind, str, Sequence[str]]
"""What is wrong with variables: the kind, its words with `{}` for their names, and those names."""

_LACKS = (Kind.MISSING_ID, Kind.MISSING_DSN)
_OWN = "_DATABASE_DSN"
"""The end of the names under which Divio also tells an environment its databases (divio-api.md, built-in variables)."""

CURED_BY_DEPLOYING = frozenset({Kind.NEVER_DEPLOYED, Kind.FAILED, Kind.BEHIND, Kind.UNDEPLOYED})
"""What is no finding of a site on hold, which is not deployed on purpose."""


def of_file(spec: Spec, today: date) -> list[Finding]:
    """What a file may say, but somebody should know of: sites on hold, and more connections than the database takes."""
    found = []
    for slug, mirror in spec.mirrors.items():
        if mirror.hold is not None and mirror.hold.over(today):
            text = f"is still on hold ({mirror.hold.reason}), and {mirror.hold.until} is over"
            found.append(Finding(slug, "", Kind.HOLD_OVER, text, Kind.HOLD_OVER.remedy))
        elif mirror.hold is not None:
            found.append(Finding(slug, "", Kind.ON_HOLD, f"is on hold: {mirror.hold.said}", Kind.ON_HOLD.remedy))
    crowded, way_out = connections_warning(spec)
    return [*found, Finding("", "", Kind.CONNECTIONS, crowded, way_out)] if crowded else found


class SiteChecks:
    """The checks of one site."""

    def __init__(self, site: Site, twins: Twins) -> None:
        """`twins` are all sites that share a `SITE_ID`."""
        self._site = site
        self._twins = twins

    def of_site(self) -> Iterator[Finding]:
        """What concerns the site as a whole; where this says that it does not exist, there is nothing else to say."""
        site = self._site
        if site.unfinished:
            yield self._finding("", Kind.UNFINISHED, f"is unfinished: {in_words(site.unfinished)}")
        if site.found is None:
            if not site.unfinished:
                yield self._finding("", Kind.MISSING, "does not exist on Divio")
        elif site.spec is not None and site.role == "mirror" and self._mirrors_another():
            text = f"exists on Divio (uuid {site.found.uuid}), but is no mirror of {site.original}"
            yield self._finding("", Kind.NOT_A_MIRROR, text)

    def of_environment(self, environment: Environment) -> Iterator[Finding]:
        """What concerns one environment of a site that exists."""
        site, shown = self._site, self._site.shown(environment)
        if shown is None:
            yield self._finding(environment, Kind.NO_ENVIRONMENT, "Divio shows no such environment of it")
            return
        if shown.last is None and site.unfinished and shown.result != "failed":
            return  # on its way: that it is unfinished says why
        variables = [*self._identity(environment, shown), *self._wiring(environment, shown)]
        elsewhere = self._other_region()
        if elsewhere:
            yield self._finding(environment, Kind.OTHER_REGION, elsewhere)
        elif shown.result == "never":
            # Nobody has set it up yet: what it lacks belongs to that, and is to be there before it is deployed.
            lacking = [] if site.hold else [name for kind, _, names in variables if kind in _LACKS for name in names]
            variables = [one for one in variables if site.hold or one[0] not in _LACKS]
            text = "was never deployed" + (f", and lacks {', '.join(lacking)}: set that first" if lacking else "")
            yield self._finding(environment, Kind.NEVER_DEPLOYED, text)
        variables += self._against_the_file(environment, shown)
        for kind, text, names in variables:
            yield self._finding(environment, kind, text.replace("{}", ", ".join(names)))
        named = {name for *_, names in variables for name in names}
        named |= {SITE_ID} if self.shares_id(environment) else set()
        yield from self._deployed(environment, shown, named, elsewhere)
        if environment == "live":
            yield from self._domains(shown)

    def notes_of(self, environment: Environment) -> Iterator[Finding]:
        """What is no finding, but who reads the others should know of it."""
        site, shown = self._site, self._site.shown(environment)
        if shown is not None and shown.result == "running":
            yield self._finding(environment, Kind.RUNNING, "a deployment is running; what it brings is not judged")
        attached = site.estate.domains or {}
        if environment == "live" and site.spec is not None and site.role != "foreign":
            declared = {host for slug in site.spec.slugs for host in site.spec.site(slug).domains}
            foreign = {host for host, (slug, _) in attached.items() if slug == site.slug} - declared
            for host in sorted(foreign):
                text = f"has the domain {host}, not declared in the file"
                yield self._finding(environment, Kind.FOREIGN_DOMAIN, text)

    def shares_id(self, environment: Environment) -> Sequence[str]:
        """The sites that have its `SITE_ID` there, itself among them; none where nobody shares it."""
        slugs = self._twins[environment].get(self._site.set_in(environment) or "", ())
        return slugs if self._site.slug in slugs else ()

    def _finding(self, environment: str, kind: Kind, text: str) -> Finding:
        declared = self._site.spec is not None and self._site.role != "foreign"
        return Finding(self._site.slug, environment, kind, text, kind.remedy if declared else kind.by_hand)

    def _mirrors_another(self) -> bool:
        found, source = self._site.found, self._site.source
        return found is not None and source is not None and found.original not in ("", source.uuid)

    def _other_region(self) -> str:
        theirs, ours = (one.region if one is not None else "" for one in (self._site.source, self._site.found))
        if not ours or not theirs or ours == theirs:
            return ""
        where = f"is in {ours}, and {self._site.original} in {theirs}"
        return f"{where}: a mirror in another region than its original fails to deploy"

    def _identity(self, environment: Environment, shown: ObservedEnvironment) -> Iterator[_Amiss]:
        site, wanted, actual = self._site, self._site.registered(), self._site.set_in(environment)
        shared = self.shares_id(environment)
        if shared and shared[0] == site.slug:  # told of the first alone, which names the others
            text = f"has the {{}} {actual} of {', '.join(shared[1:])}; they are one site to Django"
            yield Kind.DUPLICATE_ID, text, [SITE_ID]
        if SITE_ID not in shown.present and not site.is_original:
            kept = carried(shown).get(SITE_ID)
            until = f"; its last deployment still carries {kept}" if kept else ""
            yield Kind.MISSING_ID, f"lacks {{}} and acts as site 1{until}", [SITE_ID]
        elif SITE_ID in shown.present and actual is not None and (problem := site_id_problem(actual)):
            yield Kind.ODD_ID, f"has a {{}} that Django cannot use: {problem}", [SITE_ID]
        elif actual is not None and wanted is not None and actual != str(wanted):
            yield Kind.OTHER_ID, f"has the {{}} {actual}, but it is to be {wanted}", [SITE_ID]
        elif wanted is None and (text := self._two_ids()):
            yield Kind.IDS_DIFFER, text, [SITE_ID]

    def _two_ids(self) -> str:
        """That its Test and its Live have two ids, where nothing else that is said explains it."""
        ids = {one: self._site.set_in(one) for one in self._twins}
        explained = any(
            value is None or site_id_problem(value) or self.shares_id(one) or SITE_ID in self._site.undeployed(one)
            for one, value in ids.items()
        )
        if explained or len(set(ids.values())) < 2:
            return ""
        return f"has two {{}}s: {', '.join(f'{value} on {one.capitalize()}' for one, value in ids.items())}"

    def _wiring(self, environment: Environment, shown: ObservedEnvironment) -> Iterator[_Amiss]:
        """What is wrong with a mirror's shared variables and databases."""
        site = self._site
        if site.role != "mirror":
            return
        theirs, ours = site.originals(environment), carried(shown)
        own, crossed = self._databases(environment, shown)
        missing, other = [], []
        for name in site.shared:
            right = theirs.get(name)
            set_, kept = shown.present.get(name), ours.get(name)
            value = kept if set_ is None else set_
            differs = value is not None and right is not None and value != right
            if differs and value in self._elsewhere(environment, [name]):
                crossed.append(name)
            elif differs and name == _DATABASE and own:
                text = f"works on a database of its own: its {{}} is not {site.original}'s"
                yield Kind.OWN_DATABASE, text, [name]
                own = []
            elif name not in shown.present:
                missing.append(name)
            elif differs and set_ is None and site.hold:
                # A deployment puts it right, which the hold puts off.
                yield Kind.UNDEPLOYED, f"was deployed with another {{}} than {site.original}", [name]
            elif differs or (value is None and site.has_old_copy(environment, name)):
                other.append(name)
        if crossed:
            place = "Live" if environment == "test" else "Test"
            yield Kind.CROSSED_DSN, f"carries the {{}} of {site.original}'s {place}", crossed
        if missing:
            yield Kind.MISSING_DSN, f"lacks {site.original}'s {{}}", missing
        if other:
            yield Kind.OTHER_DSN, f"has another {{}} than {site.original}", other
        if own:
            text = (
                f"has a database of its own besides: its {{}} is not {site.original}'s, and what reads that works there"
            )
            yield Kind.OWN_DATABASE, text, own

    def _databases(self, environment: Environment, shown: ObservedEnvironment) -> tuple[list[str], list[str]]:
        """The names under which it has a database of its own, and those with one of the original's other environment."""
        theirs = self._site.originals(environment)
        values = {**carried(shown), **{name: value for name, value in shown.present.items() if value is not None}}
        named = {name: value for name, value in values.items() if name.endswith(_OWN) and value}
        # Where Divio withholds the original's, nothing is proven.
        withheld = {name for name in theirs if theirs[name] is None}
        databases = [name for name in (*theirs, _DATABASE) if name == _DATABASE or name.endswith(_OWN)]
        right = {theirs.get(name) for name in databases}
        differing = [name for name in sorted(named) if name not in withheld and named[name] not in right]
        elsewhere = self._elsewhere(environment, [_DATABASE, *named])
        return (
            [name for name in differing if named[name] not in elsewhere],
            [name for name in differing if named[name] in elsewhere],
        )

    def _elsewhere(self, environment: Environment, names: Sequence[str]) -> set[str]:
        """The original's values of these variables in its other environments."""
        others = [self._site.originals(other) for other in ENVIRONMENTS if other != environment]
        return {value for values in others for name in names if (value := values.get(name)) is not None}

    def _deployed(
        self, environment: Environment, shown: ObservedEnvironment, named: Collection[str], elsewhere: str
    ) -> Iterator[Finding]:
        site = self._site
        behind = site.is_current(environment) is False
        waiting = ", ".join(name for name in site.undeployed(environment) if name not in named)
        if shown.result == "failed":
            if not elsewhere:
                follows = ["it never succeeded"] if shown.last is None else ["it is behind"] if behind else []
                follows += [f"the present {waiting} did not reach it"] if waiting else []
                yield self._finding(environment, Kind.FAILED, "; ".join(["its last deployment failed", *follows]))
            return
        if behind:
            text = f"is behind: it was last deployed before {site.original}'s Live was released"
            yield self._finding(environment, Kind.BEHIND, text)
        if waiting:
            yield self._finding(environment, Kind.UNDEPLOYED, f"has changes that are not deployed: {waiting}")
        elif site.written_since(environment):
            text = "its variables were changed after its last deployment"
            yield self._finding(environment, Kind.UNDEPLOYED, text)

    def _against_the_file(self, environment: Environment, shown: ObservedEnvironment) -> Iterator[_Amiss]:
        """Variables that are not as the file declares them; which release runs is told apart from all findings."""
        site, spec = self._site, self._site.spec
        if spec is None or site.role == "foreign" or (shown.last is None and not site.hold):
            return
        declared = variables_of(spec, site.slug, environment)
        problems = {name: _problem(wanted, shown.present, name) for name, wanted in declared.items() if name != RELEASE}
        if getattr(spec.site(site.slug), "ownership", "owned") == "exclusive":
            ours = {*declared, *site.shared, SITE_ID, RELEASE}
            others = sorted(name for name in shown.present if name not in ours and not is_built_in(name))
            problems |= dict.fromkeys(others, "is not declared, and goes (ownership: exclusive)")
        found = {name: problem for name, problem in problems.items() if problem}
        if found:
            said = "; ".join(f"{name} {problem}" for name, problem in found.items())
            yield Kind.VARIABLES, f"differs from the file: {said}", list(found)

    def _domains(self, shown: ObservedEnvironment) -> Iterator[Finding]:
        """Domains that are not where the file declares them, or that its Live was deployed without."""
        site, spec, attached = self._site, self._site.spec, self._site.estate.domains
        if spec is None or site.role == "foreign" or attached is None:
            return
        said, without = [], []
        for position, host in enumerate(spec.site(site.slug).domains):
            kind = "alias" if position else "primary"
            slug, actual = attached.get(host, (None, None))
            if slug is None:
                said += [] if site.unfinished else [f"{host} is attached to no site"]
            elif slug != site.slug:
                said.append(f"{host} is attached to {slug or 'another application'}")
            elif actual not in (None, kind):
                said.append(f"{host} is its {actual}, declared as {kind}")
            elif carried(shown) and host not in deployed_hosts(carried(shown)):
                without.append(host)
        if said:
            yield self._finding("live", Kind.DOMAINS, f"differs from the file: {'; '.join(said)}")
        if without:
            yield self._finding("live", Kind.UNDEPLOYED, f"was deployed without its domain {', '.join(without)}")


def _problem(wanted: str | SecretRef, present: Mapping[str, str | None], name: str) -> str:
    """How a variable on Divio differs from the declared one; empty where it does not, or that cannot be told."""
    value = present.get(name)
    if name not in present:
        return "is not set"
    if isinstance(wanted, SecretRef):
        return "is shown in plain text, although it is a secret" if value is not None else ""
    if value is None:
        return "is sensitive, although it is no secret"
    # Divio may cut the blanks off the ends of a value.
    return "has another value" if value not in (wanted, wanted.strip()) else ""
