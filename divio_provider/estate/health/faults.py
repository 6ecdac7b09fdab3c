"""What is not as it should be with one site of an estate that nobody declared to us."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from divio_provider.estate.declaration.spec import ENVIRONMENTS, Environment
from divio_provider.estate.health.observed import Known, Shown
from divio_provider.estate.health.site import Standing, carried
from divio_provider.estate.planning.deployment_decision import stale_names
from divio_provider.estate.planning.wiring import SITE_ID, site_id_problem

FaultKind = Literal[
    "no-environment",
    "other-region",
    "duplicate-id",
    "missing-id",
    "odd-id",
    "ids-differ",
    "missing-dsn",
    "crossed-dsn",
    "other-dsn",
    "own-database",
    "never-deployed",
    "failed",
    "behind",
    "undeployed",
]
DATABASE = "DATABASE_URL"
_OWN = "_DATABASE_DSN"
"""The end of the names under which Divio also tells an environment its databases (divio-api.md, built-in variables)."""


@dataclass(frozen=True)
class Fault:
    """One fault: where, of which kind, and a clause in words; `sites` are all that take part in it."""

    site: str
    environments: tuple[Environment, ...]
    kind: FaultKind
    text: str
    sites: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`acme-shop test, live: …`."""
        return f"{self.site}{' ' if self.environments else ''}{', '.join(self.environments)}: {self.text}"


@dataclass(frozen=True)
class _Seen:
    """A fault in one environment: its words with `{}` for the names of variables, and those names."""

    environment: Environment
    kind: FaultKind
    text: str
    names: tuple[str, ...] = ()


class Inspected(Standing):
    """One site, held against its original alone."""

    def __init__(self, known: Known, slug: str, original: str, shared: Sequence[str]) -> None:
        """`shared` are the variables that mirrors must share with the original."""
        super().__init__(known, slug, original)
        self.original = original
        self.shared = shared
        theirs, ours = (one.region if one is not None else "" for one in (self._original, self.found))
        self.elsewhere = f"is in {ours}, and {original} in {theirs}" if ours and theirs and ours != theirs else ""

    def wiring(self, environment: Environment, shown: Shown) -> Iterator[_Seen]:
        """What is wrong with a mirror's shared variables there; a value that Divio withholds proves nothing."""
        theirs, ours = self.originals(environment), carried(shown)
        place = "Live" if environment == "test" else "Test"
        crossed_text = f"carries the {{}} of {self.original}'s {place}"
        own, crossed = self._databases(environment, shown)
        for name in self.shared:
            right = theirs.get(name)
            value = ours.get(name) if shown.present.get(name) is None else shown.present[name]
            differs = value is not None and right is not None and value != right
            if differs and value in self._elsewhere(environment, (name,)):
                yield _Seen(environment, "crossed-dsn", crossed_text, (name,))
            elif differs and name == DATABASE and own:
                text = f"works on a database of its own: its {{}} is not {self.original}'s"
                yield _Seen(environment, "own-database", text, (name,))
                own = []
            elif name not in shown.present:
                yield _Seen(environment, "missing-dsn", f"lacks {self.original}'s {{}}", (name,))
            elif differs:
                yield _Seen(environment, "other-dsn", f"has another {{}} than {self.original}", (name,))
        if crossed:
            yield _Seen(environment, "crossed-dsn", crossed_text, tuple(crossed))
        if own:
            text = (
                f"has a database of its own besides: its {{}} is not {self.original}'s, and what reads that works there"
            )
            yield _Seen(environment, "own-database", text, tuple(own))

    def _databases(self, environment: Environment, shown: Shown) -> tuple[list[str], list[str]]:
        """The names under which it has a database of its own, and those with one of the original's other environment."""
        theirs = self.originals(environment)
        values = {**carried(shown), **{name: value for name, value in shown.present.items() if value is not None}}
        named = {name: value for name, value in values.items() if name.endswith(_OWN) and value}
        # Where Divio withholds the original's, nothing is proven.
        withheld = {name for name in theirs if theirs[name] is None}
        databases = [name for name in (*theirs, DATABASE) if name == DATABASE or name.endswith(_OWN)]
        right = {theirs.get(name) for name in databases}
        differing = [name for name in sorted(named) if name not in withheld and named[name] not in right]
        elsewhere = self._elsewhere(environment, (DATABASE, *named))
        return (
            [name for name in differing if named[name] not in elsewhere],
            [name for name in differing if named[name] in elsewhere],
        )

    def _elsewhere(self, environment: Environment, names: Iterable[str]) -> set[str]:
        """The original's values of these variables in its other environments."""
        found = {self.originals(other).get(name) for other in ENVIRONMENTS if other != environment for name in names}
        return {value for value in found if value is not None}

    def identity(self, environment: Environment, shown: Shown) -> Iterator[_Seen]:
        """What is wrong with its `SITE_ID` there, besides that another site has it."""
        if SITE_ID not in shown.present:
            if not self.is_original:
                kept = carried(shown).get(SITE_ID)
                until = f"; its last deployment still carries {kept}" if kept else ""
                yield _Seen(environment, "missing-id", f"lacks {{}} and acts as site 1{until}", (SITE_ID,))
        elif (value := self.set_in(environment)) is not None and (problem := site_id_problem(value)):
            yield _Seen(environment, "odd-id", f"has a {{}} that Django cannot use: {problem}", (SITE_ID,))


