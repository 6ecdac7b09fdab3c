"""What has to change about one environment's variables, and why.

Pure: what Divio shows and what is declared go in, an ordered list of changes comes out. Additions and updates
stand before removals, so that a variable is never missing in between. Changes name variables and hold no value:
a plan that holds no secret cannot print one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from divio_provider.estate.planning.built_ins import is_built_in

Operation = Literal["add", "update", "remove"]


@dataclass(frozen=True)
class Present:
    """A variable as Divio shows it.

    `value` is None where Divio withholds it, which it does for sensitive ones (its list leaves the key out).
    """

    value: str | None
    is_sensitive: bool = False


@dataclass(frozen=True)
class Declared:
    """A variable as it should be.

    `unchanged` says that we wrote exactly this value before and know of no change since: then a value that Divio
    withholds need not be written again.
    """

    value: str
    is_sensitive: bool = False
    unchanged: bool = False


@dataclass(frozen=True)
class Change:
    """One call to make: the operation, the variable's name, and the reason in words for people."""

    operation: Operation
    name: str
    why: str


def changes(
    present: Mapping[str, Present],
    declared: Mapping[str, Declared],
    *,
    owned: Collection[str] = (),
    kept: Collection[str] = (),
    exclusive: bool = False,
) -> tuple[Change, ...]:
    """The changes that bring `present` to `declared`, in the order in which they are to be made.

    `owned` are the names that we declared before: those no longer declared are removed. Everything else is foreign
    and stays, unless `exclusive`; even then what Divio itself may have set stays. Names in `kept` are never removed,
    whoever owns them (a living mirror's `SITE_ID` and shared variables).

    >>> for change in changes({"OLD": Present("1"), "THEME": Present("blue")},
    ...                       {"THEME": Declared("shop"), "LANG": Declared("en")}, owned=["OLD"]):
    ...     print(change.operation, change.name, "-", change.why)
    add LANG - not set yet
    update THEME - differs from what is declared
    remove OLD - no longer declared
    """
    found = [Change("add", name, "not set yet") for name in sorted(declared.keys() - present.keys())]
    for name in sorted(declared.keys() & present.keys()):
        why = _difference(present[name], declared[name])
        if why:
            found.append(Change("update", name, why))
    for name in sorted(present.keys() - declared.keys() - set(kept)):
        if name in owned:
            found.append(Change("remove", name, "no longer declared"))
        elif exclusive and not is_built_in(name):
            found.append(Change("remove", name, "not declared, and this environment's ownership is exclusive"))
    return tuple(found)


def _difference(present: Present, declared: Declared) -> str:
    if present.value is not None and present.value != declared.value:
        return "differs from what is declared"
    if present.is_sensitive != declared.is_sensitive:
        return "is to be sensitive" if declared.is_sensitive else "is not to be sensitive any more"
    if present.value is None and not declared.unchanged:
        return "Divio withholds the present value, so it is written again"
    return ""


def differences(
    present: Mapping[str, Present], declared: Mapping[str, Declared], deployed: Mapping[str, str | None]
) -> dict[str, str]:
    """How an environment that was deployed before differs from what is declared, in words by name; equal is proven equal.

    `deployed` is what its last deployment carried. It has to carry what is set, for what is set alone nobody has seen
    working; and it is the one place where Divio may show a sensitive value. A value that nobody can see is a difference.

    >>> differences({"A": Present("1"), "B": Present(None, True)}, {"A": Declared("2"), "B": Declared("x", True)}, {"B": None})
    {'A': 'A has another value', 'B': 'the value of B is hidden, so nobody can compare it'}
    """
    found = {}
    for name, wanted in sorted(declared.items()):
        set_, carried = present.get(name), deployed.get(name)
        values = {wanted.value, wanted.value.strip()}
        if set_ is None:
            found[name] = f"{name} is not set"
        elif set_.is_sensitive != wanted.is_sensitive:
            found[name] = f"{name} is {'not ' if wanted.is_sensitive else ''}marked as sensitive"
        elif set_.value is not None and set_.value not in values:
            found[name] = f"{name} has another value"
        elif name not in deployed:
            found[name] = f"{name} is set, but was not deployed"
        elif carried is None:
            found[name] = f"the value of {name} is hidden, so nobody can compare it"
        elif carried not in values:
            found[name] = f"{name} was deployed with another value"
    return found
