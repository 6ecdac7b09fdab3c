"""Templates for new applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.answers import read
from divio_provider.api.models import AppTemplate
from divio_provider.api.names import resolve
from divio_provider.api.pages import collect

if TYPE_CHECKING:
    from divio_provider.api.collections import Collections
    from divio_provider.api.transport import Transport


class AppTemplates:
    """Templates on Divio.

    Args:
        http: the way to Divio.
        collections: what this run has read already.
    """

    def __init__(self, http: Transport, collections: Collections) -> None:
        self._http = http
        self._collections = collections

    def list(self) -> tuple[AppTemplate, ...]:
        """All templates that the account sees, read once a run, without release commands and services."""
        return self._collections.read(
            "app_templates", "", lambda: collect(self._http, contract.LIST_TEMPLATES, AppTemplate)
        )

    def get(self, uuid: str) -> AppTemplate:
        """One template with its release commands and services.

        Args:
            uuid: Divio's id.
        """
        call = contract.GET_TEMPLATE
        return read(AppTemplate, self._http.send(call, uuid), call.method, call.path)

    def resolve(self, name_or_uuid: str) -> str:
        """A template's id.

        Args:
            name_or_uuid: what a person wrote: a name, an identifier or an id.

        Raises:
            Unresolved: no template, or several, fit; names near misses.
        """
        known = ((one.uuid, [one.name, one.identifier or ""]) for one in self.list())
        return resolve("app template", name_or_uuid, known)
