"""Environments of applications: ``test``, ``live``, and others that people add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api.contract import environments as contract
from divio_provider.api.endpoints.base import EVERYTHING, Endpoint
from divio_provider.api.errors import Refused
from divio_provider.api.models import Environment

if TYPE_CHECKING:
    from divio_provider.api.endpoints.applications import Applications
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport


class Environments(Endpoint):
    """Environments on Divio; where Divio refuses one list of all, those of one of the `applications` after the other are read."""

    noun = "environments"

    def __init__(self, http: Transport, cache: Cache, applications: Applications) -> None:
        super().__init__(http, cache)
        self._applications = applications

    def list(self, application: str | None = None, *, fresh: bool = False) -> tuple[Environment, ...]:
        """An application's environments, or all that the account sees."""
        if application is None:
            return self._cache.read(self.noun, EVERYTHING, self._all, fresh=fresh)
        everything = None if fresh else self._cache.peek(self.noun, EVERYTHING)
        if isinstance(everything, tuple):
            among = tuple(one for one in everything if one.application == application)
            if among:
                return among
        return self._cache.read(self.noun, application, lambda: self._of(application), fresh=fresh)

    def find(self, application: str, slug: str, *, fresh: bool = False) -> Environment | None:
        """An application's environment by its slug, such as ``test``; None when Divio shows none."""
        return next((one for one in self.list(application, fresh=fresh) if one.slug == slug), None)

    def set_branch(self, uuid: str, branch: str) -> Environment:
        """Change the Git branch that an environment is built from."""
        return self._update(Environment, contract.SET_BRANCH, contract.GET, uuid, body={"branch": branch})

    def _of(self, application: str) -> tuple[Environment, ...]:
        found = self._collect(contract.LIST, Environment, application=application)
        # The field is inferred: where Divio does not show it, the filter's word stands.
        return tuple(one.model_copy(update={"application": application}) for one in found)

    def _all(self) -> tuple[Environment, ...]:
        try:
            found = self._collect(contract.LIST, Environment)
        except Refused as refusal:
            if refusal.status != 400:
                raise
            found = ()
        else:
            if all(one.application is not None for one in found):
                return found
        # No source shows this list without a filter: refused, or without telling whose they are, it is no use.
        return tuple(one for application in self._applications.list() for one in self.list(application.uuid))
