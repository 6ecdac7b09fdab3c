"""Whether an application that Divio does not show is gone, or only hidden from the token's account.

Divio answers "missing" and "not permitted" alike (divio-api.md, section 1.6: 404). Taken for gone, a hidden application
would drop out of the state, and the next `pulumi up` would make a second one. So before a refresh says "gone" somebody
must vouch for it: for a mirror, the account still sees its organisation and its original; for an original, a person
does. Plain users are invited per application and cannot make any, so an account that creates mirrors sees them all;
only an account of such a user that lost a single mirror is still mistaken, and then Divio refuses the taken slug.

Asks nothing while everything is shown.
"""

from collections.abc import Collection

from divio_provider.api.client import Divio
from divio_provider.api.errors import Forbidden, NotFound, Unresolved
from divio_provider.api.models import Application
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader.lists import Reader

KEPT = "nothing was dropped from the state"


def application(
    divio: Divio,
    slug: str,
    uuid: str,
    *,
    organisation: str = "",
    source: str = "",
    original: str = "",
    deleted: Collection[str] = (),
) -> Application | None:
    """The application as the account's list shows it; None only where it is certain enough that it is gone.

    `uuid` is the id that the state has, empty for none. `organisation` is its name or uuid where it is known, `source`
    and `original` are the uuid and slug of a mirror's original, empty for what is no mirror. `deleted` are the slugs
    that a person named as deleted (`DIVIO_DELETED`).

    Raises `Failed`, one sentence, where it may only be hidden.
    """
    reader = Reader(divio)
    found = reader.application(slug)
    if found is not None:
        return found
    if organisation:
        require_organisation(divio, slug, organisation)
    if not uuid:
        return None
    if source and source not in reader.applications:
        if {slug, original} & set(deleted):
            return None
        raise _hidden(divio, f"{slug} (uuid {uuid}) nor its original {original}", "neither", slug=original)
    found = _asked_by_id(divio, slug, uuid)
    if found is None and not source and slug not in deleted:
        raise _hidden(divio, f"{slug} (uuid {uuid})", "not", slug=slug)
    return found


def require_organisation(divio: Divio, slug: str, organisation: str) -> None:
    """Raise `Failed` where the account does not see the organisation of an application that Divio does not show."""
    try:
        divio.organisations.resolve(organisation)
    except Unresolved:
        raise Failed(
            f'Divio shows the token\'s account neither {slug} nor its organisation "{organisation}" '
            f"(it shows {_organisations(divio)}), so its permission is gone, or the token is another account's: give "
            f"the account its role back or use another token; {KEPT}",
            cause=f'Divio does not show the organisation "{organisation}"',
        ) from None


def _asked_by_id(divio: Divio, slug: str, uuid: str) -> Application | None:
    try:
        found = divio.applications.get(uuid)
    except NotFound:
        return None
    except Forbidden:
        raise Failed(
            f"{slug} (uuid {uuid}) exists on Divio, but the token's account may not see it any more: give the account "
            f"its role back or use another token; {KEPT}"
        ) from None
    if found.slug != slug:
        raise Failed(
            f"{slug} (uuid {uuid}) has the slug {found.slug} on Divio now; a slug is a site's name everywhere: give it "
            f"its old slug back in the Control Panel; {KEPT}"
        )
    return found


def _hidden(divio: Divio, what: str, word: str, *, slug: str) -> Failed:
    return Failed(
        f"Divio shows the token's account {word} {what} (organisations that it shows: {_organisations(divio)}), and hidden "
        f"looks the same as deleted there: give the account its role back or use another token; if a person really "
        f"deleted {slug}, say so with DIVIO_DELETED={slug}; {KEPT}",
        cause=f"Divio does not show {slug}",
    )


def _organisations(divio: Divio) -> str:
    return ", ".join(sorted(item.name for item in divio.organisations.list())) or "none"
