"""What surrounds the original's deployment of a release: a contraction's refusal before it, the rehearsal around it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from divio_provider.api.client import Divio
from divio_provider.estate.declaration.spec import Environment
from divio_provider.estate.planning.deployment_decision import Deploy
from divio_provider.estate.planning.unfinished import Unfinished, in_words
from divio_provider.estate.planning.wiring import RELEASE
from divio_provider.resources.base.properties import Props
from divio_provider.resources.deployment.inputs import ANOTHER_STACK, THIS_STEP
from divio_provider.resources.deployment.observer import Observation, Observer
from divio_provider.resources.deployment.rehearsal import Rehearsal, stop_message
from divio_provider.resources.deployment.targets import Target, moment
from divio_provider.resources.deployment.verification import Expectation
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader.contraction_guard import refuse_contraction
from divio_provider.resources.reader.original_deployment import deployed, released_at


class ReleaseGate:
    """The gate of one step of a release: of the original's Test, or of its Live."""

    def __init__(self, divio: Divio, olds: Props, news: Props) -> None:
        """`olds` and `news` are the properties of the original's `Deployment`."""
        self._divio = divio
        self._olds = olds
        self._news = news
        self._mirrors: Mapping[str, str] = news.get("mirrors") or {}
        self._source: Props = news.get("rehearsal") or {}
        self._release = str(news.get("release") or "")
        # No run has stored it. An interrupted one may have deployed it all the same.
        self._is_new_release = bool(olds.get("release") != news.get("release"))
        self._broken: dict[str, str] = dict(olds.get("broken") or {})
        self._rehearsal: Rehearsal | None = None

    def begin(self, observer: Observer, original: Target) -> None:
        """Refuse what must not be deployed, and ask the mirrors' Tests; nothing was started yet.

        Raises Failed for a contraction while a mirror is behind, and on Live where another stack manages Test: for a
        release that its Test does not run, and for one that a mirror's Test does not live with.
        """
        if not original.application:
            return
        contracts = self._news.get("phase") == "contract"
        source = self._source.get("source")
        verify = self._news.get("verify") if source in (THIS_STEP, ANOTHER_STACK) else None
        expectation = Expectation.model_validate(verify) if verify else None
        if not contracts and expectation is None:
            return
        observation = observer.observe(original)
        brings_code = isinstance(observation.decision, Deploy) and observation.decision.build_mode == "AUTO"
        if contracts and brings_code:
            released = self._live_released_at(original) if original.environment == "live" else None
            refuse_contraction(
                self._divio, self._news["name"], original.application, self._release, self._mirrors, released
            )
        if expectation is None:
            return
        if source == ANOTHER_STACK:
            if brings_code:
                self._refuse_where_tests_fail(observation, expectation)
        elif brings_code:
            self._rehearse(observation, expectation, known=not self._failed_before(observation))
        elif self._broken or (self._is_new_release and not self._runs_on(original, "live")):
            self._rehearse(observation, expectation, known=False, excluded=self.excluded)

    def end(self) -> dict[str, str]:
        """The mirrors whose Test worked before the release and does not any more, with what is wrong with each."""
        if self._rehearsal is not None:
            return self._rehearsal.end()
        return self._broken if self._news.get("verify") else {}

    @property
    def excluded(self) -> dict[str, str]:
        """The mirrors that do not count in the present release's rehearsal, with the reason."""
        if self._rehearsal is not None:
            return self._rehearsal.excluded
        return {} if self._is_new_release else dict(self._olds.get("excluded") or {})

    def check_finished(self, unfinished: Mapping[str, Sequence[Unfinished]], targets: Mapping[str, Target]) -> None:
        """Raise Failed where the original did not get its release: nothing may follow it on the way."""
        missing = {key: why for key, why in unfinished.items() if targets[key].application}
        if self._news["kind"] == "original" and self._release and self._is_new_release and missing:
            reasons = "; ".join(f"{targets[key].site} {in_words(why)}" for key, why in missing.items())
            raise Failed(
                f"{self._news['name']}: release {self._release} is not deployed, so it goes no further: {reasons}"
            )

    def _runs_on(self, original: Target, environment: Environment) -> bool:
        """Whether the release has arrived there; on Live there is then nothing left to rehearse for."""
        there = deployed(self._divio, original.application, environment, fresh=True)
        return there is not None and there.variables.get(RELEASE) == self._release

    def _live_released_at(self, original: Target) -> datetime | None:
        """When Live got the release that it runs. This state tells our own redeployments, which are no release, from others."""
        live = deployed(self._divio, original.application, "live", fresh=True)
        if live is None or live.deployment == (self._olds.get("deployed") or {}).get(original.key):
            return moment(self._olds.get("original_released_at"))
        return live.ended_at

    def _failed_before(self, observation: Observation) -> bool:
        """Whether a deployment failed since the last good one: its migrations may have run."""
        newest = self._divio.deployments.newest(observation.environment) if observation.newest else None
        return newest is not None and newest.success is not True

    def _refuse_where_tests_fail(self, observation: Observation, expectation: Expectation) -> None:
        """Another stack manages Test: every Test that it did not exclude from this release has to answer now."""
        if self._release and not self._runs_on(observation.target, "test"):
            raise Failed(
                f"{self._news['name']}: the original's Test does not run release {self._release} yet, so it was not "
                "rehearsed; run the stack that manages Test first"
            )
        found = self._source.get("found") or {}
        told = found.get("release") == self._news.get("release")
        self._rehearse(observation, expectation, known=False, excluded=found.get("excluded") if told else None)
        broken, self._rehearsal = self.end(), None
        if broken:
            raise Failed(stop_message(self._news["name"], self._release, broken, known=told))

    def _rehearse(
        self,
        observation: Observation,
        expectation: Expectation,
        *,
        known: bool,
        excluded: Mapping[str, str] | None = None,
    ) -> None:
        self._rehearsal = Rehearsal(
            self._divio,
            observation.target.application,
            self._mirrors,
            released_at(self._divio, observation.target.application),
            # What a page must say of its site is known of declared targets alone.
            expectation.model_copy(update={"identity": False}),
            str(self._news.get("urn") or ""),
        )
        self._rehearsal.begin(broken_before=self._broken, known=known, excluded=excluded)
