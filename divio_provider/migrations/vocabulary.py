"""Django's operations, by the names of their arguments.

Source: django/db/migrations/operations and django/contrib/postgres/operations.py of Django 1.7 to 6.0.
"""

_MODEL = "model_name"

OPERATIONS: dict[str, tuple[str, ...]] = {
    "CreateModel": ("name", "fields", "options", "bases", "managers"),
    "DeleteModel": ("name",),
    "RenameModel": ("old_name", "new_name"),
    "AlterModelTable": ("name", "table"),
    "AlterModelTableComment": ("name", "table_comment"),
    "AlterUniqueTogether": ("name", "unique_together"),
    "AlterIndexTogether": ("name", "index_together"),
    "AlterOrderWithRespectTo": ("name", "order_with_respect_to"),
    "AlterModelOptions": ("name", "options"),
    "AlterModelManagers": ("name", "managers"),
    "AddField": (_MODEL, "name", "field", "preserve_default"),
    "RemoveField": (_MODEL, "name"),
    "AlterField": (_MODEL, "name", "field", "preserve_default"),
    "RenameField": (_MODEL, "old_name", "new_name"),
    "AddIndex": (_MODEL, "index"),
    "RemoveIndex": (_MODEL, "name"),
    "RenameIndex": (_MODEL, "new_name", "old_name", "old_fields"),
    "AddConstraint": (_MODEL, "constraint"),
    "RemoveConstraint": (_MODEL, "name"),
    "AlterConstraint": (_MODEL, "name", "constraint"),
    "SeparateDatabaseAndState": ("database_operations", "state_operations"),
    "RunSQL": ("sql", "reverse_sql", "state_operations", "hints", "elidable"),
    "RunPython": ("code", "reverse_code", "atomic", "hints", "elidable"),
}
"""What `django.db.migrations` offers."""

POSTGRES: dict[str, tuple[str, ...]] = {
    "AddIndexConcurrently": (_MODEL, "index"),
    "RemoveIndexConcurrently": (_MODEL, "name"),
    "AddConstraintNotValid": (_MODEL, "constraint"),
    "ValidateConstraint": (_MODEL, "name"),
    "CreateExtension": ("name",),
    "BloomExtension": (),
    "BtreeGinExtension": (),
    "BtreeGistExtension": (),
    "CITextExtension": (),
    "CryptoExtension": (),
    "HStoreExtension": (),
    "TrigramExtension": (),
    "UnaccentExtension": (),
    "CreateCollation": ("name", "locale", "provider", "deterministic"),
    "RemoveCollation": ("name", "locale", "provider", "deterministic"),
}
"""What `django.contrib.postgres.operations` adds."""

LINTER_IGNORE = "django_migration_linter.operations.IgnoreMigration"
"""Does nothing; tells django-migration-linter to leave a migration alone."""

_HOMES = ("django.db.migrations", "django.contrib.postgres.operations", "django.contrib.gis.db.migrations")


def known_as(path: str) -> str:
    """The name of one of Django's operations by the dotted path it is called by; empty for any other."""
    name = path.rpartition(".")[2]
    if path.startswith("django.db.migrations") and name in OPERATIONS:
        return name
    if path.startswith(_HOMES) and name in POSTGRES:
        return name
    return ""


def parameters(name: str) -> tuple[str, ...]:
    """The names of an operation's arguments, in their order."""
    return OPERATIONS.get(name) or POSTGRES.get(name) or ()
