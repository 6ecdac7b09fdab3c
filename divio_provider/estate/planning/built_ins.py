"""The variables that Divio itself gives every deployment.

Whether its list of an environment's variables shows them beside the custom ones is not known, and nothing in the list
would tell one kind from the other. So a name of these is never taken for a foreign variable.
"""

import re
from collections.abc import Mapping

_NAMES = re.compile(
    r"DATABASE_URL|[A-Z][A-Z0-9_]*_(DATABASE|STORAGE)_DSN|DOMAIN|DOMAIN_ALIASES|DOMAIN_REDIRECTS|GIT_BRANCH|STAGE"
    r"|SECRET_KEY|SITE_NAME|CACHE_URL"
)
_KINDS = {"DOMAIN": "primary", "DOMAIN_ALIASES": "alias", "DOMAIN_REDIRECTS": "redirect"}


def is_built_in(name: str) -> bool:
    """Whether Divio itself may give a deployment a variable of this name (Divio's documentation names them).

    `DEBUG`, which only its oldest base projects get, is not among them: a person may well have left it somewhere.

    >>> is_built_in("DEFAULT_DATABASE_DSN"), is_built_in("STAGE"), is_built_in("DEBUG"), is_built_in("MY_STAGE")
    (True, True, False, False)
    """
    return _NAMES.fullmatch(name) is not None


def provisioned_name(type_: str, prefix: str) -> str:
    """The variable that exists once such a service is provisioned (Divio's handbook: `<PREFIX>_DATABASE_DSN`).

    >>> provisioned_name("DATABASE", "DEFAULT")
    'DEFAULT_DATABASE_DSN'
    """
    return f"{prefix}_{type_}_DSN"


def deployed_hosts(variables: Mapping[str, str | None]) -> set[str]:
    """The host names that an environment was deployed with, from Divio's `DOMAIN*` variables.

    >>> sorted(deployed_hosts({"DOMAIN": "a.example", "DOMAIN_ALIASES": "b.example, c.example"}))
    ['a.example', 'b.example', 'c.example']
    """
    return {host for name in _KINDS for host in _hosts(variables, name)}


def deployed_kind(host: str, variables: Mapping[str, str | None]) -> str:
    """What an environment was deployed with a host as, from the same variables: empty where it was not.

    >>> deployed_kind("b.example", {"DOMAIN": "a.example", "DOMAIN_ALIASES": "b.example"})
    'alias'
    """
    return next((kind for name, kind in _KINDS.items() if host in _hosts(variables, name)), "")


def _hosts(variables: Mapping[str, str | None], name: str) -> set[str]:
    return {host.strip() for host in (variables.get(name) or "").split(",") if host.strip()}
