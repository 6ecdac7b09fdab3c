"""An estate's sites as the rest of a Pulumi program sees them."""

from collections.abc import Mapping
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
        """The site's row in the exported table of sites."""
        return {
            "site_id": self.site_id,
            "application": self.application_id,
            "test": self.test.url,
            "live": self.live.url,
        }


def merged(reports: list[Mapping[str, str] | None]) -> dict[str, str]:
    """What is unfinished, from several resources' reports: one text for each site, nothing said twice.

    >>> merged([{"acme-shop": "waits for a person"}, None, {"acme-shop": "waits for a person", "acme-blog": "held"}])
    {'acme-shop': 'waits for a person', 'acme-blog': 'held'}
    """
    reasons: dict[str, list[str]] = {}
    for report in reports:
        for slug, reason in (report or {}).items():
            said = reasons.setdefault(slug, [])
            if reason not in said:
                said.append(reason)
    return {slug: "; ".join(said) for slug, said in reasons.items()}
