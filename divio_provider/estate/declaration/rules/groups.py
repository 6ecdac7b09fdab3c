"""Rules for groups: a name that a wave may say stands for one thing only."""

from collections.abc import Iterator, Mapping
from typing import Any

from divio_provider.estate.declaration import raw
from divio_provider.estate.declaration.document import Finding


def broken_group_rules(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Every rule for groups that the data breaks."""
    slugs = {slug for slug, _, _ in raw.sites(data)}
    for slug, path, mirror in raw.sites(data):
        if path == ("original",):
            continue
        seen: set[str] = set()
        for index, group in enumerate(raw.listing(mirror, "groups")):
            if not isinstance(group, str):
                continue
            if group in seen:
                yield (*path, "groups", index), f"{group} is listed here twice; keep one of the two"
            elif group in slugs:
                whose = "this site's" if group == slug else "a site's"
                yield (*path, "groups", index), f"{group} is {whose} slug; call the group something else"
            seen.add(group)


def members(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """The slugs of each group's mirrors, in the order of the file.

    >>> members({"mirrors": {"blog": {"groups": ["retail"]}, "shop": {"groups": ["retail", "big"]}}})
    {'retail': ['blog', 'shop'], 'big': ['shop']}
    """
    found: dict[str, list[str]] = {}
    for slug, mirror in raw.mapping(data, "mirrors").items():
        for group in raw.listing(mirror, "groups"):
            if isinstance(group, str) and slug not in found.setdefault(group, []):
                found[group].append(slug)
    return found
