"""A site leaves only where the file retires it: a mistyped, renamed or forgotten slug must not read as a site to delete."""

from collections.abc import Collection, Mapping


def vanished(before: Mapping[str, int], expected: Collection[str]) -> str:
    """What is wrong where sites that have a `SITE_ID` are neither declared nor retired; empty: nothing.

    `before` has the ids by slug, `expected` the slugs that are declared or may leave; `all` stands for every one.

    >>> vanished({"main": 1, "shop": 3}, {"main"})[:62]
    'shop is no longer declared, and not retired either; nothing is'
    >>> vanished({"main": 1, "shop": 3}, {"main", "shop"})
    ''
    """
    gone = [slug for slug in before if slug not in expected]
    if not gone or "all" in expected:
        return ""
    first, more = gone[0], f" (and {len(gone) - 1} more: {', '.join(gone[1:4])})" if len(gone) > 1 else ""
    return (
        f"{first}{more} is no longer declared, and not retired either; nothing is deleted. If the slug was mistyped or its "
        f"line lost, put it back; to delete the site on Divio, write retired: {{{first}: {{site_id: {before[first]}}}}}; "
        f"to keep the site there as it is, declare it with retain: true, run pulumi up once, then retire it; where only "
        f"this state is to forget it, run with DIVIO_FORGET={first}"
    )
