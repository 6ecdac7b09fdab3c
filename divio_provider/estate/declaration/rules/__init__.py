"""What no single value can tell: rules between the parts of a declaration.

Every rule reads the validated models and yields where it is broken, with a sentence that tells the way out.
"""

from collections.abc import Iterator

from divio_provider.estate.declaration.document import Violation
from divio_provider.estate.declaration.rules import groups, site_ids, sites, variables, waves
from divio_provider.estate.declaration.spec import Spec


def violations(spec: Spec) -> Iterator[Violation]:
    """Every rule that a declaration breaks."""
    for rule in (sites, site_ids, variables, groups, waves):
        yield from rule.violations(spec)
