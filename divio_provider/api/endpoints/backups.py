"""Backups of an environment's services: made, looked at, restored, downloaded.

All of it takes its time on Divio: whoever starts something asks for it again until it has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from divio_provider.api.contract import backups as contract
from divio_provider.api.models import Backup, Download, Reference, Restore, ServiceInstanceBackup
from divio_provider.api.transport.pagination import collect

if TYPE_CHECKING:
    from divio_provider.api.transport.transport import Transport


class Backups:
    """Backups on Divio. Nothing here is remembered: they move while one looks.

    A start is not repeated where its answer is lost: a backup has no natural key, so a second look proves nothing.

    Args:
        http: the way to Divio.
    """

    def __init__(self, http: Transport) -> None:
        self._http = http

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
        if notes is not None:
            body["notes"] = notes
        return self._http.read(Backup, contract.CREATE, body=body)

    def get(self, uuid: str) -> Backup:
        """One backup as it is now.

        Args:
            uuid: Divio's id.
        """
        return self._http.read(Backup, contract.GET, uuid)

    def list(self, environment: str) -> tuple[Backup, ...]:
        """An environment's backups.

        Args:
            environment: id.
        """
        found = collect(self._http, contract.LIST, Backup, (("environment", environment),))
        return tuple(one for one in found if one.environment in (None, environment))

    def services(self, backup: Backup) -> tuple[ServiceInstanceBackup, ...]:
        """What a backup holds of each service.

        Args:
            backup: as read by ``get``.
        """
        return tuple(
            self._http.read(ServiceInstanceBackup, contract.GET_SERVICE, uuid)
            for uuid in backup.service_instance_backups or ()
        )

    def restore(self, backup: str, services: Sequence[str], *, notes: str | None = None) -> Restore:
        """Start to put a backup back. It replaces the data that is there.

        Args:
            backup: id.
            services: ids of its service instance backups.
            notes: for people, who see them in the Control Panel.
        """
        restores = [{"service_instance_backup": uuid} for uuid in services]
        body: dict[str, object] = {"backup": backup, "service_instance_restores": restores}
        if notes is not None:
            body["notes"] = notes
        return self._http.read(Restore, contract.RESTORE, body=body)

    def get_restore(self, uuid: str) -> Restore:
        """One restore as it is now.

        Args:
            uuid: Divio's id.
        """
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
        listed = collect(self._http, contract.LIST_DOWNLOADED, Reference, (("backup", made.uuid),))
        return tuple(one.uuid for one in listed)

    def get_download(self, uuid: str) -> Download:
        """One file as it is now: with its address once it has ended.

        Args:
            uuid: Divio's id.
        """
        return self._http.read(Download, contract.GET_DOWNLOADED, uuid)
