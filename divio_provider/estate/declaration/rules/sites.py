"""Rules for sites: each is one application with domains of its own."""

from collections.abc import Iterator

from divio_provider.estate.declaration.document import Violation
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.declaration.validation_messages import near_miss


def violations(spec: Spec) -> Iterator[Violation]:
    """Every rule for sites that the declaration breaks."""
    if spec.original.slug in spec.mirrors:
        path = ("mirrors", spec.original.slug)
        yield path, "has the original's slug; a mirror is an application of its own: give it another"
    yield from _domains(spec)
    for key in spec.original.services:
        short = key.removesuffix("/DEFAULT")
        if short != key and short in spec.original.services:
            yield ("original", "services", key), f"is the same as {short}; keep one of the two"
    labels = [command.label for command in spec.original.release_commands]
    for index, label in enumerate(labels):
        if label in labels[:index]:
            yield ("original", "release_commands", index, "label"), f"{label} is used twice; labels are unique"
    for slug in spec.redeploy:
        if slug not in spec.slugs:
            near = near_miss(slug, spec.slugs)
            hint = f"did you mean {near}?" if near else "write the slug of the original or of a mirror"
            yield ("redeploy", slug), f"there is no site {slug or 'without a slug'}; {hint}"


def _domains(spec: Spec) -> Iterator[Violation]:
    owners: dict[str, str] = {}
    for path, slug, site in spec.sites():
        for index, host in enumerate(site.domains):
            if host in owners:
                whose = "listed here already" if owners[host] == slug else f"{owners[host]}'s already"
                message = f"{host} is {whose}; a domain leads to one site: remove one of the two"
                yield (*path, "domains", index), message
            owners.setdefault(host, slug)
