"""External Git repositories of applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.answers import read
from divio_provider.api.models import Repository, RepositoryCheck, RepositoryCreate

if TYPE_CHECKING:
    from divio_provider.api.transport import Transport


class Repositories:
    """External Git repositories on Divio.

    Args:
        http: the way to Divio.
    """

    def __init__(self, http: Transport) -> None:
        self._http = http

    def create(self, new: RepositoryCreate) -> Repository:
        """Make a Git repository known to an organisation.

        Not repeated where the answer is lost: no source shows a list of repositories to look in.

        Args:
            new: what it is.

        Returns:
            For an SSH address with ``auth_info``: the public key to register at the Git host.

        Raises:
            Refused: Divio says no, for example to the address.
        """
        call = contract.CREATE_REPOSITORY
        secrets = () if new.password is None else (new.password,)
        return read(Repository, self._http.send(call, body=new.body(), secrets=secrets), call.method, call.path)

    def check(self, uuid: str, branch: str) -> str:
        """Let Divio try whether it can read and write the repository; asked again, it tells the outcome.

        Args:
            uuid: Divio's id.
            branch: the branch to look for.

        Returns:
            Divio's code: ``waiting`` while it tries, ``success`` when it can; anything else says that it cannot.

        Raises:
            Refused: it cannot; with Divio's reasons.
        """
        call = contract.CHECK_REPOSITORY
        data = self._http.send(call, uuid, body={"branch": branch, "migrate": "true"})
        return read(RepositoryCheck, data, call.method, call.path).code or ""

    def get(self, uuid: str) -> Repository:
        """One repository.

        Args:
            uuid: Divio's id, as an application's ``repository`` names it.

        Raises:
            NotFound: missing or not permitted.
        """
        call = contract.GET_REPOSITORY
        return read(Repository, self._http.send(call, uuid), call.method, call.path)
