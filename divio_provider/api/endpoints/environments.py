"""Environments of applications: ``test``, ``live``, and others that people add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api.contract import environments as contract
from divio_provider.api.errors import Refused
from divio_provider.api.models import Environment
from divio_provider.api.transport.pagination import collect
from divio_provider.api.transport.responses import read

if TYPE_CHECKING:
    from divio_provider.api.endpoints.applications import Applications
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport

NOUN = "environments"
ALL = "*"


class Environments:
    """Environments on Divio.

    Args:
        http: the way to Divio.
        cache: what this run has read already.
        applications: whose environments are read one application after the other where Divio refuses one list of all.
    """

    def __init__(self, http: Transport, cache: Cache, applications: Applications) -> None:
        self._http = http
        self._cache = cache
        self._applications = applications

    def list(self, application: str | None = None, *, fresh: bool = False) -> tuple[Environment, ...]:
        """Environments, read once a run.

        Args:
            application: id; None for all environments that the account sees.
            fresh: ask now, past the run's cache.
        """
        if application is None:
            return self._cache.read(NOUN, ALL, self._all, fresh=fresh)
        everything = None if fresh else self._cache.peek(NOUN, ALL)
        if isinstance(everything, tuple):
            among = tuple(one for one in everything if one.application == application)
            if among:
                return among
        return self._cache.read(NOUN, application, lambda: self._of(application), fresh=fresh)

    def find(self, application: str, slug: str, *, fresh: bool = False) -> Environment | None:
        """An application's environment by its slug; None when Divio shows none.

        Args:
            application: id.
            slug: ``test``, ``live`` or another.
            fresh: ask now, past the run's cache.
        """
        return next((one for one in self.list(application, fresh=fresh) if one.slug == slug), None)

    def get(self, uuid: str) -> Environment:
        """One environment, asked now.

        Args:
            uuid: Divio's id.

        Raises:
            NotFound: missing or not permitted.
        """
        return self._http.read(Environment, contract.GET, uuid)

    def set_branch(self, uuid: str, branch: str) -> Environment:
        """Change the Git branch that an environment is built from; takes effect with the next deployment.

        Args:
            uuid: Divio's id of the environment.
            branch: its name.
        """
        call = contract.SET_BRANCH
        try:
            data = self._http.send(call, uuid, body={"branch": branch})
        finally:
            self._cache.forget(NOUN)
        return self.get(uuid) if data is None else read(Environment, data, call)

    def _of(self, application: str) -> tuple[Environment, ...]:
        found = collect(self._http, contract.LIST, Environment, (("application", application),))
        # The field is inferred: where Divio does not show it, the filter's word stands.
        return tuple(
            one.model_copy(update={"application": application})
            for one in found
            if one.application in (None, application)
        )

    def _all(self) -> tuple[Environment, ...]:
        try:
            found = collect(self._http, contract.LIST, Environment)
        except Refused as refusal:
            if refusal.status != 400:
                raise
            found = ()
        else:
            if all(one.application is not None for one in found):
                return found
        # No source shows this list without a filter: refused, or without telling whose they are, it is no use.
        return tuple(one for application in self._applications.list() for one in self.list(application.uuid))
