"""A contraction's gate: what takes something away from the shared schema waits until no mirror runs code that uses it."""

from collections.abc import Mapping
from datetime import datetime

from divio_provider.api.client import Divio
from divio_provider.estate.planning.releases import contract_refusal
from divio_provider.resources.host.error_reporting import Failed
from divio_provider.resources.reader.lists import Reader, histories
from divio_provider.resources.reader.original_deployment import released_at


def refuse_contraction(
    divio: Divio,
    name: str,
    original: str,
    release: str,
    mirrors: Mapping[str, str],
    released: datetime | None = None,
) -> None:
    """Raise Failed while a mirror is behind; it names every one of them.

    `name` is what is about to be changed, `original` the original's uuid, `mirrors` the declared slugs with the reason
    why each is on hold, or "". Foreign mirrors count as well: they work on the same database. `released` is when the
    original's Live got what it runs, where that is known; else Divio's deployments tell.
    """
    released = released or released_at(divio, original)
    if released is None:
        return
    places = Reader(divio, fresh=True).mirrors(original, mirrors)
    found = histories(divio, (place.environment.uuid for place in places))
    attempts = {place.key: found[place.environment.uuid].of_release for place in places}
    held = {slug: reason for slug, reason in mirrors.items() if reason}
    refused = contract_refusal(release, attempts, released, held, mirrors)
    if refused:
        raise Failed(f"{name}: {refused}")
