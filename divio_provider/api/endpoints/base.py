"""What the nouns have in common: a run reads each list once, and anew after a call of ours that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from divio_provider.api.models import Model
from divio_provider.api.transport.create_once import create_once
from divio_provider.api.transport.pagination import collect
from divio_provider.api.transport.responses import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from divio_provider.api.contract.types import Call
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.create_once import Identified
    from divio_provider.api.transport.transport import Transport

M = TypeVar("M", bound=Model)
T = TypeVar("T", bound="Identified")

EVERYTHING = "*"
"""The cache's key of a list without a filter."""


class Endpoint:
    """The calls of one noun.

    Args:
        http: the way to Divio.
        cache: what this run has read already.
    """

    noun: ClassVar[str] = ""
    """What the cache calls it."""

    def __init__(self, http: Transport, cache: Cache) -> None:
        self._http = http
        self._cache = cache

    def _collect(self, call: Call, model: type[M], **filters: str | None) -> tuple[M, ...]:
        """A whole list, asked now; a filter that is None does not count."""
        params = tuple((name, value) for name, value in filters.items() if value is not None)
        found = collect(self._http, call, model, params)
        # Looked at again: a filter that the server does not know is ignored (DRF), not refused.
        return tuple(one for one in found if all(getattr(one, name, None) in (None, value) for name, value in params))

    def _list(self, call: Call, model: type[M], *, fresh: bool = False, **filters: str | None) -> tuple[M, ...]:
        """The same, read once a run."""
        given = [value for value in filters.values() if value is not None]
        key = "&".join(given) if given else EVERYTHING
        return self._cache.read(self.noun, key, lambda: self._collect(call, model, **filters), fresh=fresh)

    def _create(
        self,
        call: Call,
        *ids: str,
        body: Mapping[str, object],
        read_answer: Callable[[object], T | None],
        find: Callable[[], T | None],
        what: str,
        secrets: Sequence[str] = (),
        changed: Sequence[str] | None = None,
    ) -> T:
        """Create something exactly once (``create_once.py``).

        `read_answer` makes the object of the answer's JSON, `find` finds it by its natural key, `what` names it in messages.
        """

        def post() -> T | None:
            data = self._http.send(call, *ids, body=body, secrets=secrets)
            return None if data is None else read_answer(data)

        try:
            return create_once(self._http, post, find, what)
        finally:
            self._forget(changed)

    def _write(self, call: Call, *ids: str, changed: Sequence[str] | None = None, **sent: Any) -> object:  # noqa: ANN401
        """Send a change, with what `Transport.send` takes."""
        try:
            return self._http.send(call, *ids, **sent)
        finally:
            self._forget(changed)

    def _update(self, model: type[M], call: Call, get: Call, uuid: str, **sent: Any) -> M:  # noqa: ANN401
        """Change an object in place, and read it where the answer does not show it."""
        data = self._write(call, uuid, **sent)
        return self._http.read(model, get, uuid) if data is None else read(model, data, call)

    def _forget(self, changed: Sequence[str] | None) -> None:
        """Whatever came of a call, read anew what it changed: a noun and a key, all of this noun unless given, () for all."""
        self._cache.forget(*((self.noun,) if changed is None else changed))
