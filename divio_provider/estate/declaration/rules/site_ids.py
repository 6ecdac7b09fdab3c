"""Rules for ids: no two sites, present or gone, share a `SITE_ID`."""

from collections.abc import Iterator

from divio_provider.estate.declaration.document import Path, Violation
from divio_provider.estate.declaration.spec import Spec


def violations(spec: Spec) -> Iterator[Violation]:
    """Every rule for ids that the declaration breaks."""
    original = spec.original.slug
    # What Django's own first migration creates is 1.
    originals_id = spec.original.site_id or spec.site_ids.reserved.get(original) or 1
    holders: dict[int, str] = {}
    for key, id_ in spec.site_ids.reserved.items():
        path: Path = ("site_ids", "reserved", key)
        slug, _, number = key.partition("/")
        if number and number != str(id_):
            yield path, f"is {id_}, but its key says {number}; write {slug}/{id_}: {id_}, or {key}: {number}"
        holder = holders.setdefault(id_, slug)
        if holder != slug:
            yield path, f"{id_} is reserved for {holder} as well; an id belongs to one site: remove one of the two"
        if id_ == originals_id and slug != original and spec.original.site_id is None:
            yield path, f"{id_} is the original's SITE_ID ({original}); remove this line, or declare original.site_id"
    owners = {originals_id: original}
    for site_path, slug, site in spec.sites():
        if site.site_id is None:
            continue
        owner, holder = owners.setdefault(site.site_id, slug), holders.get(site.site_id, slug)
        path = (*site_path, "site_id")
        if owner != slug:
            whose = f"the original's SITE_ID ({original})" if owner == original else f"{owner}'s SITE_ID"
            way_out = "two sites never share one: choose another, or remove the pin"
            yield path, f"{site.site_id} is {whose}; {way_out}"
        if holder != slug:
            way_out = "choose another, or remove the pin"
            yield path, f"{site.site_id} is reserved for {holder} (site_ids.reserved); {way_out}"
