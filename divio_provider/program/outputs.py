"""An estate's sites as the rest of a Pulumi program sees them, and as a stack exports them."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, TypeVar

import pulumi

T = TypeVar("T")

COLUMNS = ("site", "site_id", "application", "test", "live")
"""Of the exported table: slug, `SITE_ID`, Divio's id of the application, and where Test and Live answer."""


@dataclass(frozen=True)
class SiteEnvironment:
    """A site's Test or Live, with the `urls` of the `Deployment` that deploys it; None: another stack does."""

    key: str
    urls: pulumi.Output[dict[str, str]] | None = None

    @property
    def url(self) -> pulumi.Output[str]:
        """Where it answers, empty until it is deployed."""
        if self.urls is None:
            return pulumi.Output.from_input("")
        return self.urls.apply(lambda urls: str((urls or {}).get(self.key) or ""))


@dataclass(frozen=True)
class Site:
    """One site of an estate, for the DNS records and monitors that are declared beside it.

    `application_id` is Divio's id of the application (empty while it is pending). The addresses are made when they are
    asked for: an `Output` that nobody needs costs time all the same.
    """

    slug: str
    register: pulumi.Output[dict[str, Any]]
    application_id: pulumi.Output[str]
    test: SiteEnvironment
    live: SiteEnvironment

    @property
    def site_id(self) -> pulumi.Output[int]:
        """Its `SITE_ID`."""
        return self.register.apply(lambda register: int(register["ids"][self.slug]))


def gathered(values: Sequence[pulumi.Output[Any]], function: Callable[[list[Any]], T]) -> pulumi.Output[T]:
    """One output of many: `function` of their values, not known while one of them is not.

    `Output.all` makes a further one of each, and the SDK goes through all that are outstanding time and again: with 500
    sites that makes a minute of seconds. What comes out depends on no resource, so it is for exports.
    """

    async def value() -> T | pulumi.output.Unknown:
        found = [await one.future() for one in values]
        return function(found) if all([await one.is_known() for one in values]) else pulumi.UNKNOWN

    return pulumi.Output.from_input(value())  # type: ignore[arg-type]


def table(register: pulumi.Output[dict[str, Any]], sites: Sequence[Site]) -> pulumi.Output[str]:
    """The sites as a stack exports them: comma-separated text with a head, the columns of `COLUMNS`. `rows` reads it.

    Pulumi prints all of a map with each `up`, row by row, but of a text that changed only the lines that did.
    """
    steps = {id(each.urls): each.urls for site in sites for each in (site.test, site.live) if each.urls is not None}

    def written(found: list[Any]) -> str:
        ids, urls = found[0]["ids"], dict(zip(steps, found[1:], strict=False))
        applications = found[1 + len(steps) :]
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for site, application in zip(sites, applications, strict=True):
            addresses = [(urls.get(id(each.urls)) or {}).get(each.key, "") for each in (site.test, site.live)]
            writer.writerow([site.slug, int(ids[site.slug]), application, *addresses])
        return text.getvalue()

    return gathered([register, *steps.values(), *(site.application_id for site in sites)], written)


def rows(text: str) -> dict[str, dict[str, str]]:
    r"""The rows of an exported table by slug.

    >>> rows("site,site_id,application,test,live\nacme-main,1,q37s,,\n")
    {'acme-main': {'site': 'acme-main', 'site_id': '1', 'application': 'q37s', 'test': '', 'live': ''}}
    """
    return {row["site"]: row for row in csv.DictReader(StringIO(text))}
