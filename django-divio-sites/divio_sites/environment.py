"""What the estate declares for this site, as the process's environment says it.

Divio sets DOMAIN (the primary domain, else Divio's own host), DOMAIN_ALIASES, DOMAIN_REDIRECTS and STAGE with every
deployment, for older applications also SITE_NAME (its documentation, built-in variables). The estate sets SITE_ID on every
site, and ESTATE_SLUG and ESTATE_ROLE where estate.yaml says `identity_variables: true`.
"""

import os
import re

from django.core.management.base import CommandError

ORIGINAL, MIRROR = "original", "mirror"
_FORMS = {
    "SITE_ID": ("0*[1-9][0-9]{0,8}", "a whole number from 1 to 999999999"),
    "ESTATE_ROLE": (f"{ORIGINAL}|{MIRROR}", f"{ORIGINAL} or {MIRROR}"),
    "DOMAIN": (r"(?=.{1,100}$)[\w-]+(\.[\w-]+)*(:\d{1,5})?", "one host name of at most 100 characters, without scheme"),
}
_REMEDIES = {
    "SITE_ID": "the estate sets it on every site: run pulumi up, then deploy this site",
    "DOMAIN": "Divio sets it with every deployment; elsewhere set it to the site's host, such as localhost:8000",
}
_IDENTITY = "write identity_variables: true in estate.yaml, run pulumi up, and deploy this site"


class SiteEnvironment:
    """This process's variables; what is not set is "", as `site_id` None.

    Raises CommandError for a malformed one, and for the first of the `required` ones that is not set.
    """

    def __init__(self, *required: str) -> None:
        for name, (form, must) in _FORMS.items():
            if (value := _text(name)) and not re.fullmatch(form, value):
                raise CommandError(f"{name} is {value!r}; it must be {must}.")
        if unset := next((name for name in required if not _text(name)), ""):
            raise CommandError(f"{unset} is not set: {_REMEDIES.get(unset, _IDENTITY)}.")
        self.site_id, self.slug, self.role = (
            int(_text("SITE_ID") or 0) or None,
            _text("ESTATE_SLUG"),
            _text("ESTATE_ROLE"),
        )
        self.domain, self.name, self.stage = _text("DOMAIN"), _text("SITE_NAME") or self.slug, _text("STAGE").lower()
        self.domains = {self.domain, *re.split("[, ]+", f"{_text('DOMAIN_ALIASES')},{_text('DOMAIN_REDIRECTS')}")}
        self.predecessor = _text("ESTATE_PREDECESSOR")  # of the user: the retired site whose row this one carries on


def _text(name: str) -> str:
    value = " ".join(os.environ.get(name, "").split())
    return value.lower() if name.startswith("DOMAIN") else value
