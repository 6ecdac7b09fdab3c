"""The parts of an estate that a stack may take care of, and how a configuration names them."""

import json
from collections.abc import Iterable

PARTS = ("sites", "test", "live")
"""The applications with their ids, the environment Test, the environment Live: what a stack can manage."""


def parts(text: str, key: str) -> tuple[str, ...]:
    """The parts that a configuration's `key` names: a JSON list, or names with commas in between; empty: all of them.

    Raises ValueError with a sentence for any other name.

    >>> parts("", "estate:manage"), parts('["test"]', "estate:manage"), parts("live, sites", "estate:manage")
    (('sites', 'test', 'live'), ('test',), ('sites', 'live'))
    """
    if not text:
        return PARTS
    names = [str(name).strip() for name in _listed(text)]
    wrong = [name for name in names if name not in PARTS]
    if wrong or not names:
        raise ValueError(f"{key} has {', '.join(wrong) or 'nothing'}; it is a list of {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in names)


def _listed(text: str) -> Iterable[object]:
    if not text.lstrip().startswith("["):
        return text.split(",")
    try:
        found: Iterable[object] = json.loads(text)
    except json.JSONDecodeError:
        return [text]
    return found
