"""Lists longer than one request: pages of an answer, and batches of ids. One walker for all, and it cannot spin."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin

from pydantic import BaseModel

from divio_provider.api.errors import NotFound
from divio_provider.api.transport.responses import read, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from divio_provider.api.contract.types import Call
    from divio_provider.api.transport.transport import Params, Transport

M = TypeVar("M", bound=BaseModel)

MOST_PAGES = 1_000
"""Pages of one list before it counts as endless: at Divio's 100 objects a page, more than any account holds."""
MOST_ENVIRONMENTS = 40
"""Environments asked for in one request: 40 ids make a query of some 1,600 characters, and any server takes 2,000."""


def batches(environments: Sequence[str]) -> list[Sequence[str]]:
    """The ids of environments in their order, as many together as one request may name.

    >>> [len(batch) for batch in batches([str(number) for number in range(90)])], batches([])
    ([40, 40, 10], [])
    """
    return [environments[at : at + MOST_ENVIRONMENTS] for at in range(0, len(environments), MOST_ENVIRONMENTS)]


def walk(http: Transport, call: Call, model: type[M], params: Params = ()) -> Iterator[list[M]]:
    """A list, page by page, each asked for when it is needed.

    ``next`` is followed as it is (it keeps the filters), on the API's own host only: the token travels with it.

    Args:
        http: the way to Divio.
        call: the list.
        model: what it holds.
        params: filters; values given several times widen the list.

    Raises:
        NotUnderstood: the list has another shape, goes in circles, leaves the host, or changed while it was read.
            Never taken for the list's end: what could not be read is not absent.
    """
    data = http.send(call, params=params)
    seen: set[str] = set()
    while True:
        results, following = _page(call, data)
        yield [read(model, one, call) for one in results]
        if following is None:
            return
        url = urljoin(http.settings.api_url, following)
        if not http.same_host(url):
            raise unexpected(call, "the list's next page is on another host")
        if url in seen or len(seen) >= MOST_PAGES:
            raise unexpected(call, "the list's pages do not end")
        seen.add(url)
        try:
            data = http.follow(call, url)
        except NotFound:
            # Django answers so when deletions have made the list shorter than the page; it proves nothing else.
            raise unexpected(call, "the list changed while it was read") from None


def collect(http: Transport, call: Call, model: type[M], params: Params = ()) -> tuple[M, ...]:
    """A whole list; arguments and errors are those of ``walk``.

    Raises:
        NotUnderstood: as ``walk`` does.
    """
    return tuple(one for page in walk(http, call, model, params) for one in page)


def _page(call: Call, data: object) -> tuple[list[object], str | None]:
    if isinstance(data, list):
        return data, None
    if isinstance(data, dict) and isinstance(data.get("results"), list):
        following = data.get("next")
        if following is None or isinstance(following, str):
            return data["results"], following or None
    raise unexpected(call, "the answer is no list as Divio gives it")
