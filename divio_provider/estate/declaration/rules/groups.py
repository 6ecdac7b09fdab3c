"""Rules for groups: a name that a wave may say stands for one thing only."""

from collections.abc import Iterator

from divio_provider.estate.declaration.document import Violation
from divio_provider.estate.declaration.spec import Spec


def violations(spec: Spec) -> Iterator[Violation]:
    """Every rule for groups that the declaration breaks."""
    for slug, mirror in spec.mirrors.items():
        for index, group in enumerate(mirror.groups):
            path = ("mirrors", slug, "groups", index)
            if group in mirror.groups[:index]:
                yield path, f"{group} is listed here twice; keep one of the two"
            elif group in spec.slugs:
                whose = "this site's" if group == slug else "a site's"
                yield path, f"{group} is {whose} slug; call the group something else"
