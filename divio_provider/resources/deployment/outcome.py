"""What a rollout keeps to, and what becomes of its targets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from divio_provider.resources.deployment.verification import Expectation


@dataclass(frozen=True)
class Limits:
    """What a rollout keeps to.

    `max_parallel` deployments run at a time (None: all); after more than `max_failures` failed ones no further one is
    started; one may take `timeout` seconds; `expectation` is what a site must answer afterwards (None: it is not asked).
    `stop` is why nothing is deployed for now: what would have been is unfinished for that reason.
    """

    max_parallel: int | None = None
    max_failures: int = 0
    timeout: float = 3600.0
    expectation: Expectation | None = None
    stop: str = ""

    @classmethod
    def of(cls, props: Mapping[str, Any]) -> "Limits":
        """From a `Deployment`'s properties."""
        parallel = props.get("max_parallel")
        return cls(
            max_parallel=int(parallel) if parallel else None,
            max_failures=int(props.get("max_failures") or 0),
            timeout=float(props.get("timeout") or 3600.0),
            expectation=Expectation.of(props.get("verify")),
            stop=str(props.get("stop") or ""),
        )


@dataclass
class Outcome:
    """What became of the targets, by their keys."""

    looked_at: int = 0
    deployed: dict[str, str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    unfinished: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    released: dict[str, datetime] = field(default_factory=dict)
    """The end of a deployment of ours that may have brought a new image."""
    adopted_image: set[str] = field(default_factory=set)
    """Targets that we deployed with the image they had."""
    durations: dict[str, float] = field(default_factory=dict)
    """Seconds that each deployment of this run took, by Divio's own times where it shows both."""
    seconds: float = 0.0
    """From the first start of this run to the last end."""
