"""Applications: originals, mirrors and all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api.contract import applications as contract
from divio_provider.api.models import Application, ApplicationCreate
from divio_provider.api.transport.create_once import create_once
from divio_provider.api.transport.pagination import collect
from divio_provider.api.transport.responses import read

if TYPE_CHECKING:
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport

NOUN = "applications"


class Applications:
    """Applications on Divio.

    Args:
        http: the way to Divio.
        cache: what this run has read already.
    """

    def __init__(self, http: Transport, cache: Cache) -> None:
        self._http = http
        self._cache = cache

    def list(self, organisation: str | None = None, *, fresh: bool = False) -> tuple[Application, ...]:
        """All applications that the account sees, read once a run.

        Args:
            organisation: id; None for all organisations.
            fresh: ask now, past the run's cache.
        """

        def load() -> tuple[Application, ...]:
            params = () if organisation is None else (("organisation", organisation),)
            found = collect(self._http, contract.LIST, Application, params)
            # Looked at again: a filter that the server does not know is ignored (DRF), not refused.
            return tuple(one for one in found if organisation is None or one.organisation in (None, organisation))

        return self._cache.read(NOUN, organisation or "*", load, fresh=fresh)

    def find(self, slug: str) -> Application | None:
        """The application with a slug, asked now; None when Divio shows none.

        Args:
            slug: exact.
        """
        found = collect(self._http, contract.LIST, Application, (("slug", slug),))
        return next((one for one in found if one.slug == slug), None)

    def get(self, uuid: str) -> Application:
        """One application, asked now.

        Args:
            uuid: Divio's id.

        Raises:
            NotFound: missing or not permitted.
        """
        return self._http.read(Application, contract.GET, uuid)

    def create(self, new: ApplicationCreate) -> Application:
        """Create an application; Divio gives it the environments test and live, and deploys nothing.

        Args:
            new: what it shall be.

        Raises:
            AlreadyExists: the slug is taken by an application that the account sees.
            Refused: Divio says no, also for a slug taken in another organisation.
        """
        call = contract.CREATE

        def post() -> Application | None:
            data = self._http.send(call, body=new.body())
            return None if data is None else self._complete(data)

        try:
            return create_once(self._http, post, lambda: self.find(new.slug), f"application {new.slug}")
        finally:
            self._cache.forget()

    def update(self, uuid: str, *, name: str) -> Application:
        """Rename an application.

        Args:
            uuid: Divio's id.
            name: the new name.
        """
        call = contract.UPDATE
        try:
            data = self._http.send(call, uuid, body={"name": name})
        finally:
            self._cache.forget(NOUN)
        return self.get(uuid) if data is None else read(Application, data, call)

    def delete(self, uuid: str) -> None:
        """Delete an application and everything that belongs to it; one that is gone already is fine.

        Args:
            uuid: Divio's id.

        Raises:
            Refused: for example because it has mirrors.
        """
        try:
            self._http.send(contract.DELETE, uuid)
        finally:
            self._cache.forget()

    def _complete(self, data: object) -> Application:
        """The application in a creation's answer, of which only ``uuid`` is certain (divio-cli reads no more)."""
        if isinstance(data, dict) and "slug" not in data and isinstance(data.get("uuid"), str):
            return self.get(data["uuid"])
        return read(Application, data, contract.CREATE)
