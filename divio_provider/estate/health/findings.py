"""What is not as it should be with one site, and in which words.

Said for declared sites alone; a foreign mirror matters only where it has the `SITE_ID` of one of ours. Texts name
variables and hold no value but a `SITE_ID`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from divio_provider.estate.declaration.sites import Hold
from divio_provider.estate.declaration.spec import Environment, Spec
from divio_provider.estate.health.observed import Known, Shown
from divio_provider.estate.health.site import Standing, carried
from divio_provider.estate.planning.deployment_decision import Facts, InSync, decide
from divio_provider.estate.planning.unfinished import in_words
from divio_provider.estate.planning.wiring import SITE_ID

Role = Literal["original", "mirror", "foreign"]
Kind = Literal[
    "missing", "not-a-mirror", "hold", "unfinished", "never", "failed", "site-id", "not-wired", "behind", "not-in-sync"
]
Twins = Mapping[Environment, Mapping[str, Sequence[str]]]
"""For each environment the sites that have one `SITE_ID`, by that id."""

_CURED_BY_A_DEPLOYMENT: frozenset[Kind] = frozenset({"never", "failed", "behind", "not-in-sync"})


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: where, which kind, and a clause in words."""

    site: str
    environment: str
    kind: Kind
    text: str

    def __str__(self) -> str:
        """`acme-shop live: is behind: …`."""
        return f"{self.site}{' ' if self.environment else ''}{self.environment}: {self.text}"


class Site(Standing):
    """One site, declared or foreign, held against the declaration."""

    def __init__(self, spec: Spec, known: Known, slug: str) -> None:
        """`slug` is a site of the declaration, or a mirror that Divio shows besides."""
        super().__init__(known, slug, spec.original.slug)
        self.role: Role = "original" if slug == spec.original.slug else "mirror" if slug in spec.mirrors else "foreign"
        mirror = spec.mirrors.get(slug)
        self.hold: Hold | None = mirror.hold if mirror is not None else None
        self.unfinished = tuple(
            item for item in known.unfinished.get(slug, ()) if self.hold is None or item["code"] != "hold"
        )
        self._spec = spec

    def registered(self) -> int | None:
        """The `SITE_ID` it is to have; None where that is not known: no register, no pin."""
        register = self._known.register
        if register is not None and self.slug in register.ids:
            return register.ids[self.slug]
        return self._spec.site(self.slug).site_id if self.role != "foreign" else None

    def not_in_sync(self, shown: Shown) -> str:
        """Why its last deployment does not carry what is set, by the proof that deployments go by."""
        facts = Facts(last=shown.last, names=list(shown.present), present=shown.present, changed_at=shown.changed_at)
        decision = decide(facts)
        return "" if isinstance(decision, InSync) else decision.why

    def not_wired(self, environment: Environment) -> str:
        """What is wrong with a mirror's shared variables there."""
        return self._lacking(environment) or self._differing(environment)

    def _lacking(self, environment: Environment) -> str:
        shown = self.shown(environment)
        if shown is None or self.role != "mirror":
            return ""
        missing = [name for name in self._spec.shared_variables if name not in shown.present]
        return f"lacks {', '.join(missing)}; pulumi up --refresh copies what is missing" if missing else ""

    def _differing(self, environment: Environment) -> str:
        shown = self.shown(environment)
        if shown is None or self.role != "mirror":
            return ""
        theirs, ours = self.originals(environment), carried(shown)
        # A value that Divio withholds proves nothing.
        other = [
            name
            for name in self._spec.shared_variables
            if (mine := ours.get(name)) is not None and (value := theirs.get(name)) is not None and mine != value
        ]
        return f"was deployed with another {', '.join(other)} than {self._spec.original.slug}'s" if other else ""

    def findings(self, environments: Sequence[Environment], twins: Twins, today: date) -> Iterator[Finding]:
        """Everything to be said about a declared site.

        Of one on hold nothing that a deployment would put right, since it is not deployed on purpose; once its last day
        is over, that it still is.
        """
        if self.role == "foreign":
            return
        overdue = self.hold.overdue(today) if self.hold is not None else ""
        if overdue:
            yield Finding(self.slug, "", "hold", overdue)
        if self.unfinished:
            yield Finding(self.slug, "", "unfinished", f"is unfinished: {in_words(self.unfinished)}")
        if self.found is None:
            if not self.unfinished:
                yield Finding(self.slug, "", "missing", "does not exist on Divio; pulumi up makes it")
            return
        if self.role == "mirror" and not self._is_mirror():
            text = f"exists on Divio (uuid {self.found.uuid}), but is no mirror of {self._spec.original.slug}"
            yield Finding(self.slug, "", "not-a-mirror", text)
        for environment in environments:
            for kind, text in self._of(environment, twins[environment]):
                if self.hold is None or kind not in _CURED_BY_A_DEPLOYMENT:
                    yield Finding(self.slug, environment, kind, text)

    def _of(self, environment: Environment, twins: Mapping[str, Sequence[str]]) -> Iterator[tuple[Kind, str]]:
        shown = self.shown(environment)
        if shown is None:
            yield "missing", "Divio shows no such environment of it"
            return
        if shown.result == "failed":
            yield "failed", "its last deployment failed; its log is in the Control Panel"
        if shown.last is None and self.unfinished:
            return  # on its way: that it is unfinished says why
        if shown.result == "never":
            yield "never", "was never deployed; pulumi up deploys it"
        yield from self._site_id_problems(environment, shown, twins)
        # What it was deployed with changes by the next deployment alone, which a hold puts off.
        not_wired = self.not_wired(environment) if self.hold is None else self._lacking(environment)
        if not_wired:
            yield "not-wired", not_wired
        if shown.last is not None:
            if self.current(shown.last) is False:
                yield "behind", "is behind: it was last deployed before the original's Live was released"
            why = self.not_in_sync(shown)
            if why:
                yield "not-in-sync", f"is not in sync: {why}"

    def _site_id_problems(
        self, environment: Environment, shown: Shown, twins: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[Kind, str]]:
        wanted, actual = self.registered(), self.set_in(environment)
        if self.role == "mirror" and SITE_ID not in shown.present:
            yield "site-id", f"lacks {SITE_ID} and would act as site 1; pulumi up --refresh sets it"
        elif wanted is not None and actual is not None and actual != str(wanted):
            yield "site-id", f"its {SITE_ID} on Divio is {actual}, but it is to be {wanted}"
        others = [slug for slug in twins.get(actual or "", ()) if slug != self.slug]
        if others:
            yield "site-id", f"has the {SITE_ID} {actual} of {', '.join(others)}; they are one site to Django"

    def _is_mirror(self) -> bool:
        return self.found is None or self._original is None or self.found.original in ("", self._original.uuid)
