"""The free rehearsal: the mirrors' Tests are asked before and after the original's Test gets a release.

Once the original's Test has migrated the Test database, the mirrors' Tests are old code on the new schema: what Live
is about to be. A site that answered before and does not after stops the release before Live.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from divio_provider.api.client import Divio
from divio_provider.api.models import Deployment
from divio_provider.resources.deployment.targets import Target
from divio_provider.resources.deployment.verification import Expectation, verify
from divio_provider.resources.host import engine
from divio_provider.resources.reader.lists import Member, Reader, histories, in_parallel

TEST = "test"


@dataclass
class Rehearsal:
    """One rehearsal: `begin` before the original's Test is deployed, `end` after it.

    A site counts when its Test is current and answered before. One that was broken, asleep or behind does not count, and
    is reported. Where an earlier run was interrupted after the release had reached the original's Test, it is not known
    which sites answered before, so every site counts.
    """

    divio: Divio
    original: str
    """Its uuid."""
    mirrors: Mapping[str, str]
    """The declared slugs with the reason why each is on hold, or ""."""
    released_at: datetime | None
    expectation: Expectation
    urn: str
    excluded: dict[str, str] = field(default_factory=dict, init=False)
    """The sites that do not count, each with the reason."""
    _tests: dict[str, tuple[Member, Deployment]] = field(default_factory=dict, init=False)
    _answered: set[str] = field(default_factory=set, init=False)

    def begin(
        self, *, broken_before: Collection[str] = (), known: bool = True, excluded: Mapping[str, str] | None = None
    ) -> None:
        """Ask every mirror's Test. `broken_before` are slugs that an earlier release broke: they count.

        `known` is False where the release may be on the original's Test already; `excluded` are then the sites that do not
        count, as an earlier run or another stack found.
        """
        self.excluded = {slug: f"it is on hold ({reason})" for slug, reason in self.mirrors.items() if reason}
        self._find()
        for slug, reason in (excluded or {}).items():
            if self._tests.pop(slug, None) is not None:
                self.excluded[slug] = reason
        if known:
            engine.progress(f"rehearsal: asking {len(self._tests)} mirrors' Tests before the release", self.urn)
            for slug, problem in self._ask().items():
                if problem and slug not in broken_before:
                    self.excluded[slug] = f"its Test {problem}"
                    del self._tests[slug]
        self._answered = set(self._tests) if known else set(broken_before)
        for slug, reason in sorted(self.excluded.items()):
            engine.inform(f"{slug} does not count in this release's rehearsal: {reason}", self.urn)

    def end(self) -> dict[str, str]:
        """Ask those that count again: the slugs of the sites that do not answer well, with a clause about each's Test."""
        engine.progress(f"rehearsal: asking {len(self._tests)} mirrors' Tests after the release", self.urn)
        return {
            slug: f"{'answered before' if slug in self._answered else 'is current'} and now {problem}"
            for slug, problem in self._ask().items()
            if problem
        }

    def _find(self) -> None:
        declared = [slug for slug, reason in self.mirrors.items() if not reason]
        shown = Reader(self.divio, fresh=True).mirrors(self.original, declared, [TEST])
        found = [member for member in shown if member.slug in declared]
        histories_now = histories(self.divio, (member.environment.uuid for member in found))
        for member in found:
            history = histories_now[member.environment.uuid]
            deployment = history.last
            behind = history.of_release.behind(self.released_at) if self.released_at is not None else ""
            if deployment is None:
                self.excluded[member.slug] = "its Test was never deployed"
            elif behind:
                self.excluded[member.slug] = f"its Test {behind}"
            elif not member.environment.deployed_url:
                self.excluded[member.slug] = "the address of its Test is not known"
            else:
                self._tests[member.slug] = (member, deployment)

    def _ask(self) -> dict[str, str]:
        return in_parallel(lambda test: self._problem(*test), self._tests)

    def _problem(self, member: Member, deployment: Deployment) -> str:
        target = Target(site=member.slug, environment=TEST, application=member.application)
        url = member.environment.deployed_url or ""
        return verify(self.divio, target, url, deployment.uuid, self.expectation)


def stop_message(name: str, release: str, broken: Mapping[str, str], *, known: bool = True) -> str:
    """Why a release stops before the `Deployment` called `name`, and the ways to go on.

    `broken` has a clause about the Test of each site. `known` is False where another stack knows which sites do not count.
    """
    lines = [f"{slug}'s Test {clause}" for slug, clause in sorted(broken.items())]
    what = (
        f"{name}: release {release or 'without a name'} stops here, before Live: the code of {len(broken)} mirrors does not "
        "work on the schema that the original's Test was migrated to"
    )
    way_out = (
        "Release a change that the present code can live with (expand first, contract with a later release). Where a "
        "site fails for another reason, repair it or put it on hold. The next pulumi up asks again."
    )
    unknown = (
        "A site that did not answer before does not count, but this stack does not know how it was: name the one that "
        "manages Test (pulumi config set testStack STACK), and let that one run to its end first."
    )
    return "\n".join([what, *lines, way_out, *([] if known else [unknown])])
