"""What of an estate a stack manages, and how a configuration names it."""

import json

MANAGE_SCOPES = ("sites", "test", "live")
"""The applications with their ids, the environment Test, the environment Live: what a stack can manage."""


def manage_scopes(text: str, key: str) -> tuple[str, ...]:
    """What a configuration's `key` names: a JSON list, or names with commas in between; empty: everything.

    Raises ValueError with a sentence for any other name.

    >>> manage_scopes("", "estate:manage"), manage_scopes('["test"]', "estate:manage")
    (('sites', 'test', 'live'), ('test',))
    >>> manage_scopes("live, sites", "estate:manage")
    ('sites', 'live')
    """
    if not text:
        return MANAGE_SCOPES
    try:
        listed = json.loads(text) if text.lstrip().startswith("[") else text.split(",")
    except json.JSONDecodeError:
        listed = [text]
    names = [str(name).strip() for name in listed]
    wrong = [name for name in names if name not in MANAGE_SCOPES]
    if wrong or not names:
        raise ValueError(f"{key} has {', '.join(wrong) or 'nothing'}; it is a list of {', '.join(MANAGE_SCOPES)}")
    return tuple(scope for scope in MANAGE_SCOPES if scope in names)
