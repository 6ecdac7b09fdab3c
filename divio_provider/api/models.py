"""What is sent and answered, as pydantic models.

Responses tolerate unknown fields, and every field beyond the seen ones is optional: undocumented fields have vanished
before (``author`` of a deployment). Requests tolerate nothing. Ids are opaque strings of Divio's, 26 characters of
base32 as far as seen, and never checked. Values of variables show in no ``repr`` and in no validation error.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """A response. Frozen, because concurrent readers share what a run has read once."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Request(BaseModel):
    """A request's body. ``None`` means "leave it out"; Divio has no use for a null here."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def body(self) -> dict[str, object]:
        """The fields that were given, for JSON."""
        return self.model_dump(mode="json", exclude_none=True)


class Reference(Model):
    """Another object, of which only the id counts."""

    uuid: str


class Application(Model):
    """An application: an original, a mirror, or any other.

    Unknown fields are kept, unlike elsewhere, because the relation of a mirror to its original is in one whose name no
    source shows (``endpoints/mirrors.py``).
    """

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    uuid: str
    slug: str
    name: str = ""
    organisation: str | None = None
    region: str | None = None
    plan_group: str | None = None


class ApplicationCreate(Request):
    """A new application. ``plan_group`` and ``region`` are ids."""

    name: str
    slug: str
    organisation: str
    plan_group: str
    region: str
    app_template: str | None = None
    release_commands: list[dict[str, str]] | None = None
    repository: str | None = None
    branch: str = "main"


class MirrorCreate(Request):
    """A new mirror, without its relation: how that is told is the shape's business (``endpoints/mirrors.py``)."""

    name: str
    slug: str
    organisation: str
    plan_group: str
    region: str


class Environment(Model):
    """An environment of an application."""

    uuid: str
    slug: str
    application: str | None = None
    branch: str | None = None
    last_finished_deployment: Reference | None = None
    """The last one that ended, successful or not; None before the first."""
    deployed_url: str | None = None


class Deployment(Model):
    """A deployment of an environment."""

    uuid: str
    environment: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    """None while it runs."""
    status: str | None = None
    """Free text of the present step: for people, never to be switched on."""
    percent: float | None = None
    success: bool | None = None
    """None while it runs. Only True is success."""
    environment_variables: tuple[str, ...] | None = None
    """Names alone, in the detail."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None and self.success is None


class EnvironmentVariable(Model):
    """A custom variable of an environment."""

    uuid: str
    name: str
    environment: str
    is_sensitive: bool = False
    value: str | None = Field(default=None, repr=False)
    """None where Divio does not show it, because it is sensitive."""


class Service(Model):
    """A kind of service that a region offers."""

    uuid: str
    name: str = ""
    type: str | None = None
    identifier: str | None = None


class ServiceInstance(Model):
    """A database or storage of an environment."""

    uuid: str
    prefix: str
    type: str | None = None
    service: str | None = None
    environment: str | None = None


class Domain(Model):
    """A custom domain of an application."""

    uuid: str
    domain: str
    application: str | None = None
    is_primary: bool | None = None
    is_redirect: bool | None = None


class Region(Model):
    """A region ("cloud space")."""

    uuid: str
    name: str = ""


class PlanGroup(Model):
    """A plan group that an organisation may choose for an application."""

    uuid: str
    name: str = ""


class Organisation(Model):
    """An organisation that the token's account belongs to."""

    uuid: str
    name: str = ""


class Activity(Model):
    """Something that happened to an application."""

    uuid: str
    application: str | None = None
    created_at: datetime | None = None
    type: str | None = None
    description: str | None = None
    user_name: str | None = None


class Backup(Model):
    """A backup of services of an environment."""

    uuid: str
    environment: str | None = None
    state: str | None = None
    """``WORKING`` and others, at last ``COMPLETED``."""
    success: str | None = None
    """``SUCCESS``, ``PARTIAL`` or ``FAILURE``: a text, unlike a deployment's."""
    service_instance_backups: tuple[str, ...] | None = None
    """Ids, one for each service."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state == "COMPLETED"


class ServiceInstanceBackup(Model):
    """What a backup holds of one service."""

    uuid: str
    backup: str | None = None
    service_instance: str | None = None
    service_type: str | None = None
    ended_at: datetime | None = None
    size: float | None = None
    """Bytes."""
    errors: tuple[object, ...] | None = None


class Me(Model):
    """The token's account."""

    uuid: str | None = None
    email: str | None = None


class DeployedVariables(Model):
    """What an environment was deployed with, built-in variables included."""

    environment: str | None = None
    environment_variables: Mapping[str, str | int | float | bool | None] = Field(repr=False)


class DeploymentLog(Model):
    """A deployment's log."""

    logs: str | None = Field(default=None, repr=False)
