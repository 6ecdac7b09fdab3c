"""How the sites of an estate are deployed, as it is declared."""

from typing import Annotated, Literal

from pydantic import Field

from divio_provider.estate.declaration.base_model import Listing, Model
from divio_provider.estate.declaration.field_types import REST, Otherwise, Seconds, UrlPath, WaveName, WaveSites
from divio_provider.estate.declaration.variable_types import SecretKey
from divio_provider.estate.declaration.yaml_source import Unquoted

Phase = Literal["expand", "contract"]
"""expand: the present code goes on working on the new schema. contract: it does not."""


class WaveSpec(Model):
    """Sites that are deployed together."""

    name: WaveName
    """The wave's name."""
    sites: WaveSites
    """A mirror's slug, a group's name, a list of these, or rest: all mirrors that are in no other wave."""
    max_parallel: Annotated[int, Field(ge=1)] | None = None
    """Deployments that may run at once. Not given: all of them."""

    @property
    def names(self) -> tuple[str, ...]:
        """The mirrors and groups that it names; none where it takes the rest."""
        if self.sites == REST:
            return ()
        return (self.sites,) if isinstance(self.sites, str) else self.sites


class Auth(Model):
    """Who asks, where a site wants a password."""

    secret: SecretKey
    """The key of the stack's configuration that holds user:password."""


class Verify(Model):
    """The question that a deployed site must answer before the next wave starts."""

    path: UrlPath = "/"
    """The path that is asked for."""
    status: Annotated[int, Field(ge=100, le=599)] = 200
    """The HTTP status of a good answer."""
    text: str = ""
    """What a good answer contains."""
    timeout: Seconds = 60
    """How long a site may take to give a good answer: 90s, 2m, or seconds."""
    auth: Auth | None = None
    """Basic authentication, for sites behind a password."""
    identity: bool = False
    """Whether the answer must also name the site it comes from."""


class Connections(Model):
    """How many connections the sites open to the database that they share."""

    per_site: Annotated[int, Field(ge=1)]
    """Connections that one environment of one site opens at most: its processes times their threads."""
    limit: Annotated[int, Field(ge=1)] = 60
    """Connections that the database of one environment takes. Divio's documented number is 60."""


class Rollout(Model):
    """How sites are deployed."""

    waves: Listing[WaveSpec] = ()
    """The waves of mirrors, in order. The original is always first and alone. Not given: one wave, rest."""
    max_failures: Annotated[int, Field(ge=0)] = 0
    """Sites of one wave that may fail before the rollout stops."""
    timeout: Seconds = 3600
    """How long one site's deployment may take: 90s, 60m, 2h, or seconds."""
    verify: Verify | None = None
    """Whether and how a deployed site is asked for an answer. Not given: it is not."""
    connections: Connections | None = None
    """What the sites ask of their database. Given: a warning where a rollout would ask for more than it takes."""


class Configured(Model):
    """A value that is no secret, but that each stack's configuration says for itself."""

    config: Annotated[str, Field(min_length=1)]
    """The key of the stack's configuration."""


class Release(Model):
    """The release that the estate is to run."""

    name: Annotated[
        Annotated[str, Field(pattern=r"\S")] | Configured,
        Otherwise(
            "takes the release's name, such as 2026-11, or {config: KEY} for a key of the stack's configuration",
            (Unquoted, bool, int),
        ),
    ]
    """Its name, such as 2026-11, or {config: KEY}: the stack's configuration has it under KEY. The original carries it
    as ESTATE_RELEASE."""
    phase: Phase = "expand"
    """expand: old code runs on the new schema as well. contract: it would not; refused while any mirror is behind."""
