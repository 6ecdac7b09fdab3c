"""`run`: the whole of a `__main__.py`."""

import pulumi

from divio_provider.program.component import Estate
from divio_provider.program.messages import announce
from divio_provider.program.stack_config import StackConfig, sites_of
from divio_provider.resources.host import engine


def run() -> Estate:
    """Declare the estate of this project's file, as this stack's configuration says, and export its table of sites."""
    engine.leave_out_debug_messages()
    settings = StackConfig.read()
    spec = settings.load()
    table = sites_of(settings.sites_stack) if settings.sites_stack and "sites" not in settings.manage else None
    announce(spec, settings.until)
    estate = Estate(
        spec.original.slug,
        spec,
        settings.manage,
        table,
        settings.secrets,
        settings.until,
        settings.rehearsal(spec),
    )
    pulumi.export("sites", {slug: site.row() for slug, site in estate.sites.items()})
    pulumi.export("urls", {slug: site.addresses() for slug, site in estate.sites.items()})
    pulumi.export("site_ids", estate.register)
    pulumi.export("unfinished", estate.unfinished)
    pulumi.export("durations", estate.durations)
    if estate.rehearsal is not None:
        pulumi.export("rehearsal", estate.rehearsal)
    return estate
