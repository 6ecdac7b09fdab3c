"""Ids in such numbers as one request can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ENVIRONMENTS = 40
"""Environments asked for in one request: 40 ids make a query of some 1,600 characters, and any server takes 2,000."""


def batches(environments: Sequence[str]) -> list[Sequence[str]]:
    """The ids of environments in their order, as many together as one request may name.

    >>> [len(batch) for batch in batches([str(number) for number in range(90)])], batches([])
    ([40, 40, 10], [])
    """
    return [environments[at : at + MOST_ENVIRONMENTS] for at in range(0, len(environments), MOST_ENVIRONMENTS)]
