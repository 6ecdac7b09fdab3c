"""Types of PostgreSQL's columns: what a field is stored as, and whether one type takes all that another one had.

Source: `data_types` and `data_type_check_constraints` of django/db/backends/postgresql/base.py; tests hold this table
to the real one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from divio_provider.migrations.fields import Field
from divio_provider.migrations.values import Call

_TYPES = {
    "AutoField": "integer", "BigAutoField": "bigint", "SmallAutoField": "smallint", "BinaryField": "bytea",
    "BooleanField": "boolean", "NullBooleanField": "boolean", "DateField": "date",
    "DateTimeField": "timestamp with time zone", "DurationField": "interval", "FloatField": "double precision",
    "IntegerField": "integer", "BigIntegerField": "bigint", "SmallIntegerField": "smallint", "OrderWrt": "integer",
    "IPAddressField": "inet", "GenericIPAddressField": "inet", "JSONField": "jsonb", "PositiveBigIntegerField": "bigint",
    "PositiveIntegerField": "integer", "PositiveSmallIntegerField": "smallint", "TextField": "text", "TimeField": "time",
    "UUIDField": "uuid", "HStoreField": "hstore", "SearchVectorField": "tsvector", "CITextField": "citext",
    "CICharField": "citext", "CIEmailField": "citext", "IntegerRangeField": "int4range",
    "BigIntegerRangeField": "int8range", "DecimalRangeField": "numrange", "FloatRangeField": "numrange",
    "DateTimeRangeField": "tstzrange", "DateRangeField": "daterange",
}  # fmt: skip

_LENGTHS: Mapping[str, int | None] = {
    "CharField": None, "EmailField": 254, "FileField": 100, "FilePathField": 100, "ImageField": 100, "SlugField": 50,
    "URLField": 200, "CommaSeparatedIntegerField": None,
}  # fmt: skip

_WHOLE = {"smallint": 2, "integer": 4, "bigint": 8}
_TEXTS = {"text", "varchar"}


@dataclass(frozen=True)
class Type:
    """A column's type.

    Args:
        name: without its size, such as `varchar`.
        size: of a varchar the characters; of a numeric the digits and those after the point; empty: as many as one likes.
        positive: a check refuses numbers below 0.
        counted: the database gives the value itself.
    """

    name: str
    size: tuple[int, ...] = ()
    positive: bool = False
    counted: bool = False

    def __str__(self) -> str:
        """As SQL has it, as far as that tells them apart."""
        size = f"({', '.join(map(str, self.size))})" if self.size else ""
        return f"{self.name}{size}{' >= 0' if self.positive else ''}"


def type_of(field: Field) -> Type | None:
    """What a field's column is; None where that cannot be told (a class of somebody's own, a foreign key)."""
    kind = field.kind
    if kind in _LENGTHS:
        length = field["max_length"] if "max_length" in field.options else _LENGTHS[kind]
        if length is None:
            return Type("varchar")
        return Type("varchar", (length,)) if isinstance(length, int) else None
    if kind == "DecimalField":
        digits, places = field["max_digits"], field["decimal_places"]
        if digits is None and places is None:
            return Type("numeric")
        return Type("numeric", (digits, places)) if isinstance(digits, int) and isinstance(places, int) else None
    if kind == "ArrayField":
        return _array(field)
    if kind not in _TYPES:
        return None
    return Type(_TYPES[kind], (), kind.startswith("Positive"), field.is_auto)


def _array(field: Field) -> Type | None:
    from divio_provider.migrations.fields import field_from  # noqa: PLC0415 - only arrays hold fields

    base = field["base_field"]
    inner = type_of(field_from("element", base)) if isinstance(base, Call) else None
    return Type(f"{inner}[]") if inner else None


def takes_all_of(new: Type, old: Type) -> bool:
    """Whether every value that the old type can hold goes into the new one and comes back as the same value."""
    if new.counted != old.counted or (new.positive and not old.positive):
        return False
    if old.name in _WHOLE and new.name in _WHOLE:
        return _WHOLE[new.name] >= _WHOLE[old.name]
    if old.name in _TEXTS and new.name in _TEXTS:
        return new.name == "text" or not new.size or (bool(old.size) and new.size >= old.size)
    if old.name == new.name == "numeric":
        return _numeric(new.size, old.size)
    return (new.name, new.size) == (old.name, old.size)


def _numeric(new: tuple[int, ...], old: tuple[int, ...]) -> bool:
    if not new:
        return True
    if not old:
        return False
    return new[1] >= old[1] and new[0] - new[1] >= old[0] - old[1]


_NAMES = {
    "int": "integer", "int2": "smallint", "int4": "integer", "int8": "bigint", "character varying": "varchar",
    "decimal": "numeric", "bool": "boolean", "timestamptz": "timestamp with time zone", "float8": "double precision",
    "float": "double precision", "serial": "integer", "bigserial": "bigint",
}  # fmt: skip


def type_in_sql(text: str) -> Type | None:
    """A type as somebody wrote it in SQL; None where we do not know it."""
    found = re.fullmatch(r"\s*([a-z0-9 ]+?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*", text.lower())
    if not found:
        return None
    name = _NAMES.get(found[1], found[1])
    known = {*_TYPES.values(), "varchar", "numeric"}
    if name not in known:
        return None
    size = tuple(int(part) for part in found.groups()[1:] if part is not None)
    if name == "numeric" and len(size) == 1:
        size = (size[0], 0)
    return Type(name, size)
