"""What a rollout keeps to, and what becomes of its targets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from divio_provider.estate.planning.unfinished import Unfinished
from divio_provider.resources.deployment.verification import Expectation


class Limits(BaseModel):
    """What a rollout keeps to, out of a `Deployment`'s properties (`inputs.Step`, `inputs.MirrorsStep`)."""

    model_config = ConfigDict(frozen=True)

    max_parallel: int | None = None
    max_failures: int = 0
    """After more failed deployments, or ones that carried what they must not, no further one is started."""
    timeout: float = 3600.0
    verify: Expectation | None = None
    stop: str = ""


@dataclass
class Outcome:
    """What became of the targets, by their keys."""

    looked_at: int = 0
    deployed: dict[str, str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    unfinished: dict[str, Sequence[Unfinished]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """What is wrong with each target that failed; its label is not in the text."""
    released: dict[str, datetime] = field(default_factory=dict)
    """The end of a deployment of ours that may have brought a new image."""
    adopted_image: dict[str, str] = field(default_factory=dict)
    """Targets that we deployed with the image they had, each with the deployment that it had it from."""
    durations: dict[str, float] = field(default_factory=dict)
    """Seconds that each deployment of this run took, by Divio's own times where it shows both."""
    seconds: float = 0.0
    """From the first start of this run to the last end."""
