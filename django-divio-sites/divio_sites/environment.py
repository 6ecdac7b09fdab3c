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

_REMEDIES = {
    "SITE_ID": "the estate sets it on every site: run pulumi up, then deploy this site",
    "DOMAIN": "Divio sets it with every deployment; elsewhere set it to the site's host, such as localhost:8000",
    **dict.fromkeys(IDENTITY_VARIABLES, "write identity_variables: true in estate.yaml, run pulumi up, deploy this site"),
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
    value = {name: _text(environ, name) for name in (
        "SITE_ID", "ESTATE_SLUG", "ESTATE_ROLE", "ESTATE_RELEASE", "SITE_NAME", "DOMAIN", "DOMAIN_ALIASES",
        "DOMAIN_REDIRECTS", "STAGE", "ESTATE_PREDECESSOR",
    )}  # fmt: skip
    if value["SITE_ID"] and not re.fullmatch("0*[1-9][0-9]{0,8}", value["SITE_ID"]):
        raise EnvironmentProblem(f"SITE_ID is {value['SITE_ID']!r}; it must be a whole number from 1 to 999999999.")
    if value["ESTATE_ROLE"] not in {"", ORIGINAL, MIRROR}:
        raise EnvironmentProblem(f"ESTATE_ROLE is {value['ESTATE_ROLE']!r}; it must be {ORIGINAL} or {MIRROR}.")
    domain = value["DOMAIN"].lower()
    if domain and not (re.fullmatch(r"[\w-]+(\.[\w-]+)*(:[0-9]{1,5})?", domain) and len(domain) <= 100):
        must = "it must be one host name of at most 100 characters, without scheme, such as blog.acme.example"
        raise EnvironmentProblem(f"DOMAIN is {value['DOMAIN']!r}; {must}.")
    hosts = f"{value['DOMAIN_ALIASES']},{value['DOMAIN_REDIRECTS']}".lower().split(",")
    return SiteEnvironment(
        site_id=int(value["SITE_ID"]) if value["SITE_ID"] else None,
        slug=value["ESTATE_SLUG"],
        role=value["ESTATE_ROLE"],
        release=value["ESTATE_RELEASE"],
        name=value["SITE_NAME"],
        domain=domain,
        other_domains=frozenset(host.strip() for host in hosts if host.strip()),
        stage=value["STAGE"].lower(),
        predecessor=value["ESTATE_PREDECESSOR"],
    )


def _text(environ: Mapping[str, str], name: str) -> str:
    text = " ".join(environ.get(name, "").split())
    if re.search("[\ud800-\udfff]", text):  # how Python shows bytes that are not UTF-8; no database takes them
        raise EnvironmentProblem(f"{name} is not text in UTF-8; write it anew.")
    return text
