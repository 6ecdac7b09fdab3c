"""Custom domains. The collection is named in Divio's documentation; its fields and writes are a guess.

So, as with mirrors, ``auto`` writes only where the live schema shows exactly the fields that we know; else a person
adds domains in the Control Panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from divio_provider.api import contract
from divio_provider.api.answers import read
from divio_provider.api.creation import create_once
from divio_provider.api.errors import Misconfigured, NotFound, NotUnderstood
from divio_provider.api.models import Domain
from divio_provider.api.pages import collect

if TYPE_CHECKING:
    from divio_provider.api.collections import Collections
    from divio_provider.api.description import Description
    from divio_provider.api.schema import Schema
    from divio_provider.api.transport import Transport

NOUN = "domains"


@dataclass(frozen=True, slots=True)
class ByApi:
    """Domains are written through the API, in the shape that ``contract.py`` knows."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """Domains are entered by a person in the Control Panel.

    Attributes:
        reason: why, a clause for a sentence.
    """

    reason: str


DomainShape = ByApi | ByHand


def check(setting: str) -> None:
    """Make sure that a value of ``divio:domains`` is one.

    Args:
        setting: the value.

    Raises:
        Misconfigured: it is none.
    """
    if setting not in {"auto", "api", "manual"}:
        message = f"divio:domains is {setting!r}"
        raise Misconfigured(message, hint="It is one of auto, api or manual.")


def offered(described: Description) -> DomainShape:
    """Who writes domains under ``auto``: the API, where its description shows exactly the fields that we know.

    Args:
        described: the live API's own description.
    """
    fields = described.body_fields("POST", contract.CREATE_DOMAIN.path)
    missing = [name for name in contract.DOMAIN_SENDS if name not in fields]
    if missing:
        return ByHand(f"the API's schema shows no domains as we know them ({', '.join(missing)} missing)")
    return ByApi()


class Domains:
    """Custom domains on Divio.

    Args:
        http: the way to Divio.
        collections: what this run has read already.
        schema: the live API's own description.
        setting: who writes domains unless a call says otherwise.
    """

    def __init__(self, http: Transport, collections: Collections, schema: Schema, setting: str = "auto") -> None:
        self._setting = setting
        self._http = http
        self._collections = collections
        self._schema = schema

    def shape(self, setting: str | None = None) -> DomainShape:
        """Who writes domains.

        Args:
            setting: the value of ``divio:domains``: ``auto``, ``api`` or ``manual``, the client's own unless given;
                only ``auto`` asks Divio, once a run.

        Raises:
            Misconfigured: the setting is none of these.
        """
        setting = (self._setting if setting is None else setting).strip() or "auto"
        check(setting)
        if setting == "auto":
            return self._collections.read("domains.shape", "auto", self._offered)
        return ByApi() if setting == "api" else ByHand("divio:domains is manual")

    def _offered(self) -> DomainShape:
        try:
            schema = self._schema.read()
        except (NotFound, NotUnderstood) as error:
            return ByHand(f"the API's schema cannot be read ({error.problem})")
        return offered(schema)

    def list(self, application: str | None = None, *, fresh: bool = False) -> tuple[Domain, ...]:
        """Custom domains, read once a run.

        Args:
            application: id; None for all that the account sees.
            fresh: ask now, past the run's cache.
        """

        def load() -> tuple[Domain, ...]:
            params = () if application is None else (("application", application),)
            found = collect(self._http, contract.LIST_DOMAINS, Domain, params)
            return tuple(one for one in found if application is None or one.application in (None, application))

        return self._collections.read(NOUN, application or "*", load, fresh=fresh)

    def find(self, host: str, application: str | None = None, *, fresh: bool = False) -> Domain | None:
        """A domain by its host name; None when Divio shows none.

        Args:
            host: in any letter case.
            application: id; None to look through all that the account sees.
            fresh: ask now, past the run's cache.
        """
        listed = self.list(application, fresh=fresh)
        return next((one for one in listed if one.domain.lower() == host.lower()), None)

    def create(self, application: str, host: str, *, is_primary: bool = False, is_redirect: bool = False) -> Domain:
        """Give an application a domain; it takes effect with the Live environment's next deployment.

        Args:
            application: id.
            host: the host name.
            is_primary: whether it is the application's main one.
            is_redirect: whether it redirects to the main one.

        Raises:
            AlreadyExists: the host name is taken by an application that the account sees.
        """
        call = contract.CREATE_DOMAIN
        body = {"application": application, "domain": host, "is_primary": is_primary, "is_redirect": is_redirect}

        def post() -> Domain | None:
            data = self._http.send(call, body=body)
            return None if data is None else read(Domain, data, call.method, call.path)

        try:
            return create_once(
                self._http, post, lambda: self.find(host, fresh=True), lambda one: one.uuid, f"domain {host}"
            )
        finally:
            self._collections.forget(NOUN)

    def update(
        self,
        uuid: str,
        *,
        application: str | None = None,
        is_primary: bool | None = None,
        is_redirect: bool | None = None,
    ) -> None:
        """Change a domain in place, or move it; it takes effect with the Live environment's next deployment.

        Args:
            uuid: Divio's id.
            application: id of the application to move it to, None to leave it.
            is_primary: whether it is the main one, None to leave that.
            is_redirect: whether it redirects, None to leave that.
        """
        given = {"application": application, "is_primary": is_primary, "is_redirect": is_redirect}
        body = {name: value for name, value in given.items() if value is not None}
        try:
            self._http.send(contract.UPDATE_DOMAIN, uuid, body=body)
        finally:
            self._collections.forget(NOUN)

    def delete(self, uuid: str) -> None:
        """Take a domain away; one that is gone already is fine.

        Args:
            uuid: Divio's id.
        """
        try:
            self._http.send(contract.DELETE_DOMAIN, uuid)
        finally:
            self._collections.forget(NOUN)
