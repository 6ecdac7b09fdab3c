"""Backups of an environment's services: made and looked at; restored and downloaded they are by a person.

All of it takes its time on Divio: whoever starts something asks for it again until it has ended. A start is not repeated
where its answer is lost: a backup has no natural key, so a second look proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from divio_provider.api.contract import backups as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.models import Backup, ServiceInstanceBackup


class Backups(Endpoint):
    """Backups on Divio. Nothing here is remembered: they move while one looks."""

    def create(self, environment: str, services: Sequence[str], *, notes: str | None = None) -> Backup:
        """Start a backup.

        Args:
            environment: id.
            services: ids of its service instances.
            notes: for people, who see them in the Control Panel.

        Raises:
            Refused: for example because a service instance is not provisioned yet.
        """
        body: dict[str, object] = {"environment": environment, "services": [*services], "trigger": "MANUAL"}
        body |= {} if notes is None else {"notes": notes}
        return self._http.read(Backup, contract.CREATE, body=body)

    def get(self, uuid: str) -> Backup:
        """One backup as it is now."""
        return self._http.read(Backup, contract.GET, uuid)

    def list(self, environment: str) -> tuple[Backup, ...]:
        """An environment's backups."""
        return self._collect(contract.LIST, Backup, environment=environment)

    def services(self, backup: Backup) -> tuple[ServiceInstanceBackup, ...]:
        """What a backup, as read by ``get``, holds of each service."""
        parts = backup.service_instance_backups or ()
        return tuple(self._http.read(ServiceInstanceBackup, contract.GET_SERVICE, uuid) for uuid in parts)
