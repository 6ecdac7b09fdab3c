"""The sites of an estate as they are declared: the original, and the mirrors that run its code."""

from typing import Literal

from pydantic import Field

from divio_provider.estate.declaration.base_model import Listing, Model, Section
from divio_provider.estate.declaration.field_types import GroupName, Host, Name, ServiceKey, SiteId, Slug
from divio_provider.estate.declaration.hold import Held
from divio_provider.estate.declaration.variable_types import Variables


class Branch(Model):
    """The Git branches of the original's environments. Divio's default is kept where none is named."""

    test: Name | None = None
    """The branch that Test is built from."""
    live: Name | None = None
    """The branch that Live is built from."""


class ReleaseCommand(Model):
    """A command that Divio runs with every deployment, such as the migrations."""

    label: Name
    """What it is called in Divio; unique."""
    command: Name
    """The command itself, such as python manage.py migrate."""


class EnvironmentSettings(Model):
    """What holds for one environment, Test or Live."""

    variables: Variables = Field(default_factory=dict)
    """Environment variables for this environment."""


class Site(Model):
    """What the original and a mirror have in common."""

    name: Name
    """The name that people see in Divio's Control Panel."""
    site_id: SiteId | None = None
    """A pin: this site's SITE_ID, where it must be a certain one."""
    domains: Listing[Host] = ()
    """Domains of Live: the first is the primary one, the others are aliases."""
    variables: Variables = Field(default_factory=dict)
    """Environment variables of this site, in Test and Live."""
    test: Section[EnvironmentSettings] = EnvironmentSettings()
    """What holds for this site's Test alone."""
    live: Section[EnvironmentSettings] = EnvironmentSettings()
    """What holds for this site's Live alone."""


class Original(Site):
    """The application whose code, database and storage every site uses."""

    slug: Slug
    """The application's slug on Divio."""
    services: Section[dict[ServiceKey, Name]] = Field(default_factory=dict)
    """Services of each environment, such as DATABASE: postgres, STORAGE: s3, or DATABASE/REPLICA: postgres."""
    repository: Name | None = None
    """Where the code of a new original is kept: a repository known to Divio. Without one, Divio hosts it."""
    branch: Section[Branch] = Branch()
    """The Git branches of Test and Live."""
    app_template: Name | None = None
    """The address of a template that a new original starts from."""
    release_commands: Listing[ReleaseCommand] = ()
    """Commands for a new original that run with every deployment."""
    protect: bool = True
    """Pulumi refuses to delete the original while this is true."""


class Mirror(Site):
    """An application that runs the original's code as a site of its own."""

    protect: bool = False
    """Pulumi refuses to delete this mirror while this is true."""
    retain: bool = False
    """When this mirror is no longer declared, it stays on Divio as it is."""
    ownership: Literal["owned", "exclusive"] = "owned"
    """owned: variables that others set stay. exclusive: they are removed."""
    groups: Listing[GroupName] = ()
    """Names of groups that this mirror is in. A wave may name a group instead of its mirrors."""
    hold: Held = None
    """While this is given, the mirror is not deployed."""
