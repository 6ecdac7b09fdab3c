"""Environment variables: the custom ones, which belong to one environment each.

No error that leaves here repeats a value that was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from divio_provider.api.contract import environment_variables as contract
from divio_provider.api.models import EnvironmentVariable
from divio_provider.api.transport.batches import batches
from divio_provider.api.transport.create_once import create_once
from divio_provider.api.transport.pagination import collect
from divio_provider.api.transport.responses import read

if TYPE_CHECKING:
    from divio_provider.api.transport.cache import Cache
    from divio_provider.api.transport.transport import Transport

NOUN = "environment_variables"


class EnvironmentVariables:
    """Custom environment variables on Divio.

    Args:
        http: the way to Divio.
        cache: what this run has read already.
    """

    def __init__(self, http: Transport, cache: Cache) -> None:
        self._http = http
        self._cache = cache

    def list(
        self, environments: Sequence[str], name: str | None = None, *, fresh: bool = False
    ) -> tuple[EnvironmentVariable, ...]:
        """Variables of several environments, in as few requests as possible.

        Without a name, an environment that the run has read before (alone or among others) is not asked for again: so
        ask for all at the first opportunity.

        Args:
            environments: ids; for none the answer is empty, without a request.
            name: only variables of this name, asked now.
            fresh: ask now, past the run's cache.

        Returns:
            In the order of the environments, sensitive ones without a value.
        """
        wanted = list(dict.fromkeys(environments))
        if name is not None:
            by_environment = self._load(wanted, name)
        else:
            by_environment = self._cache.read_many(NOUN, wanted, self._load, fresh=fresh)
        return tuple(one for environment in wanted for one in by_environment[environment])

    def find(self, environment: str, name: str) -> EnvironmentVariable | None:
        """A variable by its name, asked now; None when Divio shows none.

        Args:
            environment: id.
            name: exact.
        """
        return next(iter(self.list([environment], name)), None)

    def create(self, environment: str, name: str, value: str, *, is_sensitive: bool) -> EnvironmentVariable:
        """Set a variable that is not there yet; it takes effect with the next deployment.

        Args:
            environment: id.
            name: the variable's name.
            value: its value; shows in no error.
            is_sensitive: whether Divio shall never show it again.

        Raises:
            AlreadyExists: the environment has a variable of that name; carries its uuid, for ``update``.
            Refused: Divio says no, for example to the name.
        """
        call = contract.CREATE
        body = {"environment": environment, "name": name, "value": value, "is_sensitive": is_sensitive}

        answered: list[EnvironmentVariable] = []

        def post() -> EnvironmentVariable | None:
            data = self._http.send(call, body=body, secrets=(value,))
            if data is None:
                return None
            answered.append(read(EnvironmentVariable, data, call))
            return answered[-1]

        def look() -> EnvironmentVariable | None:
            return self.find(environment, name)

        try:
            variable = create_once(self._http, post, look, f"variable {name}")
            if not answered:
                # Found after a lost answer, where a sensitive value does not show: written once more, to be sure.
                return self.update(variable.uuid, value=value, is_sensitive=is_sensitive)
            return variable
        finally:
            self._cache.forget(NOUN, environment)

    def update(
        self, uuid: str, *, value: str | None = None, is_sensitive: bool | None = None, name: str = ""
    ) -> EnvironmentVariable:
        """Change a variable in place; it takes effect with the next deployment.

        Args:
            uuid: Divio's id.
            value: the new value, None to leave it; shows in no error.
            is_sensitive: whether Divio shall hide it, None to leave that.
            name: the variable's name, for the audit.
        """
        call = contract.UPDATE
        body = {name: sent for name, sent in (("value", value), ("is_sensitive", is_sensitive)) if sent is not None}
        try:
            data = self._http.send(call, uuid, body=body, secrets=() if value is None else (value,), about=name)
        finally:
            self._cache.forget(NOUN)
        if data is None:
            call = contract.GET
            data = self._http.send(call, uuid)
        return read(EnvironmentVariable, data, call)

    def delete(self, uuid: str, *, name: str = "") -> None:
        """Remove a variable; one that is gone already is fine. It takes effect with the next deployment.

        Args:
            uuid: Divio's id.
            name: the variable's name, for the audit.
        """
        try:
            self._http.send(contract.DELETE, uuid, about=name)
        finally:
            self._cache.forget(NOUN)

    def _load(
        self, environments: Sequence[str], name: str | None = None
    ) -> Mapping[str, Sequence[EnvironmentVariable]]:
        found: dict[str, list[EnvironmentVariable]] = {environment: [] for environment in environments}
        for batch in batches(environments):
            params = [("environment", one) for one in batch]
            if name is not None:
                params.append(("name", name))
            for variable in collect(self._http, contract.LIST, EnvironmentVariable, params):
                # Looked at again: a filter that the server does not know is ignored (DRF), not refused.
                if variable.environment in found and name in (None, variable.name):
                    found[variable.environment].append(variable)
        return found
