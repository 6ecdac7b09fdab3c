"""What a preview and a run say before anything else: a release's order, sites on hold, connections that may run out."""

from datetime import UTC, datetime

import pulumi

from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.health.checks import of_file
from divio_provider.estate.planning.waves import listed, waves


def announce(spec: Spec, until: str | None = None) -> None:
    """Say it as Pulumi's own messages, which previews show as well."""
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
