"""The inputs that several resources have in common, as their constructors take them by name."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from pulumi import Input


class ApplicationInputs(TypedDict):
    """What an `Application` and a `Mirror` are. Nothing of it but the name can be changed by Divio's API."""

    slug: Input[str]
    name: Input[str]
    organisation: Input[str]
    """Its name or uuid, as for the two below."""
    region: Input[str]
    plan: Input[str]
    """A plan group."""


class SiteInputs(TypedDict):
    """Which site something belongs to."""

    site: Input[str]
    """The application's slug."""
    application: Input[str]
    """The application's uuid; empty while it does not exist."""


class EnvironmentInputs(SiteInputs):
    """Which environment something belongs to."""

    environment: Input[str]
    """`test` or `live`."""


class Target(TypedDict):
    """An environment that a `Deployment` deploys. `EnvironmentVariables.target` gives it."""

    site: str
    environment: str
    application: Input[str]
    names: NotRequired[Sequence[str]]
    """The variables declared on it."""
    change: NotRequired[Input[Mapping[str, Any]]]
    """The last change of them: `EnvironmentVariables.change`."""
    unfinished: NotRequired[Input[Mapping[str, Any]]]
    """What keeps it from being deployed for now, as its variables report it."""
    domains: NotRequired[Mapping[str, Mapping[str, Input[Any]]]]
    """Its domains by host, each a `Domain`'s `generation` and `unfinished`."""
    redeploy: NotRequired[str]
    """A mark of the user's; another one than before asks for a deployment."""


class OriginalTarget(Target):
    """An environment of the original, or of any application that is no mirror."""

    site_id: NotRequired[Input[str]]
    services: NotRequired[Sequence[str]]
    """Variables that exist once its declared services are provisioned, such as `DEFAULT_DATABASE_DSN`."""
    branch: NotRequired[str]
    """The branch that it is to run; left out: not declared."""


class MirrorTarget(Target):
    """An environment of a mirror."""

    original: str
    """The original's slug."""
    original_uuid: Input[str]
    site_id: Input[str]
    """A mirror that carries another one is not deployed."""
    shared: Sequence[str]
    """The shared variables that it must carry."""
    shared_change: NotRequired[Input[Mapping[str, Any]]]
    """The last change of these: `EnvironmentVariables.shared_change`."""
    hold: NotRequired[str]
    """Why it is declared, but not deployed for now."""
