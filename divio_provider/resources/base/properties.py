"""A resource's properties: comparing, counting and checking them, also where values are not known yet; without any call."""

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult

Props = dict[str, Any]
"""A resource's properties as Pulumi hands them over: JSON-like, numbers as doubles, without `None`."""


def unknown(value: Any) -> bool:
    """Whether a value, or anything inside it, is not known yet; so it is in previews."""
    if isinstance(value, pulumi.output.Unknown):
        return True
    if isinstance(value, dict):
        return any(unknown(item) for item in value.values())
    return isinstance(value, list) and any(unknown(item) for item in value)


def same(before: Any, after: Any) -> bool:
    """Whether two values are equal; what is not known is equal to nothing."""
    return not unknown(before) and not unknown(after) and bool(before == after)


def differing(names: Sequence[str], before: Props, after: Props) -> list[str]:
    """Those of the properties that differ, or may differ because they are not known yet."""
    return [name for name in names if not same(before.get(name), after.get(name))]


def count_up(before: Props, after: Props, counter: str, triggers: tuple[str, ...]) -> int:
    """The next value of a generation: one more than before when any of the properties it listens to differs.

    `before` are the old inputs, empty for a new resource, whose generation is 1.
    """
    if counter not in before:
        return 1
    return int(before[counter]) + (1 if differing(triggers, before, after) else 0)


def check_result(inputs: Props, *problems: str) -> CheckResult:
    """The result of a check. Problems name no property: Pulumi would print its value, even if it is a secret."""
    return CheckResult(inputs, [CheckFailure("", problem) for problem in problems if problem])


def immutable_problem(before: Props, after: Props, name: str, way_out: str) -> str:
    """A problem in words if a property that cannot change in place is about to; else an empty string."""
    old, new = before.get(name), after.get(name)
    if old is None or unknown(new) or unknown(old) or old == new:
        return ""
    return f'{name} cannot change from "{old}" to "{new}": {way_out}'
