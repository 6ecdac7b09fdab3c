"""What a `Deployment`'s outputs hold of its targets: those of the run before, and those of this one."""

from collections.abc import Mapping, Sequence
from typing import Any

from divio_provider.api.client import Divio
from divio_provider.estate.planning.unfinished import Unfinished, merged
from divio_provider.resources.base.properties import Props
from divio_provider.resources.deployment.outcome import Outcome
from divio_provider.resources.deployment.release_gate import ReleaseGate
from divio_provider.resources.deployment.targets import Target
from divio_provider.resources.reader import original_deployment

_CONCERN_ALL_TARGETS = ("release", "kind", "verify", "stop", "released_at")


class PreviousState:
    """A `Deployment`'s outputs of the run before; empty for a new one."""

    def __init__(self, olds: Props) -> None:
        """`olds` are those outputs."""
        self._olds = olds

    def with_redeploy_marks(self, targets: Mapping[str, Target]) -> dict[str, Target]:
        """The targets with the mark that each one's last redeployment honoured; one that is new here asks for none."""
        before, honoured = self._map("targets"), self._map("redeployed")
        return {
            key: item.model_copy(update={"redeployed": honoured.get(key, "") if key in before else item.redeploy})
            for key, item in targets.items()
        }

    def must_be_observed(self, key: str, news: Props) -> bool:
        """Whether a target has to be read: it changed, it is unfinished, or what concerns all targets changed."""
        now = news["targets"][key]
        if self._map("targets").get(key) != now or self._map("broken") or now.get("site") in self._map("unfinished"):
            return True
        return any(self._olds.get(name) != news.get(name) for name in _CONCERN_ALL_TARGETS)

    def outputs(
        self, divio: Divio, targets: Mapping[str, Target], outcome: Outcome, gate: ReleaseGate
    ) -> dict[str, Any]:
        """The outputs of this run."""
        broken = gate.end()
        honoured = {key: item.redeploy if key in outcome.deployed else item.redeployed for key, item in targets.items()}
        reports: list[Mapping[str, Sequence[Unfinished]]] = [
            {slug: [Unfinished(environment="test", code="broken", text=why)]} for slug, why in broken.items()
        ]
        reports += [{targets[key].site: items} for key, items in outcome.unfinished.items()]
        reports += [
            {targets[key].site: [targets[key].unfinished_because("failed", text)]}
            for key, text in outcome.failed.items()
        ]
        return {
            "unfinished": merged(reports),
            "broken": broken,
            "excluded": gate.excluded,
            "redeployed": {key: mark for key, mark in honoured.items() if mark},
            "deployed": self._of_present_targets("deployed", targets) | outcome.deployed,
            "urls": self._of_present_targets("urls", targets) | outcome.urls,
            "original_released_at": self._original_released_at(divio, targets, outcome),
        }

    def _map(self, name: str) -> Mapping[str, Any]:
        return self._olds.get(name) or {}

    def _of_present_targets(self, name: str, targets: Mapping[str, Target]) -> dict[str, Any]:
        return {key: value for key, value in self._map(name).items() if key in targets}

    def _original_released_at(self, divio: Divio, targets: Mapping[str, Target], outcome: Outcome) -> str:
        live, before = original_live(targets), str(self._olds.get("original_released_at") or "")
        if live is None or live.key not in outcome.deployed:
            return before
        released = outcome.released.get(live.key)
        if released is not None:
            return released.isoformat()
        image_of = outcome.adopted_image.get(live.key, outcome.deployed[live.key])
        if self._map("deployed").get(live.key) == image_of or not self._olds:
            # Our own deployment of the same image is no release, nor is one that was there before this state.
            return before
        found = original_deployment.released_at(divio, live.application)
        return found.isoformat() if found is not None else ""


def original_live(targets: Mapping[str, Target]) -> Target | None:
    """The original's Live among the targets; None where it is not one of them."""
    return next((item for item in targets.values() if item.environment == "live" and not item.original), None)
