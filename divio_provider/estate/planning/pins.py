"""Which `SITE_ID`s a stack's state knows and the declaration does not say, so that git may remember them too."""

from divio_provider.estate.declaration.errors import Path
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.planning.site_ids import FIRST, Register


def missing_pins(spec: Spec, register: Register) -> dict[Path, int]:
    """Pins of sites without one, then ids of sites that are gone, by their path in the declaration.

    Sites that the register does not know yet get no pin; the original needs none while it has the id it would get anyway.
    """
    missing: dict[Path, int] = {}
    for path, slug, site in spec.sites():
        id_ = register.ids.get(slug)
        if site.site_id is None and id_ is not None and not (path == ("original",) and id_ == FIRST):
            missing[*path, "site_id"] = id_
    for key, id_ in register.retired.items():
        slug = key.partition("/")[0]
        known = {name.partition("/")[0] for name, reserved in spec.site_ids.reserved.items() if reserved == id_}
        pinned_again = slug in spec.slugs and spec.site(slug).site_id == id_
        if slug not in known and not pinned_again:
            # Where the file keeps another id under this slug, both are that site's.
            missing["site_ids", "reserved", f"{slug}/{id_}" if key in spec.site_ids.reserved else key] = id_
    return missing
