"""Backups of an environment's services: made, looked at, restored, downloaded.

All of it takes its time on Divio: whoever starts something asks for it again until it has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.answers import read
from divio_provider.api.models import Backup, Download, Reference, Restore, ServiceInstanceBackup
from divio_provider.api.pages import collect

if TYPE_CHECKING:
    from divio_provider.api.transport import Transport


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
        call = contract.CREATE_BACKUP
        body: dict[str, object] = {"environment": environment, "services": [*services], "trigger": "MANUAL"}
        if notes is not None:
            body["notes"] = notes
        return read(Backup, self._http.send(call, body=body), call.method, call.path)

    def get(self, uuid: str) -> Backup:
        """One backup as it is now.

        Args:
            uuid: Divio's id.
        """
        call = contract.GET_BACKUP
        return read(Backup, self._http.send(call, uuid), call.method, call.path)

    def list(self, environment: str) -> tuple[Backup, ...]:
        """An environment's backups.

        Args:
            environment: id.
        """
        found = collect(self._http, contract.LIST_BACKUPS, Backup, (("environment", environment),))
        return tuple(one for one in found if one.environment in (None, environment))

    def services(self, backup: Backup) -> tuple[ServiceInstanceBackup, ...]:
        """What a backup holds of each service.

        Args:
            backup: as read by ``get``.
        """
        call = contract.GET_INSTANCE_BACKUP
        return tuple(
            read(ServiceInstanceBackup, self._http.send(call, uuid), call.method, call.path)
            for uuid in backup.service_instance_backups or ()
        )

    def restore(self, backup: str, services: Sequence[str], *, notes: str | None = None) -> Restore:
        """Start to put a backup back. It replaces the data that is there.

        Args:
            backup: id.
            services: ids of its service instance backups.
            notes: for people, who see them in the Control Panel.
        """
        call = contract.CREATE_RESTORE
        restores = [{"service_instance_backup": uuid} for uuid in services]
        body: dict[str, object] = {"backup": backup, "service_instance_restores": restores}
        if notes is not None:
            body["notes"] = notes
        return read(Restore, self._http.send(call, body=body), call.method, call.path)

    def get_restore(self, uuid: str) -> Restore:
        """One restore as it is now.

        Args:
            uuid: Divio's id.
        """
        call = contract.GET_RESTORE
        return read(Restore, self._http.send(call, uuid), call.method, call.path)

    def download(self, backup: str, services: Sequence[str]) -> tuple[str, ...]:
        """Let Divio make files to download; it sends no e-mail about them.

        Args:
            backup: id.
            services: ids of its service instance backups.

        Returns:
            Ids for ``get_download``, one for each service.
        """
        call = contract.CREATE_DOWNLOAD
        body: dict[str, object] = {"backup": backup, "service_instance_backups": [*services], "trigger": "PULL"}
        made = read(Reference, self._http.send(call, body=body), call.method, call.path)
        listed = collect(self._http, contract.LIST_DOWNLOADED, Reference, (("backup", made.uuid),))
        return tuple(one.uuid for one in listed)

    def get_download(self, uuid: str) -> Download:
        """One file as it is now: with its address once it has ended.

        Args:
            uuid: Divio's id.
        """
        call = contract.GET_DOWNLOADED
        return read(Download, self._http.send(call, uuid), call.method, call.path)
