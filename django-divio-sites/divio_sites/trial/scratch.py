"""Scratch databases beside the configured one, as Django's test runner makes them; the configured one is never opened."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.backends.base.base import NO_DB_ALIAS
from django.test.utils import override_settings

from divio_sites.trial import TrialError, one_line

_PREFIX = "divio_trial_"


class Scratch(ExitStack):
    """Scratch databases under one alias of `DATABASES`, for as long as the context lasts.

    Other aliases refuse to connect meanwhile, and mail, caches and media go to memory: what a migration does besides
    touches nothing that exists. A killed run's databases are removed by the next one: whoever is alive holds an
    advisory lock for its own. Raises TrialError where no database can be made, or one cannot be dropped.
    """

    def __init__(self, alias: str) -> None:
        super().__init__()
        try:
            self.connection: Any = connections[alias]
        except ImproperlyConfigured as error:
            raise TrialError(f"trymigrations needs psycopg: {one_line(error)}") from None
        if self.connection.vendor != "postgresql":
            what = f"the database «{alias}» of the settings is {self.connection.vendor} (checkmigrations needs none)"
            raise TrialError(f"trymigrations needs PostgreSQL, and {what}: set DATABASE_URL to a server.")
        self._token, self._made = secrets.token_hex(6), 0
        self._configured = dict(self.connection.settings_dict)
        # `dbname` would win over the name of a scratch database.
        self._options = {k: v for k, v in self._configured.get("OPTIONS", {}).items() if k not in {"pool", "dbname"}}

    def __enter__(self) -> "Scratch":
        """Connect to the server, and remove what killed runs left."""
        with ExitStack() as undo:
            try:
                self._server = undo.enter_context(self.cursor("postgres"))
                _sweep(self._server)
                undo.callback(self._end)
                self._server.execute("SELECT pg_advisory_lock(hashtext(%s))", [_PREFIX + self._token])
            except DatabaseError as error:
                where = f"{self._configured.get('HOST') or 'the local socket'}:{self._configured.get('PORT') or 5432}"
                raise TrialError(f"The PostgreSQL server at {where} cannot be used: {one_line(error)}") from None
            undo.callback(self.connection.settings_dict.update, self._configured)
            for other in connections.all():
                other.close()
                if other is not self.connection:
                    other.connect = partial(_refuse, other.alias, self.connection.alias)  # type: ignore[method-assign]
                    undo.callback(vars(other).pop, "connect")
                    undo.callback(other.settings_dict.update, ENGINE=other.settings_dict["ENGINE"])  # for other threads
                    other.settings_dict["ENGINE"] = "django.db.backends.dummy"
            caches = {name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for name in settings.CACHES}
            media = {key: {"BACKEND": "django.core.files.storage.InMemoryStorage"} for key in settings.STORAGES}
            mail = "django.core.mail.backends.locmem.EmailBackend"
            undo.enter_context(override_settings(CACHES=caches, STORAGES=media, EMAIL_BACKEND=mail))
            self.push(undo.pop_all())
        return self

    def make(self, template: str = "") -> str:
        """Make a database, empty or as another scratch one is, and give its name."""
        self._made += 1
        name = f"{_PREFIX}{self._token}_{self._made}"
        suffix = f'WITH TEMPLATE "{template}"' if template else self.connection.creation.sql_table_creation_suffix()
        try:
            self._server.execute(f'CREATE DATABASE "{name}" {suffix}')
        except DatabaseError as error:
            raise TrialError(
                f"No scratch database can be made; it takes the right CREATEDB: {one_line(error)}"
            ) from None
        return name

    def _end(self) -> None:
        self.connection.close()
        try:
            _sweep(self._server)
            self._server.execute("SELECT 1 FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX + self._token])
            if self._server.fetchone():
                raise DatabaseError("somebody else uses them")
        except DatabaseError as error:
            what = f"The scratch databases {_PREFIX}{self._token}_1 to _{self._made} stay until the next run"
            raise TrialError(f"{what}: {one_line(error)}") from None

    def use(self, name: str) -> None:
        """Let the alias stand for a database."""
        self.connection.close()
        self.connection.settings_dict.update(NAME=name, OPTIONS=self._options)
        with self.connection.cursor() as cursor:
            _make_sure(cursor, name)

    @contextmanager
    def cursor(self, name: str) -> Iterator[Any]:
        """A cursor on a connection of its own to a database."""
        # By this alias receivers of `connection_created` know that they have no business here: some ask the configured database.
        with closing(self.connection.copy(NO_DB_ALIAS)) as made:
            made.settings_dict |= {"NAME": name, "OPTIONS": self._options, "AUTOCOMMIT": True, "CONN_MAX_AGE": 0}
            with made.cursor() as cursor:
                _make_sure(cursor, name)
                yield cursor


def _make_sure(cursor: Any, name: str) -> None:
    """Whatever settings or a pooler make of a name: nothing is tried in another database."""
    cursor.execute("SELECT current_database()")
    if (found := cursor.fetchone()[0]) != name:
        raise TrialError(f"A connection to {name} leads to the database {found}; connect to the server itself.")


def _sweep(cursor: Any) -> None:
    """Drop the databases of runs that are no more, and of this one."""
    cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [rf"^{_PREFIX}[0-9a-f]{{12}}_\d+$"])
    for (name,) in cursor.fetchall():
        owner = name.rpartition("_")[0]
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [owner])
        if cursor.fetchone()[0]:
            # Nobody but a superuser may FORCE a vacuum of the server's out of it; without, PostgreSQL does it.
            for how in ("WITH (FORCE)", ""):
                with suppress(DatabaseError):
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" {how}')
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [owner])


def _refuse(other: str, alias: str) -> None:
    raise DatabaseError(f"a migration uses the database «{other}»; only «{alias}» is tried (--database)")
