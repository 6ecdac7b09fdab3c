"""ALTER TABLE, action by action.

Source: https://www.postgresql.org/docs/current/sql-altertable.html
"""

from divio_provider.migrations.acts import Act, Does, nothing, unclear
from divio_provider.migrations.words import Words

_RULES = {"UNIQUE", "CHECK", "PRIMARY", "FOREIGN", "EXCLUDE", "CONSTRAINT", "NOT"}
_HARMLESS = {"VALIDATE", "CLUSTER", "REPLICA", "RESET", "ATTACH"}
_FILLED_TYPES = {"SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL4", "SERIAL8", "SERIAL2"}


def alter_table(words: Words) -> list[Act]:
    """The acts of one statement; `words` stand behind ALTER TABLE."""
    words.skip("IF", "EXISTS", "ONLY")
    table = words.name()
    words.skip("*")
    return [act for part in words.parts() for act in _action(table, part)] or [unclear("what ALTER TABLE does")]


def _action(table: str, words: Words) -> list[Act]:
    verb = words.take().upper()
    if verb == "ADD":
        return _add(table, words)
    if verb == "DROP":
        if words.peek() == "CONSTRAINT":
            return [nothing(f"one rule less for {table}")]
        words.skip("COLUMN", "IF", "EXISTS")
        return [Act(Does.DROP_COLUMN, table, words.name())]
    if verb == "ALTER":
        if words.peek() == "CONSTRAINT":
            return [nothing("when a rule is looked at changes, not the rule")]
        words.skip("COLUMN")
        return _column(table, words.name(), words)
    if verb == "RENAME":
        return _rename(table, words)
    if verb in _HARMLESS or (
        verb == "SET" and words.peek() in {"(", "TABLESPACE", "LOGGED", "UNLOGGED", "WITHOUT", "ACCESS"}
    ):
        return [nothing(f"how {table} is stored")]
    return [unclear(f"what ALTER TABLE … {verb} {words.peek()} means to old code".replace("  ", " "))]


def _rename(table: str, words: Words) -> list[Act]:
    if words.skip("TO"):
        return [Act(Does.RENAME_TABLE, table, other=words.name())]
    if words.peek() in {"CONSTRAINT", "INDEX"}:
        return [nothing("the name of a rule")]
    words.skip("COLUMN")
    old = words.name()
    words.skip("TO")
    return [Act(Does.RENAME_COLUMN, table, old, other=words.name())]


def _add(table: str, words: Words) -> list[Act]:
    if words.peek() in _RULES:
        return [_rule(table, words)]
    words.skip("COLUMN", "IF", "NOT", "EXISTS")
    if words.peek() in {"", "("} and not words.is_quoted():
        return [unclear(f"what is added to {table}")]
    name = words.name()
    definition = words.outside()
    shown = " ".join(definition)
    generated = "GENERATED" in definition
    primary = "PRIMARY" in definition
    kind = definition[0] if definition else ""
    default = "DEFAULT" in definition and definition[definition.index("DEFAULT") + 1 :][:1] != ["NULL"]
    acts = [
        Act(
            Does.ADD_COLUMN,
            table,
            name,
            nullable="NOT NULL" not in shown and not primary and kind not in _FILLED_TYPES,
            filled=(default and not (generated and "BY DEFAULT" in shown))
            or kind in _FILLED_TYPES
            or "IDENTITY" in definition,
            unique=(primary or "UNIQUE" in definition) and "IDENTITY" not in definition and kind not in _FILLED_TYPES,
            calculated=generated and "IDENTITY" not in definition,
        )
    ]
    if "CHECK" in definition and not default:
        # NULL passes a check, unless the check asks for it.
        acts.append(nothing("a check on the new column, which NULL passes"))
    elif "CHECK" in definition:
        acts.append(unclear(f"whether the default of {table}.{name} passes the check on it"))
    return acts


def _rule(table: str, words: Words) -> Act:
    if words.skip("CONSTRAINT"):
        words.name()
    kind = words.take().upper()
    if kind in {"UNIQUE", "PRIMARY"}:
        if words.has("USING") or words.has("DISTINCT"):
            return Act(Does.UNIQUE, table)
        return Act(Does.UNIQUE, table, columns=words.columns())
    if kind == "FOREIGN":
        return Act(Does.REFUSE, table, columns=words.columns(), why="a foreign key")
    if kind == "NOT":
        words.skip("NULL")
        return Act(Does.SET_NOT_NULL, table, words.name())
    return Act(Does.REFUSE, table, why={"CHECK": "a check", "EXCLUDE": "an exclusion"}.get(kind, kind.lower()))


def _column(table: str, column: str, words: Words) -> list[Act]:
    verb = words.take().upper()
    what = words.peek()
    if verb == "SET" and what == "DATA":
        words.skip("DATA")
        verb, what = words.take().upper(), words.peek()
    if verb == "TYPE":
        return [Act(Does.CHANGE_TYPE, table, column, other=words.until("USING", "COLLATE"))]
    if verb == "SET" and what == "DEFAULT":
        words.skip("DEFAULT")
        return [Act(Does.DROP_DEFAULT if words.peek() == "NULL" else Does.SET_DEFAULT, table, column)]
    if verb == "DROP" and what == "DEFAULT":
        return [Act(Does.DROP_DEFAULT, table, column)]
    if what == "NOT" and verb in {"SET", "DROP"}:
        return [Act(Does.SET_NOT_NULL if verb == "SET" else Does.DROP_NOT_NULL, table, column)]
    if verb == "ADD" and what == "GENERATED":
        return [Act(Does.SET_DEFAULT, table, column)]
    if verb == "DROP" and what in {"IDENTITY", "EXPRESSION"}:
        return [Act(Does.DROP_DEFAULT, table, column)]
    if (verb == "SET" and what in {"STATISTICS", "STORAGE", "COMPRESSION", "(", "GENERATED"}) or verb in {
        "RESET",
        "RESTART",
    }:
        return [nothing(f"how {table}.{column} is stored")]
    return [unclear(f"what {verb} {what} means for {table}.{column}")]
