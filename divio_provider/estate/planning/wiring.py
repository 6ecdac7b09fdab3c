"""Wiring: giving a mirror the original's shared variables, and refusing to deploy one that is not wired.

A mirror's copies are sensitive on Divio, so they cannot be read back. What is kept of a copy is a fingerprint; a
fingerprint of the original's present value says whether the copy is still good.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from divio_provider.estate.planning.waves import listed

SITE_ID = "SITE_ID"
DEFAULT_SITE_ID = "1"
"""What a site without `SITE_ID` is to Django: the id of its first migration, and aldryn-django's default."""
RELEASE = "ESTATE_RELEASE"

Copy = Literal["the original's", "differs from the original's", "not set"]
WIRED: Copy = "the original's"
STALE: Copy = "differs from the original's"
MISSING: Copy = "not set"

# scrypt's cost: a fingerprint is computed once for each of the original's values and run, and should be dear to guess.
_COST = 2**13


@lru_cache(maxsize=256)
def fingerprint(value: str, salt: str) -> str:
    """A short digest of a secret value, for comparing it later without keeping it.

    `salt` is the place the value came from (the id of the original's environment and the variable's name), so that
    all mirrors of one environment share a fingerprint and no two places do.

    >>> fingerprint("postgres://a:b@c/d", "env/DATABASE_URL") == fingerprint("postgres://a:b@c/d", "env/DATABASE_URL")
    True
    >>> fingerprint("postgres://a:b@c/d", "env/DATABASE_URL") == fingerprint("postgres://a:x@c/d", "env/DATABASE_URL")
    False
    """
    return hashlib.scrypt(value.encode(), salt=salt.encode(), n=_COST, r=8, p=1, dklen=12).hex()


def copy_state(present: bool, copied: str | None, originals: str | None) -> Copy:
    """How a mirror's copy of one shared variable stands.

    `present`: the mirror has a variable of that name. `copied`: the fingerprint of what we copied, None where we
    never did. `originals`: the fingerprint of the original's present value, None where it cannot be read, which
    is no proof of a difference.

    >>> copy_state(True, "ab", "ab"), copy_state(True, "ab", "cd"), copy_state(False, "ab", "ab")
    ("the original's", "differs from the original's", 'not set')
    """
    if not present:
        return MISSING
    if copied is None or (originals is not None and copied != originals):
        return STALE
    return WIRED


def site_id_problem(value: str | None) -> str:
    """Why `value` cannot be a mirror's `SITE_ID`, or an empty string.

    aldryn-django reads it as a literal: a plain positive number, without quotes or signs.

    >>> site_id_problem("7"), site_id_problem("07"), site_id_problem(None)
    ('', '"07" is not a plain positive number', 'it has none')
    """
    if value is None:
        return "it has none"
    if not (value.isascii() and value.isdigit()) or value.startswith("0"):
        return f'"{value}" is not a plain positive number'
    return ""


def deployment_refusal(
    *,
    site_id: str,
    present: Mapping[str, str | None],
    shared: Sequence[str],
    copies: Mapping[str, Copy],
    others: Mapping[str, str],
) -> str:
    """Why a mirror's environment must not be deployed, or an empty string.

    `site_id` is what is declared; `present` are the environment's variables as Divio lists them (None: withheld);
    `shared` the names it must carry; `copies` how each copy stands; `others` the `SITE_ID` really set on every other
    site of the estate in the same environment.

    >>> deployment_refusal(site_id="3", present={"SITE_ID": "3", "DATABASE_URL": None}, shared=["DATABASE_URL"],
    ...         copies={"DATABASE_URL": "the original's"}, others={"acme-blog": "2"})
    ''
    >>> deployment_refusal(site_id="3", present={"DATABASE_URL": None}, shared=["DATABASE_URL"], copies={}, others={})
    'it lacks SITE_ID and would act as site 1; pulumi up --refresh sets it'
    """
    if SITE_ID not in present:
        return "it lacks SITE_ID and would act as site 1; pulumi up --refresh sets it"
    actual = present[SITE_ID]
    if actual is not None and actual != site_id:
        return f"its SITE_ID on Divio is {actual}, declared is {site_id}; pulumi up --refresh puts it right"
    twin = next((slug for slug, other in sorted(others.items()) if other == site_id), None)
    if twin is not None:
        return f"{twin} has the same SITE_ID {site_id} on Divio; give one of them another, they are one site to Django"
    missing = [name for name in shared if name not in present]
    if missing:
        return f"it lacks {', '.join(missing)}; pulumi up --refresh copies what is missing from the original"
    stale = [name for name in shared if copies.get(name) == STALE]
    if stale:
        return f"its {', '.join(stale)} differs from the original's; pulumi up --refresh copies it anew"
    return ""


def carried_problem(
    *, site_id: str, names: Collection[str], carried: Mapping[str, str | None], stale: Collection[str]
) -> str:
    """What is wrong with the variables that a deployment carried, or an empty string.

    `site_id` is the declared one (empty: it is not known), `names` all variables that it had to carry, `carried` what it did
    (None: withheld), `stale` the shared ones of these that are shown with another value than the original's.

    >>> carried_problem(site_id="3", names=["THEME"], carried={"SITE_ID": None, "THEME": "shop"}, stale=[])
    ''
    >>> carried_problem(site_id="3", names=["THEME"], carried={"SITE_ID": "2"}, stale=[])
    'it carried SITE_ID 2, declared is 3; it carried no THEME; pulumi up --refresh puts that right and deploys it again'
    """
    found = []
    if site_id and SITE_ID not in carried:
        found.append(f"it carried no {SITE_ID} and acts as site {DEFAULT_SITE_ID}, declared is {site_id}")
    elif site_id and carried[SITE_ID] not in (None, site_id):
        found.append(f"it carried {SITE_ID} {carried[SITE_ID]}, declared is {site_id}")
    missing = [name for name in sorted(names) if name not in carried and not (site_id and name == SITE_ID)]
    if missing:
        found.append(f"it carried no {listed(missing)}")
    if stale:
        found.append(f"it carried another {listed(sorted(stale))} than the original does")
    return "; ".join([*found, "pulumi up --refresh puts that right and deploys it again"]) if found else ""
