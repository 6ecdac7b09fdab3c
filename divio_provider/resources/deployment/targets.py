"""A `Deployment`'s targets: one environment each, with all that says whether it must be deployed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from divio_provider.estate.planning.unfinished import Code, Unfinished


class Change(BaseModel):
    """The last change of an environment's variables, as `EnvironmentVariables` reports it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int = 0
    at: str = ""
    """The server's time of our last write, ISO 8601; empty: we never wrote."""
    fingerprints: Mapping[str, str] = Field(default_factory=dict)
    """Of the values that were copied."""


class Target(BaseModel):
    """One environment of one site: what `base.inputs.Target` and its kinds take, once all of it is known.

    What of it changes makes the `Deployment` look at the environment anew; what it then finds on Divio decides.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    site: str
    environment: str
    application: str = ""
    original: str = ""
    original_uuid: str = ""
    site_id: str = ""
    names: tuple[str, ...] = ()
    change: Change = Change()
    shared: tuple[str, ...] = ()
    shared_change: Change = Change()
    services: tuple[str, ...] = ()
    domains: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    branch: str = ""
    unfinished: Mapping[str, Any] = Field(default_factory=dict)
    """A `Report`, which pydantic cannot read before Python 3.12."""
    hold: str = ""
    redeploy: str = ""
    redeployed: str = ""
    """The mark that was honoured last."""

    @property
    def redeployment(self) -> str:
        """Why it is deployed although it may be in sync; empty: for no such reason."""
        asked = self.redeploy and self.redeploy != self.redeployed
        return f'its redeployment is asked for ("{self.redeploy}")' if asked else ""

    @property
    def hosts(self) -> list[str]:
        """Those of its domains that Divio knows: deploying would change nothing for the others."""
        return [host for host, domain in self.domains.items() if not domain.get("unfinished")]

    @property
    def key(self) -> str:
        """`slug/environment`, as in the names of resources."""
        return f"{self.site}/{self.environment}"

    @property
    def label(self) -> str:
        """The same for people: `acme-shop live`."""
        return f"{self.site} {self.environment}"

    def unfinished_because(self, code: Code, text: str) -> Unfinished:
        """One reason why it is not deployed for now."""
        return Unfinished(environment=self.environment, code=code, text=text)

    @property
    def last_write(self) -> datetime | None:
        """The time of the last change."""
        return moment(self.change.at)


def moment(text: object) -> datetime | None:
    """An ISO 8601 time as Pulumi's state holds it; None for an empty one."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def targets_of(props: Mapping[str, Any]) -> dict[str, Target]:
    """The targets in a `Deployment`'s properties by their keys."""
    return {key: Target.model_validate(value) for key, value in (props.get("targets") or {}).items()}
