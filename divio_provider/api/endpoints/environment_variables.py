"""Environment variables: the custom ones, which belong to one environment each.

No error that leaves here repeats a value that was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from divio_provider.api.contract import environment_variables as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.models import EnvironmentVariable
from divio_provider.api.transport.pagination import batches, collect
from divio_provider.api.transport.responses import read


class EnvironmentVariables(Endpoint):
    """Custom environment variables on Divio. A change takes effect with the environment's next deployment."""

    noun = "environment_variables"

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
            by_environment = self._cache.read_many(self.noun, wanted, self._load, fresh=fresh)
        return tuple(one for environment in wanted for one in by_environment[environment])

    def find(self, environment: str, name: str) -> EnvironmentVariable | None:
        """The variable of exactly this name, asked now; None when Divio shows none."""
        return next(iter(self.list([environment], name)), None)

    def create(self, environment: str, name: str, value: str, *, is_sensitive: bool) -> EnvironmentVariable:
        """Set a variable that is not there yet.

        Args:
            environment: id.
            name: the variable's name.
            value: its value; shows in no error.
            is_sensitive: whether Divio shall never show it again.

        Raises:
            AlreadyExists: the environment has a variable of that name; carries its uuid, for ``update``.
            Refused: Divio says no, for example to the name.
        """
        answered: list[EnvironmentVariable] = []

        def read_answer(data: object) -> EnvironmentVariable:
            answered.append(read(EnvironmentVariable, data, contract.CREATE))
            return answered[-1]

        variable = self._create(
            contract.CREATE,
            body={"environment": environment, "name": name, "value": value, "is_sensitive": is_sensitive},
            read_answer=read_answer,
            find=lambda: self.find(environment, name),
            what=f"variable {name}",
            secrets=(value,),
            changed=(self.noun, environment),
        )
        if not answered:
            # Found after a lost answer, where a sensitive value does not show: written once more, to be sure.
            return self.update(variable.uuid, value=value, is_sensitive=is_sensitive)
        return variable

    def update(
        self, uuid: str, *, value: str | None = None, is_sensitive: bool | None = None, name: str = ""
    ) -> EnvironmentVariable:
        """Change a variable in place.

        Args:
            uuid: Divio's id.
            value: the new value, None to leave it; shows in no error.
            is_sensitive: whether Divio shall hide it, None to leave that.
            name: the variable's name, for the audit.
        """
        return self._update(
            EnvironmentVariable,
            contract.UPDATE,
            contract.GET,
            uuid,
            body={key: sent for key, sent in (("value", value), ("is_sensitive", is_sensitive)) if sent is not None},
            secrets=() if value is None else (value,),
            about=name,
        )

    def delete(self, uuid: str, *, name: str = "") -> None:
        """Remove a variable; one that is gone already is fine. The audit notes its name."""
        self._write(contract.DELETE, uuid, about=name)

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
