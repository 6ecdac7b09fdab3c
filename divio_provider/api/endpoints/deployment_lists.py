"""Lists of deployments that stand for several environments at once, and how far they can be believed.

That `environment` may be given several times to this list is inferred: so every conclusion is drawn from rows alone,
never from what is missing, and an environment that the rows do not settle is simply not in the answer. Whoever asks
then asks for that one alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from divio_provider.api.contract import deployments as contract
from divio_provider.api.models import Deployment
from divio_provider.api.transport.pagination import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from divio_provider.api.transport.transport import Transport

MOST_PAGES = 2
"""Pages of one such list: what stands further down is dearer to find there than by asking for one environment alone."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def age(deployment: Deployment) -> tuple[bool, datetime]:
    """What to sort by: the larger, the newer. One that has not begun yet is newest."""
    return deployment.started_at is None, utc(deployment.started_at)


def utc(moment: datetime | None) -> datetime:
    """A time that can be compared with others: None is long ago, and one without a zone is taken for UTC."""
    if moment is None:
        return LONG_AGO
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_newest_first(deployments: Sequence[Deployment]) -> bool:
    """Whether a list's rows come in the order in which Divio is thought to give them."""
    return all(age(later) <= age(earlier) for earlier, later in pairwise(deployments))


def histories(http: Transport, environments: Sequence[str]) -> dict[str, tuple[Deployment, ...]]:
    """The deployments of several environments, newest first, down to each one's last successful one.

    Args:
        http: the way to Divio.
        environments: ids, no more than one request may name (batches.py).

    Returns:
        An environment is in it only if the rows settle it: all rows are of environments that were asked for, and either
        the list was read to its end, or it came newest first and reached a successful deployment of this environment.
    """
    wanted = set(environments)
    found: dict[str, list[Deployment]] = {}
    rows: list[Deployment] = []
    in_order, to_the_end = True, True
    params = [("environment", one) for one in environments]
    for number, page in enumerate(walk(http, contract.LIST, Deployment, params), start=1):
        for row in page:
            if row.environment is None or row.environment not in wanted:
                return {}  # the filter was not understood as we mean it
            found.setdefault(row.environment, []).append(row)
        rows += page
        in_order = is_newest_first(rows)
        if number == MOST_PAGES or (in_order and wanted == _reached(found)):
            to_the_end = False
            break
    settled = found.keys() if to_the_end else _reached(found) if in_order else ()
    return {one: down_to_the_last_success(sorted(found[one], key=age, reverse=True)) for one in settled}


def down_to_the_last_success(newest_first: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """The first of an environment's deployments, up to a successful one; no further one is asked for."""
    found = []
    for deployment in newest_first:
        found.append(deployment)
        if deployment.success is True:
            break
    return tuple(found)


def _reached(found: dict[str, list[Deployment]]) -> set[str]:
    return {environment for environment, rows in found.items() if any(row.success is True for row in rows)}


def newest_by_id(http: Transport, environments: Sequence[str]) -> dict[str, Deployment]:
    """The first page of the same list by the deployments' ids: a row with a deployment's own id tells how it stands."""
    params = [("environment", one) for one in environments]
    page = next(walk(http, contract.LIST, Deployment, params), [])
    return {row.uuid: row for row in page}
