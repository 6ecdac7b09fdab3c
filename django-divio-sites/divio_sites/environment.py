"""What the estate declares for this site, as the process's environment says it.

Divio sets DOMAIN, DOMAIN_ALIASES, DOMAIN_REDIRECTS and STAGE with every deployment, for older applications also SITE_NAME
(its documentation, built-in variables). The estate sets SITE_ID, and with `identity_variables` ESTATE_SLUG and ESTATE_ROLE.
"""

import os
import re

from django.core.management.base import CommandError

ORIGINAL, MIRROR = "original", "mirror"
_IDENTITY = "write identity_variables: true in estate.yaml, run pulumi up, and deploy this site"
_BY_DIVIO = "Divio sets it with every deployment; elsewhere set it to the site's host, such as localhost:8000"
# By name: its form, what it must be, and what to do where it is not set.
_VARIABLES = {
    "SITE_ID": ("0*[1-9][0-9]{0,8}", "a whole number from 1 to 999999999", "run pulumi up, then deploy this site"),
    "ESTATE_SLUG": (".{1,100}", "at most 100 characters long", _IDENTITY),
    "ESTATE_ROLE": (f"{ORIGINAL}|{MIRROR}", f"{ORIGINAL} or {MIRROR}", _IDENTITY),
    "DOMAIN": (r"(?=.{1,100}$)[\w-]+(\.[\w-]+)*(:\d{1,5})?", "one host name of at most 100 characters", _BY_DIVIO),
}


class SiteEnvironment:
    """This process's variables; what is not set is "", as `site_id` 0.

    Raises CommandError for a malformed one, and for the first of the `required` ones that is not set.
    """

    def __init__(self, *required: str) -> None:
        for name, (form, must, remedy) in _VARIABLES.items():
            if (value := _text(name)) and not re.fullmatch(form, value):
                raise CommandError(f"{name} is {value!r}; it must be {must}.")
            if name in required and not value:
                raise CommandError(f"{name} is not set: {remedy}.")
        self.site_id, self.slug, self.role = int(_text("SITE_ID") or 0), _text("ESTATE_SLUG"), _text("ESTATE_ROLE")
        self.domain, self.name, self.stage = _text("DOMAIN"), _text("SITE_NAME") or self.slug, _text("STAGE").lower()
        self.domains = {self.domain, *re.split("[, ]+", f"{_text('DOMAIN_ALIASES')},{_text('DOMAIN_REDIRECTS')}")}
        self.predecessor = _text("ESTATE_PREDECESSOR")  # the retired site whose row this one carries on


def _text(name: str) -> str:
    value = " ".join(os.environ.get(name, "").split())
    return value.lower() if name.startswith("DOMAIN") else value
