"""The sites of an estate as they are declared: the original, the mirrors that run its code, and those that leave."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from divio_provider.estate.declaration.base_model import Listing, Model, Section
from divio_provider.estate.declaration.field_types import (
    Day,
    GroupName,
    Host,
    Name,
    Reason,
    ServiceKey,
    SiteId,
    SiteMentioned,
    Slug,
    refuse,
)
from divio_provider.estate.declaration.variable_types import Variables


def _held(value: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, Mapping | Hold):
        example = "{reason: broken theme}, with or without until: 2026-12-01"
        refuse(f"takes a reason: {example}; leave hold out to deploy the site")
    return value


def _without_null(schema: dict[str, Any]) -> None:
    """A hold with nothing after its key would not say why: it is refused, and editors must not offer it."""
    schema.update(schema.pop("anyOf")[0])


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


class Hold(Model):
    """Why a mirror is not deployed, and for how long."""

    reason: Reason
    """What is wrong, for whoever wonders."""
    until: Day | None = None
    """The last day of it, such as 2026-12-01. The mirror stays on hold afterwards, but every run warns of it."""

    @property
    def said(self) -> str:
        """The reason and the day as people read them.

        >>> Hold(reason="broken theme", until=date(2026, 12, 1)).said, Hold(reason="moving").said
        ('broken theme, until 2026-12-01', 'moving')
        """
        return self.reason if self.until is None else f"{self.reason}, until {self.until.isoformat()}"

    def over(self, today: date) -> bool:
        """Whether the hold should have ended: `today` is after its last day.

        >>> hold = Hold(reason="broken theme", until=date(2026, 12, 1))
        >>> hold.over(date(2026, 12, 1)), hold.over(date(2026, 12, 2)), Hold(reason="moving").over(date.max)
        (False, True, False)
        """
        return self.until is not None and today > self.until


class Mirror(Site):
    """An application that runs the original's code as a site of its own."""

    retain: bool = False
    """When this mirror is retired, it stays on Divio as it is."""
    ownership: Literal["owned", "exclusive"] = "owned"
    """owned: variables that others set stay. exclusive: they are removed."""
    groups: Listing[GroupName] = ()
    """Names of groups that this mirror is in. A wave may name a group instead of its mirrors."""
    hold: Annotated[Hold | None, BeforeValidator(_held), Field(json_schema_extra=_without_null)] = None
    """While this is given, the mirror is not deployed."""


class Retired(Model):
    """A site that leaves, or has left: it is deleted on Divio, and its SITE_ID is never given to another site."""

    site_id: SiteId | None = None
    """Its SITE_ID. `divio-estate pin` writes it."""
    successor: SiteMentioned | None = None
    """The mirror that carries it on under another slug, pinned to the same SITE_ID."""


def heir(slug: str, id_: int, retired: Mapping[str, Retired]) -> str:
    """Whose a `SITE_ID` is now that was a site's: its successor's, or the successor's successor's; else its own.

    >>> gone = {"blog": Retired(site_id=4, successor="news"), "news": Retired(site_id=4, successor="today")}
    >>> heir("blog", 4, gone), heir("news", 4, gone), heir("blog", 5, gone)
    ('today', 'today', 'blog')
    """
    for _ in retired:
        gone = retired.get(slug)
        if gone is None or gone.successor is None or gone.site_id != id_:
            break
        slug = gone.successor
    return slug
