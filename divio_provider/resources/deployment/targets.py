"""A `Deployment`'s targets: one environment each, with all that says whether it must be deployed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from divio_provider.estate.planning.unfinished import Code, Unfinished


class Target(BaseModel):
    """One environment of one site, as a `Deployment` gets it.

    What of it changes makes the `Deployment` look at the environment anew; what it then finds on Divio decides.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    site: str
    environment: str
    application: str = ""
    """The application's uuid; empty while it does not exist."""
    original: str = ""
    """The original's slug, for a mirror."""
    source: str = ""
    """The original's uuid, for a mirror."""
    variables: int = 0
    """The generation of its variables."""
    names: tuple[str, ...] = ()
    """The variables declared on it."""
    changed_at: str = ""
    """The server's time of our last write to them, ISO 8601; empty: we never wrote."""
    site_id: str = ""
    """What is declared; a mirror that carries another is not deployed."""
    shared: tuple[str, ...] = ()
    """The shared variables it must carry, for a mirror."""
    fingerprint: Mapping[str, str] = Field(default_factory=dict)
    """Fingerprints of what was copied."""
    services: tuple[str, ...] = ()
    """Variables that exist once its declared services are provisioned."""
    hosts: Mapping[str, int] = Field(default_factory=dict)
    """The generations of its custom domains."""
    branch: str = ""
    """The declared branch; empty: not declared."""
    branches: int = 0
    """The generation of the application's branches."""
    unfinished: Mapping[str, Any] = Field(default_factory=dict)
    """What keeps it from being deployed for now: a `Report`, which pydantic cannot read before Python 3.12."""
    hold: str = ""
    """Why it is declared, but not deployed for now; empty: it is deployed."""
    redeploy: str = ""
    """A mark of the user's; another one than before asks for a deployment."""
    redeployed: str = ""
    """The mark that was honoured last."""

    @property
    def redeployment(self) -> str:
        """Why it is deployed although it may be in sync; empty: for no such reason."""
        asked = self.redeploy and self.redeploy != self.redeployed
        return f'its redeployment is asked for ("{self.redeploy}")' if asked else ""

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
        """`changed_at` as a time."""
        return moment(self.changed_at)


def moment(text: object) -> datetime | None:
    """An ISO 8601 time as Pulumi's state holds it; None for an empty one."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def targets_of(props: Mapping[str, Any]) -> dict[str, Target]:
    """The targets in a `Deployment`'s properties by their keys."""
    return {key: Target.model_validate(value) for key, value in (props.get("targets") or {}).items()}
