"""Custom domains. Whether the live API takes writes for them is ``conformance/capabilities.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api.contract import domains as contract
from divio_provider.api.models import Domain
from divio_provider.api.transport.create_once import create_once
from divio_provider.api.transport.pagination import collect
from divio_provider.api.transport.responses import read

if TYPE_CHECKING:
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport

NOUN = "domains"


class Domains:
    """Custom domains on Divio.

    Args:
        http: the way to Divio.
        cache: what this run has read already.
    """

    def __init__(self, http: Transport, cache: Cache) -> None:
        self._http = http
        self._cache = cache

    def list(self, application: str | None = None, *, fresh: bool = False) -> tuple[Domain, ...]:
        """Custom domains, read once a run.

        Args:
            application: id; None for all that the account sees.
            fresh: ask now, past the run's cache.
        """

        def load() -> tuple[Domain, ...]:
            params = () if application is None else (("application", application),)
            found = collect(self._http, contract.LIST, Domain, params)
            return tuple(one for one in found if application is None or one.application in (None, application))

        return self._cache.read(NOUN, application or "*", load, fresh=fresh)

    def find(self, host: str, application: str | None = None, *, fresh: bool = False) -> Domain | None:
        """A domain by its host name; None when Divio shows none.

        Args:
            host: in any letter case.
            application: id; None to look through all that the account sees.
            fresh: ask now, past the run's cache.
        """
        listed = self.list(application, fresh=fresh)
        return next((one for one in listed if one.domain.lower() == host.lower()), None)

    def create(self, application: str, host: str, *, is_primary: bool = False, is_redirect: bool = False) -> Domain:
        """Give an application a domain; it takes effect with the Live environment's next deployment.

        Args:
            application: id.
            host: the host name.
            is_primary: whether it is the application's main one.
            is_redirect: whether it redirects to the main one.

        Raises:
            AlreadyExists: the host name is taken by an application that the account sees.
        """
        call = contract.CREATE
        body = {"application": application, "domain": host, "is_primary": is_primary, "is_redirect": is_redirect}

        def post() -> Domain | None:
            data = self._http.send(call, body=body)
            return None if data is None else read(Domain, data, call)

        try:
            return create_once(self._http, post, lambda: self.find(host, fresh=True), f"domain {host}")
        finally:
            self._cache.forget(NOUN)

    def update(
        self,
        uuid: str,
        *,
        application: str | None = None,
        is_primary: bool | None = None,
        is_redirect: bool | None = None,
    ) -> None:
        """Change a domain in place, or move it; it takes effect with the Live environment's next deployment.

        Args:
            uuid: Divio's id.
            application: id of the application to move it to, None to leave it.
            is_primary: whether it is the main one, None to leave that.
            is_redirect: whether it redirects, None to leave that.
        """
        given = {"application": application, "is_primary": is_primary, "is_redirect": is_redirect}
        body = {name: value for name, value in given.items() if value is not None}
        try:
            self._http.send(contract.UPDATE, uuid, body=body)
        finally:
            self._cache.forget(NOUN)

    def delete(self, uuid: str) -> None:
        """Take a domain away; one that is gone already is fine.

        Args:
            uuid: Divio's id.
        """
        try:
            self._http.send(contract.DELETE, uuid)
        finally:
            self._cache.forget(NOUN)
