"""A model's field as migrations declare it, and what of it the database has."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from divio_provider.migrations.values import Call, Name, Unknown, is_known

NO_DATABASE = frozenset({
    "blank", "choices", "editable", "error_messages", "help_text", "limit_choices_to", "related_name",
    "related_query_name", "validators", "verbose_name", "default", "auto_now", "auto_now_add", "upload_to", "storage",
    "serialize", "unique_for_date", "unique_for_month", "unique_for_year", "height_field", "width_field", "path", "match",
    "recursive", "allow_files", "allow_folders", "encoder", "decoder", "protocol", "unpack_ipv4", "swappable",
    "parent_link", "allow_unicode", "block_lookup", "db_tablespace", "symmetrical", "auto_created", "db_comment",
})  # fmt: skip
"""Options that change nothing that code could trip over in the database.

Source: `Field.non_db_attrs` of Django, and the options of its fields that `db_parameters` does not read.
"""

_JUDGED = frozenset({
    "null", "unique", "primary_key", "db_index", "db_column", "db_default", "db_collation", "max_length", "max_digits",
    "decimal_places", "to", "to_field", "db_constraint", "on_delete", "through", "through_fields", "db_table",
    "base_field", "size", "expression", "output_field", "db_persist",
})  # fmt: skip

_MODELS = ("django.db.models.", "django.contrib.gis.db.models.", "django.contrib.postgres.fields.")

# In Django's historical places the class is the same.
_ELSEWHERE = {
    "django.contrib.contenttypes.fields.GenericForeignKey": "GenericForeignKey",
    "django.contrib.contenttypes.generic.GenericForeignKey": "GenericForeignKey",
    "django.contrib.contenttypes.fields.GenericRelation": "GenericRelation",
    "django.contrib.contenttypes.generic.GenericRelation": "GenericRelation",
    "django.contrib.postgres.search.SearchVectorField": "SearchVectorField",
    # Apps that are common on Divio. What they are in the database is read in each app's own source.
    "cms.models.fields.PageField": "ForeignKey",
    "cms.models.fields.PlaceholderField": "ForeignKey",
    "cms.models.fields.PlaceholderRelationField": "GenericRelation",
    "ckeditor.fields.RichTextField": "TextField",
    "ckeditor_uploader.fields.RichTextUploadingField": "TextField",
    "djangocms_text.fields.HTMLField": "TextField",
    "djangocms_text_ckeditor.fields.HTMLField": "TextField",
    "filer.fields.file.FilerFileField": "ForeignKey",
    "filer.fields.folder.FilerFolderField": "ForeignKey",
    "filer.fields.image.FilerImageField": "ForeignKey",
    "mptt.fields.TreeForeignKey": "ForeignKey",
    "mptt.fields.TreeManyToManyField": "ManyToManyField",
    "mptt.fields.TreeOneToOneField": "OneToOneField",
    "modelcluster.fields.ParentalKey": "ForeignKey",
    "modelcluster.fields.ParentalManyToManyField": "ManyToManyField",
    "modelcluster.contrib.taggit.ClusterTaggableManager": "GenericRelation",
    "parler.fields.TranslationsForeignKey": "ForeignKey",
    "sortedm2m.fields.SortedManyToManyField": "ManyToManyField",
    "taggit.managers.TaggableManager": "GenericRelation",
    "tinymce.models.HTMLField": "TextField",
    "wagtail.core.fields.RichTextField": "TextField",
    "wagtail.fields.RichTextField": "TextField",
}

_NO_COLUMN = frozenset(
    {"ManyToManyField", "GenericForeignKey", "GenericRelation", "CompositePrimaryKey", "ForeignObject"}
)
_AUTO = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})


@dataclass(frozen=True)
class Field:
    """A field.

    Args:
        name: as the model has it.
        path: its class, dotted, as the migration names it.
        kind: Django's class that it is in the database, such as `CharField`; empty where nobody knows.
        options: what it is given. Arguments by position of related fields and of GeneratedField are named.
        known: whether all of its options could be read.
    """

    name: str
    path: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    known: bool = True

    def __getitem__(self, option: str) -> Any:  # noqa: ANN401 - any value
        """An option, None where it is not given."""
        return self.options.get(option)

    @property
    def is_relation(self) -> bool:
        """Whether it is a foreign key: its column is its name with `_id`."""
        return self.kind in {"ForeignKey", "OneToOneField"}

    @property
    def is_many(self) -> bool:
        """Whether it is a table of its own instead of a column."""
        return self.kind == "ManyToManyField"

    @property
    def has_column(self) -> bool:
        """Whether its model's table has a column for it."""
        return self.kind not in _NO_COLUMN

    @property
    def column(self) -> str:
        """The column's name, in lower case."""
        named = self["db_column"]
        if isinstance(named, str):
            return named.lower()
        return f"{self.name}_id".lower() if self.is_relation else self.name.lower()

    @property
    def is_auto(self) -> bool:
        """Whether the database counts it up by itself."""
        return self.kind in _AUTO

    @property
    def nullable(self) -> bool | None:
        """Whether it takes NULL; None where that cannot be told."""
        null = self["null"]
        if self.kind == "NullBooleanField":
            return True
        if null is None:
            # Also of a class that nobody knows: makemigrations writes every option that a field has.
            return False
        return null if isinstance(null, bool) else None

    @property
    def unique(self) -> bool | None:
        """Whether no two rows may have the same value; None where that cannot be told."""
        if self.kind == "OneToOneField" or self["primary_key"] is True:
            return True
        unique = self["unique"]
        if unique is None:
            return False
        return unique if isinstance(unique, bool) else None

    @property
    def default_in_database(self) -> bool:
        """Whether the database itself fills it in (Django 5.0 and newer)."""
        return "db_default" in self.options and self["db_default"] is not None

    @property
    def target(self) -> object:
        """The model that it refers to, in lower case where it is a text."""
        to = self["to"]
        return to.lower() if isinstance(to, str) else to

    def renamed(self, name: str) -> "Field":
        """The same under another name."""
        return replace(self, name=name)

    def differing(self, other: "Field") -> frozenset[str]:
        """The options in which two differ and which may matter to the database."""
        names = (self.options.keys() | other.options.keys()) - NO_DATABASE
        return frozenset(name for name in names if self[name] != other[name])

    @property
    def unjudged(self) -> frozenset[str]:
        """Options of classes of somebody's own, of which only their authors know what they do."""
        return frozenset(self.options.keys() - NO_DATABASE - _JUDGED)


