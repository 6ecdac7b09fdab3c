"""Backups of an environment's services: made, looked at, restored, downloaded.

All of it takes its time on Divio: whoever starts something asks for it again until it has ended. A start is not repeated
where its answer is lost: a backup has no natural key, so a second look proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from divio_provider.api.contract import backups as contract
from divio_provider.api.endpoints.base import Endpoint
from divio_provider.api.models import Backup, Download, Reference, Restore, ServiceInstanceBackup


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
        body = {"environment": environment, "services": [*services], "trigger": "MANUAL", **_noted(notes)}
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

    def restore(self, backup: str, services: Sequence[str], *, notes: str | None = None) -> Restore:
        """Start to put a backup's parts (``service_instance_backups``) back. It replaces the data that is there."""
        restores = [{"service_instance_backup": uuid} for uuid in services]
        body = {"backup": backup, "service_instance_restores": restores, **_noted(notes)}
        return self._http.read(Restore, contract.RESTORE, body=body)

    def get_restore(self, uuid: str) -> Restore:
        """One restore as it is now."""
        return self._http.read(Restore, contract.GET_RESTORE, uuid)

    def download(self, backup: str, services: Sequence[str]) -> tuple[str, ...]:
        """Let Divio make files to download; it sends no e-mail about them.

        Args:
            backup: id.
            services: ids of its service instance backups.

        Returns:
            Ids for ``get_download``, one for each service.
        """
        body: dict[str, object] = {"backup": backup, "service_instance_backups": [*services], "trigger": "PULL"}
        made = self._http.read(Reference, contract.DOWNLOAD, body=body)
        return tuple(one.uuid for one in self._collect(contract.LIST_DOWNLOADED, Reference, backup=made.uuid))

    def get_download(self, uuid: str) -> Download:
        """One file as it is now: with its address once it has ended."""
        return self._http.read(Download, contract.GET_DOWNLOADED, uuid)


def _noted(notes: str | None) -> dict[str, object]:
    return {} if notes is None else {"notes": notes}
