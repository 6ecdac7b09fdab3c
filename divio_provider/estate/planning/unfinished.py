"""What could not be done for now, as data: resources report it, the stack's state and outputs hold it, `status` reads it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypedDict

Code = Literal["waits", "manual", "hold", "until", "missing", "refused", "failed", "broken"]
"""Why: it waits for an earlier step, for a person, for the end of a hold or for a later wave's turn, Divio shows no such
environment, Divio refused it, its deployment or its verification failed, or a release broke its Test."""


class Unfinished(TypedDict):
    """One thing that could not be done for now."""

    environment: str
    """`test` or `live`; empty: the whole site."""
    code: Code
    text: str
    """The same for people, with the way out."""


Report = dict[str, list[Unfinished]]
"""What is unfinished, by the slugs of the sites; empty: nothing is."""


def merged(reports: Iterable[Mapping[str, Sequence[Unfinished]] | None]) -> Report:
    """Several resources' reports as one, nothing twice: a deployment repeats what its variables wait for.

    >>> waits = Unfinished(environment="live", code="waits", text="waits for acme-main")
    >>> merged([{"acme-shop": [waits]}, None, {"acme-shop": [waits]}])
    {'acme-shop': [{'environment': 'live', 'code': 'waits', 'text': 'waits for acme-main'}]}
    """
    found: Report = {}
    for report in reports:
        for slug, items in (report or {}).items():
            known = found.setdefault(slug, [])
            known += [item for item in items if item not in known]
    return found


def in_words(items: Iterable[Unfinished]) -> str:
    """What is unfinished of one site as a line for people.

    >>> waits = [Unfinished(environment=name, code="waits", text="waits for acme-main") for name in ("test", "live")]
    >>> in_words(waits), in_words(waits[:1])
    ('waits for acme-main', 'test: waits for acme-main')
    """
    places: dict[str, list[str]] = {}
    for item in items:
        places.setdefault(item["text"], []).append(item["environment"])
    return "; ".join(f"{at[0]}: {text}" if len(at) == 1 and at[0] else text for text, at in places.items())
