"""`run`: the whole of a `__main__.py`, and what a preview and an `up` say before anything else."""

from contextlib import suppress
from datetime import UTC, datetime

import pulumi

from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.health.checks import of_file
from divio_provider.estate.planning.waves import listed, waves
from divio_provider.program.component import Estate
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


def order(spec: Spec, until: str | None = None) -> str:
    """The release with its phase and the order of its steps; empty where none is declared.

    >>> from divio_provider.estate.declaration.parser import declare
    >>> print(order(declare({"organisation": "Acme", "region": "Frankfurt", "plan": {"original": "L", "mirror": "S"},
    ...                      "original": {"slug": "main", "name": "Main"}, "mirrors": {"shop": {"name": "Shop"}},
    ...                      "release": {"name": "2026-11"}})))
    release 2026-11 (expand): 1. main Test, 2. main Live, 3. the mirrors' Tests (1), 4. rest (shop)
    """
    if spec.release_name is None:
        return ""
    original, planned = spec.original.slug, waves(spec)
    steps = [f"{original} Test", f"{original} Live"]
    steps += [f"the mirrors' Tests ({len(spec.mirrors)})"] if spec.mirrors else []
    for wave in planned:
        steps.append(f"{wave.name} ({listed(wave.sites)})")
        if wave.name == until and wave is not planned[-1]:
            steps[-1] += ", and stop (until); to go on: pulumi config rm until, then pulumi up"
            break
    numbered = ", ".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))
    return f"release {spec.release_name} ({spec.phase}): {numbered}"


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
