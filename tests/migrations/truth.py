"""What really happens: the real Django runs migrations on a real database, and old code's models write and read it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import django
from django.conf import settings
from django.db import DatabaseError, connections, models, transaction
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState

from tests.migrations.changes import source

SQLITE, POSTGRES = "default", "postgres"


def set_up() -> None:
    """Once a process."""
    if not settings.configured:
        settings.configure(
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.postgres"],
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            USE_TZ=True,
        )
        django.setup()


def add_postgres(folder: str) -> str:
    """Make a server's database one of Django's."""
    one = {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "postgres", "HOST": folder}
    connections.settings[POSTGRES] = {**connections.settings["default"], **one}
    return POSTGRES


def migration(operations: str, extra: str = "") -> Migration:
    """A migration as Django has it, of the same text that is read."""
    names: dict[str, Any] = {"__name__": "library.migrations.made"}
    exec(compile(source(operations, extra=extra), "made.py", "exec"), names)
    return names["Migration"]("made", "library")


@contextmanager
def forgotten(alias: str) -> Iterator[None]:
    """Whatever is done to the database inside is undone afterwards."""
    if alias == SQLITE:
        # Its schema cannot be changed within a transaction that checks foreign keys: a new one each time.
        connections[alias].close()
        connections[alias].inc_thread_sharing()
        connections[alias].connection = None
        try:
            yield
        finally:
            connections[alias].connection.close()
            connections[alias].connection = None
        return
    with transaction.atomic(alias):
        yield
        transaction.set_rollback(True, alias)


def run(alias: str, item: Migration, state: ProjectState) -> ProjectState:
    """Apply a migration; the models after it."""
    with connections[alias].schema_editor(atomic=alias != SQLITE) as editor:
        after = item.apply(state, editor)
    _settle(alias)
    return after


def _settle(alias: str) -> None:
    """What PostgreSQL put off until the end of a transaction, now: tables with pending checks cannot be altered."""
    if alias == POSTGRES:
        with connections[alias].cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def old_code_fails(alias: str, state: ProjectState, rows: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """Why old code, with its models of before, can not write and read these rows; empty if it can."""
    author: Any = None
    written: list[tuple[Any, Any, dict[str, Any]]] = []
    try:
        for name, given in rows:
            model: Any = state.apps.get_model("library", name)
            fields = {field.name for field in model._meta.concrete_fields}
            about = {key: value for key, value in given.items() if key in fields}
            if "author" in fields:
                author = author or state.apps.get_model("library", "Author").objects.using(alias).create(name="x")
                about["author"] = author
            with transaction.atomic(alias):
                made = model.objects.using(alias).create(**about)
                written.append((model, made.pk, about))
        for model in state.apps.get_models():
            if model._meta.app_label == "library" and model._meta.managed:
                list(model._base_manager.using(alias).all())
        for model, key, about in written:
            again = model.objects.using(alias).get(pk=key)
            for field, value in about.items():
                read = getattr(again, field)
                if read != value or (not isinstance(value, models.Model) and type(read) is not type(value)):
                    return f"wrote {field} = {value!r}, read {read!r}"
        _settle(alias)
    except (DatabaseError, ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
