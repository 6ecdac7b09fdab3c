"""Applications: originals, mirrors and all others."""

from __future__ import annotations

from divio_provider.api.contract import applications as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.models import Application, ApplicationCreate
from divio_provider.api.transport.responses import read


class Applications(Endpoint):
    """Applications on Divio."""

    noun = "applications"

    def list(self, organisation: str | None = None, *, fresh: bool = False) -> tuple[Application, ...]:
        """All applications that the account sees, of all organisations unless one is given."""
        return self._list(contract.LIST, Application, organisation=organisation, fresh=fresh)

    def find(self, slug: str) -> Application | None:
        """The application with exactly this slug, asked now; None when Divio shows none."""
        return next(iter(self._collect(contract.LIST, Application, slug=slug)), None)

    def get(self, uuid: str) -> Application:
        """One application, asked now."""
        return self._http.read(Application, contract.GET, uuid)

    def create(self, new: ApplicationCreate) -> Application:
        """Create an application; Divio gives it the environments test and live, and deploys nothing.

        Raises:
            AlreadyExists: the slug is taken by an application that the account sees.
            Refused: Divio says no, also for a slug taken in another organisation.
        """
        return self._create(
            contract.CREATE,
            body=new.body(),
            read_answer=self._complete,
            find=lambda: self.find(new.slug),
            what=f"application {new.slug}",
            changed=(),
        )

    def update(self, uuid: str, *, name: str) -> Application:
        """Rename an application."""
        return self._update(Application, contract.UPDATE, contract.GET, uuid, body={"name": name})

    def delete(self, uuid: str) -> None:
        """Delete an application and everything that belongs to it; one that is gone already is fine.

        Raises:
            Refused: for example because it has mirrors.
        """
        self._write(contract.DELETE, uuid, changed=())

    def _complete(self, data: object) -> Application:
        """The application in a creation's answer, of which only ``uuid`` is certain (divio-cli reads no more)."""
        if isinstance(data, dict) and "slug" not in data and isinstance(data.get("uuid"), str):
            return self.get(data["uuid"])
        return read(Application, data, contract.CREATE)