def faults_of(site: Inspected, twinned: Collection[Environment]) -> list[Fault]:
    """Everything to be said about one site; `twinned` are the environments where another site has its `SITE_ID`."""
    seen: list[_Seen] = []
    for environment in ENVIRONMENTS:
        shown = site.shown(environment)
        if shown is None:
            seen.append(_Seen(environment, "no-environment", "Divio shows no such environment of it"))
            continue
        variables = [*site.identity(environment, shown)]
        if not site.is_original:
            variables += site.wiring(environment, shown)
        if site.elsewhere:
            text = f"{site.elsewhere}: a mirror in another region than its original fails to deploy"
            seen.append(_Seen(environment, "other-region", text))
        elif shown.result == "never":
            # Nobody has set it up yet: what it lacks belongs to that, and is to be there before it is deployed.
            lacking = tuple(name for one in variables if one.kind.startswith("missing") for name in one.names)
            text = "was never deployed" + (", and lacks {}: set that first" if lacking else "")
            seen.append(_Seen(environment, "never-deployed", text, lacking))
            variables = [one for one in variables if not one.kind.startswith("missing")]
        seen += variables
        named = {name for one in variables for name in one.names} | ({SITE_ID} if environment in twinned else set())
        seen += _deployed(site, environment, shown, named)
    seen += _ids_differ(site, seen, twinned)
    return _merged(site.slug, seen)


def _deployed(site: Inspected, environment: Environment, shown: Shown, named: Collection[str]) -> Iterator[_Seen]:
    behind = shown.last is not None and site.current(shown.last) is False
    stale = [] if shown.last is None else stale_names(shown.present, shown.present, shown.last.variables or {})
    waiting = tuple(name for name in stale if name not in named)
    if shown.result == "failed":
        if site.elsewhere:
            return
        follows = ["it never succeeded"] if shown.last is None else ["it is behind"] if behind else []
        follows += ["the present {} did not reach it"] if waiting else []
        yield _Seen(environment, "failed", "; ".join(["its last deployment failed", *follows]), waiting)
        return
    if behind:
        text = f"is behind: it was last deployed before {site.original}'s Live was released"
        yield _Seen(environment, "behind", text)
    if waiting:
        yield _Seen(environment, "undeployed", "has changes that are not deployed: {}", waiting)


def _ids_differ(site: Inspected, seen: Sequence[_Seen], twinned: Collection[Environment]) -> Iterator[_Seen]:
    ids = {environment: site.set_in(environment) for environment in ENVIRONMENTS}
    explained = bool(twinned) or any(SITE_ID in one.names for one in seen)
    if not explained and None not in ids.values() and len(set(ids.values())) > 1:
        said = ", ".join(f"{value} on {environment.capitalize()}" for environment, value in ids.items())
        for environment in ENVIRONMENTS:
            yield _Seen(environment, "ids-differ", f"has two {{}}s: {said}", (SITE_ID,))


def _merged(slug: str, seen: Sequence[_Seen]) -> list[Fault]:
    """One fault for what is wrong in the same way in both environments, or with several variables."""
    groups: dict[FaultKind, list[_Seen]] = {}
    for one in seen:
        groups.setdefault(one.kind, []).append(one)
    faults = []
    for kind, listed in groups.items():
        places = tuple(dict.fromkeys(one.environment for one in listed))
        by_text: dict[str, list[str]] = {}
        for one in listed:
            by_text.setdefault(one.text, []).extend(one.names)
        said = [text.replace("{}", ", ".join(dict.fromkeys(names))) for text, names in by_text.items()]
        faults.append(Fault(slug, places, kind, "; ".join(said), (slug,)))
    return faults