def kind_of(path: str) -> str:
    """Django's name for a field's class, empty for a class that is not Django's."""
    if path in _ELSEWHERE:
        return _ELSEWHERE[path]
    if path in _KEYS or (path.startswith(_MODELS) and path.endswith("Field")):
        return path.rpartition(".")[2]
    return ""


_KEYS = frozenset(
    f"django.db.models.{inner}{name}"
    for name in ("ForeignKey", "CompositePrimaryKey", "ForeignObject", "OrderWrt")
    for inner in ("", "fields.related.", "fields.composite.", "fields.proxy.", "related.")
)


def field_from(name: str, value: object, own_kind: Mapping[str, "OwnField"] | None = None) -> Field:
    """A field by what a migration has for it.

    Args:
        name: the field's name.
        value: what was read.
        own_kind: what is known of the project's own classes, by dotted path.
    """
    if not isinstance(value, Call):
        text = value.text if isinstance(value, Unknown) else str(value)
        return Field(name, text, "", {}, known=False)
    own = own_kind.get(value.path) if own_kind is not None else None
    kind = own.kind if own else kind_of(value.path)
    options = dict(value.options)
    for position, option in enumerate(_POSITIONS.get(kind, ())):
        if position < len(value.arguments):
            options.setdefault(option, value.arguments[position])
    if own:
        options = {**own.defaults, **options, **own.forced}
    elif not kind:
        kind = _guess(options)
    known = value.complete and bool(own or kind_of(value.path)) and (own is None or own.complete)
    return Field(name, value.path, kind, options, known)


@dataclass(frozen=True)
class OwnField:
    """A field class of the project.

    Args:
        kind: Django's class that it derives from, empty where that cannot be told.
        defaults: options that it gives where the migration has none.
        forced: options that it always has.
        complete: False where it may well do something else to the database.
    """

    kind: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    forced: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = True


_POSITIONS = {
    "ForeignKey": ("to", "on_delete"),
    "OneToOneField": ("to", "on_delete"),
    "ManyToManyField": ("to",),
    "ArrayField": ("base_field", "size"),
}


def _guess(options: Mapping[str, Any]) -> str:
    """What a class that nobody knows is by its arguments: only relations have a target."""
    if "to" not in options:
        return ""
    if "on_delete" in options:
        return "ForeignKey"
    return "ManyToManyField"


def is_literal(value: object) -> bool:
    """Whether a value is fully known, names of models that settings choose left out."""
    return is_known(value) and not isinstance(value, Name)
