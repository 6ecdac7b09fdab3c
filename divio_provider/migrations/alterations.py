"""AlterField on a column that old code knows: what changes of it in the database, part by part."""

from divio_provider.migrations.columns import takes_all_of, type_of
from divio_provider.migrations.fields import Field
from divio_provider.migrations.situation import Situation
from divio_provider.migrations.state import is_setting
from divio_provider.migrations.values import Name
from divio_provider.migrations.verdict import Verdict, contract, expand, undecided, worst

_OF_TYPE = frozenset({
    "max_length", "max_digits", "decimal_places", "base_field", "size", "srid", "dim", "geography", "expression",
    "output_field", "db_persist",
})  # fmt: skip


def altered(situation: Situation, table: str, old: Field, new: Field) -> Verdict:
    """What an altered field is to old code. `table` is the table's name before."""
    where = f"{table}.{old.column}"
    parts = [
        _column(where, old, new),
        _null(where, old, new),
        _unique(situation, table, old, new),
        _default(where, old, new),
        _relation(where, old, new) if old.is_relation and new.is_relation else _type(where, old, new),
        _collation(where, old, new),
        _own_options(old, new),
    ]
    verdict = worst((part for part in parts if part is not None), "no change in the database")
    if old["choices"] != new["choices"] and new["choices"] is not None:
        verdict = verdict.with_remarks("old code's forms refuse values that only the new choices have")
    return verdict


def _column(where: str, old: Field, new: Field) -> Verdict | None:
    if old.column == new.column:
        return None
    return contract(f"renames {where} to {new.column}: old code selects and inserts {old.column} by name")


def _null(where: str, old: Field, new: Field) -> Verdict | None:
    if old.nullable == new.nullable and old.nullable is not None:
        return None
    if old.nullable is None or new.nullable is None:
        return None if old["null"] == new["null"] else undecided(f"whether {where} takes NULL is not written plainly")
    if new.nullable:
        return expand(f"{where} now takes NULL", "old code may read None where there never was one")
    return contract(f"{where} becomes NOT NULL: old code may still write NULL")


def _unique(situation: Situation, table: str, old: Field, new: Field) -> Verdict | None:
    where = f"{table}.{old.column}"
    if bool(old["primary_key"]) != bool(new["primary_key"]):
        return contract(f"{where} becomes the primary key or is it no more: old code finds rows by the old one")
    if old.unique == new.unique and old.unique is not None:
        return None
    if old.unique is None or new.unique is None:
        return (
            None if old["unique"] == new["unique"] else undecided(f"whether {where} is unique is not written plainly")
        )
    if not new.unique:
        return expand(f"{where} need no longer be unique", "old code may find two rows where it expects one")
    if situation.held_at_base(table, [old.column]):
        return expand(f"{where} is unique at base already")
    return contract(f"{where} becomes unique: old code may write a value that is there")


def _default(where: str, old: Field, new: Field) -> Verdict | None:
    if old["db_default"] == new["db_default"]:
        return None
    if new.default_in_database:
        return expand(f"{where} has another default in the database")
    if new.nullable:
        return expand(f"{where} has no default in the database any more", "rows of old code may have NULL here")
    return contract(f"{where} has no default in the database any more: old code leaves it to the database, and fails")


def _relation(where: str, old: Field, new: Field) -> Verdict | None:
    if old.target != new.target:
        if is_setting(old.target) or is_setting(new.target):
            return undecided(f"whether the model that a setting names is what {where} referred to before")
        return contract(
            f"{where} refers to {_named(new)} instead of {_named(old)}: old code writes keys of the old one"
        )
    if old["to_field"] != new["to_field"]:
        return contract(f"{where} refers to another column of {_named(new)}: old code writes values of the old one")
    if old["db_constraint"] is False and new["db_constraint"] is not False:
        return contract(f"{where} may no longer refer to what is not there: old code may write that")
    if old["db_constraint"] is not False and new["db_constraint"] is False:
        return expand(f"{where} may refer to what is not there any more")
    if _in_database(old) != _in_database(new):
        return expand(f"{where}: the database itself handles deletions differently", "old code's deletions do as well")
    return None


def _in_database(field: Field) -> str:
    found = field["on_delete"]
    return found.last if isinstance(found, Name) and found.last.startswith("DB_") else ""


def _named(field: Field) -> str:
    return str(field["to"].path if isinstance(field["to"], Name) else field["to"])


def _type(where: str, old: Field, new: Field) -> Verdict | None:
    differing = old.differing(new) & _OF_TYPE
    if old.path == new.path and not differing:
        return None
    if old.is_relation != new.is_relation:
        one, other = (old, new) if old.is_relation else (new, old)
        return undecided(f"{where} is a {one.kind} on one side and {other.kind or other.path} on the other")
    was, becomes = type_of(old), type_of(new)
    if was is None or becomes is None or not (old.known and new.known):
        if old.path == new.path and _only_longer(old, new, differing):
            return expand(f"{where} takes longer values")
        shown = next(field for field in (new, old) if not field.known or type_of(field) is None)
        what = (
            f"what {shown.path} is in the database"
            if not shown.known
            else f"the size of {shown.path}, not written plainly"
        )
        return undecided(f"{what}; {where} may change its type")
    if was == becomes:
        return None
    if takes_all_of(becomes, was):
        return expand(f"{where} goes from {was} to {becomes}, which takes all that old code writes", _longer(old, new))
    if was.name == becomes.name and not was.counted and not becomes.counted:
        return contract(f"{where} goes from {was} to {becomes}: old code may write what no longer fits")
    return contract(f"{where} goes from {was} to {becomes}: old code writes and reads another type")


def _only_longer(old: Field, new: Field, differing: frozenset[str]) -> bool:
    before, after = old["max_length"], new["max_length"]
    return differing == {"max_length"} and isinstance(before, int) and isinstance(after, int) and after > before


def _longer(old: Field, new: Field) -> str:
    return (
        "" if old["max_length"] == new["max_length"] else "old code's forms refuse to save values longer than it knows"
    )


def _collation(where: str, old: Field, new: Field) -> Verdict | None:
    if old["db_collation"] == new["db_collation"]:
        return None
    return contract(f"{where} has another collation: what old code compares, sorts and finds there changes")


def _own_options(old: Field, new: Field) -> Verdict | None:
    """Options of classes that we could not read may mean anything."""
    if old.known and new.known:
        return None
    names = old.differing(new) & (old.unjudged | new.unjudged)
    if not names:
        return None
    return undecided(f"what {', '.join(sorted(names))} of {new.path} does in the database")
