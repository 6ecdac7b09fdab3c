"""An estate's sites as the rest of a Pulumi program sees them."""

from dataclasses import dataclass
from typing import Any

import pulumi


@dataclass(frozen=True)
class SiteEnvironment:
    """A site's Test or Live. `url` is where it answers, empty until it is deployed."""

    url: pulumi.Output[str]


@dataclass(frozen=True)
class Site:
    """One site of an estate, for the DNS records and monitors that are declared beside it.

    `site_id` is its `SITE_ID`, `application_id` Divio's id of the application (empty while it is pending).
    """

    slug: str
    site_id: pulumi.Output[int]
    application_id: pulumi.Output[str]
    test: SiteEnvironment
    live: SiteEnvironment

    def row(self) -> dict[str, pulumi.Output[Any]]:
        """The site's row in the exported table of sites: what other stacks take over, and a preview knows."""
        return {"site_id": self.site_id, "application": self.application_id}

    def addresses(self) -> dict[str, pulumi.Output[str]]:
        """Where the site answers, apart from its row: a preview does not know it of any site of a changed wave."""
        return {"test": self.test.url, "live": self.live.url}
