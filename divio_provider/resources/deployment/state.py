"""What a `Deployment`'s state remembers of its targets, and what it is to remember after a run."""

from collections.abc import Mapping
from typing import Any

from divio_provider.api.client import Divio
from divio_provider.resources.base.properties import Props
from divio_provider.resources.deployment.outcome import Outcome
from divio_provider.resources.deployment.release_step import ReleaseStep
from divio_provider.resources.deployment.targets import Target
from divio_provider.resources.reader import original_deployment

_ALL_LISTEN = ("release", "role", "verify", "stop", "released_at")


class PreviousState:
    """A `Deployment`'s outputs of the run before; empty for a new one."""

    def __init__(self, olds: Props) -> None:
        """`olds` are those outputs."""
        self._olds = olds

    @property
    def took(self) -> str:
        """How long it last deployed. A run that deploys nothing leaves it, so that it changes nothing."""
        return str(self._olds.get("took") or "")

    def with_marks(self, targets: Mapping[str, Target]) -> dict[str, Target]:
        """The targets with the mark that each one's last redeployment honoured; one that is new here asks for none."""
        before, honoured = self._map("targets"), self._map("redeployed")
        return {
            key: item.model_copy(update={"redeployed": honoured.get(key, "") if key in before else item.redeploy})
            for key, item in targets.items()
        }

    def listens(self, key: str, news: Props) -> bool:
        """Whether a target has to be looked at: it changed, it is unfinished, or what concerns all targets changed."""
        now = news["targets"][key]
        if self._map("targets").get(key) != now or self._map("broken") or now.get("site") in self._map("unfinished"):
            return True
        return any(self._olds.get(name) != news.get(name) for name in _ALL_LISTEN)

    def outputs(
        self, divio: Divio, targets: Mapping[str, Target], outcome: Outcome, step: ReleaseStep
    ) -> dict[str, Any]:
        """What is to be remembered now."""
        broken = step.end()
        unfinished = {slug: f"its Test {why}" for slug, why in broken.items()}
        for key, reason in {**outcome.unfinished, **outcome.failed}.items():
            site = targets[key].site
            unfinished[site] = "; ".join(text for text in (unfinished.get(site), reason) if text)
        return {
            "unfinished": unfinished,
            "broken": broken,
            "excluded": step.excluded,
            "redeployed": _honoured(targets, outcome),
            "deployed": self._carried("deployed", targets) | outcome.deployed,
            "urls": self._carried("urls", targets) | outcome.urls,
            "released_at_here": self._released_at_here(divio, targets, outcome),
        }

    def _map(self, name: str) -> Mapping[str, Any]:
        return self._olds.get(name) or {}

    def _carried(self, name: str, targets: Mapping[str, Target]) -> dict[str, Any]:
        return {key: value for key, value in self._map(name).items() if key in targets}

    def _released_at_here(self, divio: Divio, targets: Mapping[str, Target], outcome: Outcome) -> str:
        live, before = original_live(targets), str(self._olds.get("released_at_here") or "")
        if live is None or live.key not in outcome.deployed:
            return before
        released = outcome.released.get(live.key)
        if released is not None:
            return released.isoformat()
        ours = self._map("deployed").get(live.key)
        if before and (live.key in outcome.adopted_image or ours == outcome.deployed[live.key]):
            return before  # our own deployment with the image as it was puts nobody behind
        found = original_deployment.released_at(divio, live.application)
        return found.isoformat() if found is not None else ""


def original_live(targets: Mapping[str, Target]) -> Target | None:
    """The original's Live among the targets; None where it is not one of them."""
    return next((item for item in targets.values() if item.environment == "live" and not item.source), None)


def _honoured(targets: Mapping[str, Target], outcome: Outcome) -> dict[str, str]:
    """The marks that need no further deployment."""
    marks = {key: item.redeploy if key in outcome.deployed else item.redeployed for key, item in targets.items()}
    return {key: mark for key, mark in marks.items() if mark}
