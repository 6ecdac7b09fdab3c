"""`run`: the whole of a `__main__.py`, and what a preview and an `up` say before anything else."""

from contextlib import suppress
from datetime import UTC, datetime

import pulumi

from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.health.checks import of_file
from divio_provider.program.component import Estate
from divio_provider.program.deployment_steps import order
from divio_provider.program.stack_config import StackConfig, sites_of
from divio_provider.resources.host import engine


def run() -> Estate:
    """Declare the estate of this project's file, as this stack's configuration says, and export its table of sites."""
    engine.leave_out_debug_messages()
    settings = StackConfig.read()
    spec = settings.load()
    table = sites_of(settings.sites_stack) if settings.sites_stack and "sites" not in settings.manage else None
    _announce(spec, settings.until)
    estate = Estate(
        spec.original.slug,
        spec,
        settings.manage,
        table,
        settings.secrets,
        settings.until,
        settings.rehearsal(spec),
    )
    pulumi.export("sites", estate.table)
    pulumi.export("retired_site_ids", estate.register.apply(lambda register: register["retired"]))
    pulumi.export("unfinished", estate.unfinished)
    pulumi.export("durations", estate.durations)
    if estate.rehearsal is not None:
        pulumi.export("rehearsal", estate.rehearsal)
    _wait_in_order(estate)
    return estate


def _announce(spec: Spec, until: str | None) -> None:
    """Say the order of a release, and what somebody should know of the file, as Pulumi's own messages."""
    release = order(spec, until)
    if release:
        pulumi.info(release)
    for finding in of_file(spec, datetime.now(UTC).date()):
        pulumi.warn(finding.sentence)


def _wait_in_order(estate: Estate) -> None:
    """Wait for the estate before Pulumi's SDK does.

    When a program has ended, the SDK waits for all outputs together: each that comes is followed by a round over all that
    are outstanding, so its time grows with their square (`wait_for_rpcs` of 3.272; with 500 sites more than half of a
    preview). A coroutine of the program's own it awaits first, and `unfinished` comes after every resource but the steps
    it is part of. SDKs before `pulumi.run` (3.262) only take longer.
    """

    async def wait() -> None:
        with suppress(Exception):  # what a resource failed of, the SDK tells
            await estate.unfinished.future()

    if hasattr(pulumi, "run"):
        pulumi.run(wait)
