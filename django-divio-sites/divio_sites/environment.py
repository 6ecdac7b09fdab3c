"""What the estate declares for this site, as the process's environment says it.

Divio sets `DOMAIN` (the primary domain, else Divio's own host), `DOMAIN_ALIASES`, `DOMAIN_REDIRECTS` and `STAGE` (the
environment's name) with every deployment, for older applications also `SITE_NAME` (its documentation, built-in
variables). The estate sets `SITE_ID` on every site, `ESTATE_RELEASE` on the original alone, and `ESTATE_SLUG` and
`ESTATE_ROLE` where estate.yaml says `identity_variables: true`. `ESTATE_PREDECESSOR` is the user's, under `variables`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

ORIGINAL, MIRROR = "original", "mirror"
IDENTITY_VARIABLES = ("ESTATE_SLUG", "ESTATE_ROLE")
"""What `identity_variables: true` in estate.yaml sets."""

_IDENTITY = "write identity_variables: true in estate.yaml, run pulumi up, and deploy this site"
_REMEDIES = {
    "SITE_ID": "the estate sets it on every site: run pulumi up, then deploy this site",
    "DOMAIN": "Divio sets it with every deployment; elsewhere set it to the site's host, such as localhost:8000",
    **dict.fromkeys(IDENTITY_VARIABLES, _IDENTITY),
}


class EnvironmentProblem(Exception):
    """A variable is missing or malformed: one sentence that says which, and what would be right."""


@dataclass(frozen=True)
class SiteEnvironment:
    """One site's environment. What is not set is "", as `site_id` None."""

    site_id: int | None  # SITE_ID, the key of this site's row in django_site
    slug: str  # ESTATE_SLUG
    role: str  # ESTATE_ROLE: ORIGINAL or MIRROR
    release: str  # ESTATE_RELEASE
    name: str  # SITE_NAME, for people
    domain: str  # DOMAIN in lower case, perhaps with a port; at most 100 characters, as Site.domain
    other_domains: frozenset[str]  # DOMAIN_ALIASES and DOMAIN_REDIRECTS
    stage: str  # STAGE: test, live
    predecessor: str  # ESTATE_PREDECESSOR: the slug of the retired site whose row this one carries on

    def require(self, *names: str) -> None:
        """Raise EnvironmentProblem for the first that is not set, of SITE_ID, DOMAIN, ESTATE_SLUG and ESTATE_ROLE."""
        values = {"SITE_ID": self.site_id, "DOMAIN": self.domain, "ESTATE_SLUG": self.slug, "ESTATE_ROLE": self.role}
        for name in names:
            if not values[name]:
                raise EnvironmentProblem(f"{name} is not set: {_REMEDIES[name]}.")


def read(environ: Mapping[str, str] = os.environ) -> SiteEnvironment:
    """The `SiteEnvironment` of this process, or of other variables; raises EnvironmentProblem for a malformed value."""

    def text(name: str) -> str:
        return " ".join(environ.get(name, "").split())

    site_id, role, domain = text("SITE_ID"), text("ESTATE_ROLE"), text("DOMAIN").lower()
    if site_id and not re.fullmatch("0*[1-9][0-9]{0,8}", site_id):
        raise EnvironmentProblem(f"SITE_ID is {site_id!r}; it must be a whole number from 1 to 999999999.")
    if role not in {"", ORIGINAL, MIRROR}:
        raise EnvironmentProblem(f"ESTATE_ROLE is {role!r}; it must be {ORIGINAL} or {MIRROR}.")
    if domain and not (re.fullmatch(r"[\w-]+(\.[\w-]+)*(:[0-9]{1,5})?", domain) and len(domain) <= 100):
        must = "it must be one host name of at most 100 characters, without scheme, such as blog.acme.example"
        raise EnvironmentProblem(f"DOMAIN is {domain!r}; {must}.")
    hosts = f"{text('DOMAIN_ALIASES')},{text('DOMAIN_REDIRECTS')}".lower().replace(" ", "").split(",")
    return SiteEnvironment(
        int(site_id) if site_id else None, text("ESTATE_SLUG"), role, text("ESTATE_RELEASE"), text("SITE_NAME"), domain,
        frozenset(hosts) - {""}, text("STAGE").lower(), text("ESTATE_PREDECESSOR"),
    )  # fmt: skip
