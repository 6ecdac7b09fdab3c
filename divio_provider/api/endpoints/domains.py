"""Custom domains. Whether the live API takes writes for them is ``conformance/capabilities.py``."""

from __future__ import annotations

from divio_provider.api.contract import domains as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.models import Domain
from divio_provider.api.transport.responses import read


class Domains(Endpoint):
    """Custom domains on Divio. A change takes effect with the Live environment's next deployment."""

    noun = "domains"

    def list(self, application: str | None = None, *, fresh: bool = False) -> tuple[Domain, ...]:
        """An application's custom domains, or all that the account sees."""
        return self._list(contract.LIST, Domain, application=application, fresh=fresh)

    def find(self, host: str, application: str | None = None, *, fresh: bool = False) -> Domain | None:
        """The domain of a host name, in any letter case; None when Divio shows none."""
        listed = self.list(application, fresh=fresh)
        return next((one for one in listed if one.domain.lower() == host.lower()), None)

    def create(self, application: str, host: str, *, is_primary: bool = False, is_redirect: bool = False) -> Domain:
        """Give an application a host name: as its main one, as an alias, or as one that redirects to the main one.

        Raises:
            AlreadyExists: the host name is taken by an application that the account sees.
        """
        return self._create(
            contract.CREATE,
            body={"application": application, "domain": host, "is_primary": is_primary, "is_redirect": is_redirect},
            read_answer=lambda data: read(Domain, data, contract.CREATE),
            find=lambda: self.find(host, fresh=True),
            what=f"domain {host}",
        )

    def update(
        self,
        uuid: str,
        *,
        application: str | None = None,
        is_primary: bool | None = None,
        is_redirect: bool | None = None,
    ) -> None:
        """Change a domain in place, or move it to another application; None leaves what it is."""
        given = {"application": application, "is_primary": is_primary, "is_redirect": is_redirect}
        self._write(contract.UPDATE, uuid, body={name: value for name, value in given.items() if value is not None})

    def delete(self, uuid: str) -> None:
        """Take a domain away; one that is gone already is fine."""
        self._write(contract.DELETE, uuid)
