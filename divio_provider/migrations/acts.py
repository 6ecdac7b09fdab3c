"""What a statement of SQL does to the database, one act after the other."""

from dataclasses import dataclass, field
from enum import Enum, auto

from divio_provider.migrations.database import Database


class Does(Enum):
    """Kinds of acts."""

    NOTHING = auto()
    UNCLEAR = auto()
    CREATE_TABLE = auto()
    DROP_TABLE = auto()
    RENAME_TABLE = auto()
    ADD_COLUMN = auto()
    DROP_COLUMN = auto()
    RENAME_COLUMN = auto()
    CHANGE_TYPE = auto()
    SET_NOT_NULL = auto()
    DROP_NOT_NULL = auto()
    SET_DEFAULT = auto()
    DROP_DEFAULT = auto()
    UNIQUE = auto()
    REFUSE = auto()
    INDEX = auto()
    INSERT = auto()
    UPDATE = auto()
    DELETE = auto()
    MAKE = auto()
    REPLACE = auto()
    WATCH = auto()
    REMOVE = auto()


@dataclass(frozen=True)
class Act:
    """One act.

    Args:
        does: its kind.
        table, column: where, in lower case and without schema.
        other: the new name, the type, or what is made, replaced or removed.
        columns: several; empty where they cannot be told (expressions).
        nullable, filled, unique, calculated: of a new column.
        why: a clause for acts that need no looking at models.
    """

    does: Does
    table: str = ""
    column: str = ""
    other: str = ""
    columns: tuple[str, ...] = ()
    nullable: bool = True
    filled: bool = False
    unique: bool = False
    calculated: bool = False
    why: str = field(default="")


def nothing(why: str) -> Act:
    """Harmless whatever the models are."""
    return Act(Does.NOTHING, why=why)


def unclear(why: str) -> Act:
    """Nobody can tell by reading."""
    return Act(Does.UNCLEAR, why=why)


def perform(database: Database, act: Act) -> None:
    """Keep track of what an act does."""
    table, column = act.table, act.column
    if act.does is Does.CREATE_TABLE:
        database.add_table(table)
    elif act.does is Does.DROP_TABLE:
        database.drop_table(table)
    elif act.does is Does.RENAME_TABLE:
        database.rename_table(table, act.other)
    elif act.does is Does.ADD_COLUMN:
        if database.column(table, column) is None:
            added = database.add_column(table, column)
            added.nullable, added.default, added.unique = act.nullable, act.filled or act.calculated, act.unique
    elif act.does is Does.DROP_COLUMN:
        database.drop_column(table, column)
    elif act.does is Does.RENAME_COLUMN:
        database.rename_column(table, column, act.other)
    elif act.does in {Does.MAKE, Does.REPLACE}:
        database.made.add(act.other)
    elif act.does is Does.REMOVE:
        database.made.discard(act.other)
    elif act.does in _FLAGS:
        known = database.known_column(table, column)
        flag, value = _FLAGS[act.does]
        setattr(known, flag, value)


_FLAGS = {
    Does.SET_NOT_NULL: ("nullable", False),
    Does.DROP_NOT_NULL: ("nullable", True),
    Does.SET_DEFAULT: ("default", True),
    Does.DROP_DEFAULT: ("default", False),
}
