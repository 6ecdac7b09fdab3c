"""Scratch databases beside the configured one, as Django's test runner makes them; the configured one is never opened."""

import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.backends.base.base import NO_DB_ALIAS
from django.test.utils import override_settings
from django.utils.connection import ConnectionDoesNotExist

from divio_sites.trial import TrialError

_PREFIX = "divio_trial_"


class Scratch(AbstractContextManager["Scratch"]):
    """Scratch databases under one alias of Django's, for as long as the context lasts.

    Other aliases refuse to connect meanwhile, and mail, caches and media go to memory: what a migration does besides
    touches nothing that exists. A killed run's databases are removed by the next one: whoever is alive holds an
    advisory lock for its own.

    Args:
        alias: the alias of a PostgreSQL among `DATABASES`.

    Raises:
        TrialError: the alias is not there or no PostgreSQL, or no database can be made there.
    """

    def __init__(self, alias: str) -> None:
        try:
            self.connection: Any = connections[alias]
        except ConnectionDoesNotExist:
            known = ", ".join(connections)
            raise TrialError(f"--database {alias}: DATABASES has no such alias; it has {known}.") from None
        except ImproperlyConfigured as error:
            raise TrialError(f"trymigrations needs psycopg: {str(error).splitlines()[0]}") from None
        if self.connection.vendor != "postgresql":
            raise TrialError(
                f"trymigrations needs PostgreSQL, and the database «{alias}» of the settings is {self.connection.vendor}: "
                "set DATABASE_URL to a PostgreSQL server, or use checkmigrations, which needs none."
            )
        self._token, self._made = secrets.token_hex(6), list[str]()
        self._configured = dict(self.connection.settings_dict)

    def __enter__(self) -> "Scratch":
        """Connect to the server, and remove what killed runs left."""
        with ExitStack() as stack:
            self._server = self._connection("postgres")
            try:
                self._server.ensure_connection()
            except DatabaseError:
                # Some servers let nobody into `postgres`; from `template1` databases can be made as well.
                self._server = self._connection("template1")
            stack.callback(self._server.close)
            try:
                with self._server.cursor() as cursor:
                    _sweep(cursor)
                    cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [_PREFIX + self._token])
            except DatabaseError as error:
                where = f"{self._configured.get('HOST') or 'the local socket'}:{self._configured.get('PORT') or 5432}"
                raise TrialError(f"The PostgreSQL server at {where} cannot be used: {_first(error)}") from None
            stack.callback(self._drop)
            self._touch_nothing_else(stack)
            self._exit = stack.pop_all()
        return self

    def __exit__(self, *about: object) -> None:
        """Drop what was made."""
        self._exit.close()

    def make(self, template: str = "") -> str:
        """Make a database, empty or as another scratch one is, and give its name."""
        name = f"{_PREFIX}{self._token}_{len(self._made)}"
        suffix = f'WITH TEMPLATE "{template}"' if template else self.connection.creation.sql_table_creation_suffix()
        self._made.append(name)
        try:
            with self._server.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}" {suffix}')
        except DatabaseError as error:
            why = f"{_first(error)} The user needs CREATEDB, as for Django's tests."
            raise TrialError(f"No scratch database can be made: {why}") from None
        return name

    def use(self, name: str) -> None:
        """Let the alias stand for a database."""
        self.connection.close()
        self.connection.settings_dict["NAME"] = name

    @contextmanager
    def cursor(self, name: str) -> Iterator[Any]:
        """A cursor on a connection of its own to a database."""
        connection = self._connection(name)
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def _connection(self, name: str) -> Any:
        options = {key: value for key, value in self._configured.get("OPTIONS", {}).items() if key != "pool"}
        given = {"NAME": name, "OPTIONS": options, "AUTOCOMMIT": True, "CONN_MAX_AGE": 0}
        # By this alias receivers of `connection_created` know that they have no business here: some ask the configured database.
        made = self.connection.copy(NO_DB_ALIAS)
        made.settings_dict = self._configured | given
        return made

    def _drop(self) -> None:
        self.connection.close()
        with self._server.cursor() as cursor:
            for name in self._made:
                _dropped(cursor, name)

    def _touch_nothing_else(self, stack: ExitStack) -> None:
        for other in connections.all():
            if other is not self.connection:
                other.close()
                other.connect = _refusal(other.alias, self.connection.alias)  # type: ignore[method-assign]
                stack.callback(vars(other).pop, "connect")
        cache = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        media = {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
        memory = override_settings(
            CACHES=dict.fromkeys(settings.CACHES, cache),
            EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
            STORAGES=getattr(settings, "STORAGES", {}) | media,
        )
        stack.enter_context(memory)
        stack.callback(self.connection.settings_dict.update, self._configured)
        stack.callback(self.connection.close)
        self.connection.close()
        if hasattr(self.connection, "close_pool"):
            self.connection.close_pool()
        self.connection.settings_dict["OPTIONS"] = self._connection("").settings_dict["OPTIONS"]


def _sweep(cursor: Any) -> None:
    """Drop the databases of runs that are no more."""
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX])
    for (name,) in cursor.fetchall():
        owner = name.rpartition("_")[0]
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [owner])
        if cursor.fetchone()[0]:
            _dropped(cursor, name)
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [owner])


def _dropped(cursor: Any, name: str) -> None:
    """Drop a database. Where a vacuum of the server's is in it, nobody but a superuser may end that: so wait, 5 s at most."""
    for _ in range(50):
        try:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except DatabaseError:
            time.sleep(0.1)
        else:
            return


def _refusal(other: str, alias: str) -> Any:
    def refuse() -> None:
        raise DatabaseError(f"a migration uses the database «{other}»; only «{alias}» is tried (--database)")

    return refuse


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".") + "."
